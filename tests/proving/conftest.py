"""A challenge on disk that passes its own check."""

from __future__ import annotations

import pytest

from lumbung.proving.scaffold import new_challenge


@pytest.fixture
def toy(tmp_path):
    """The folder of a small prediction challenge with five cases."""
    new_challenge(tmp_path / "toy")
    return tmp_path / "toy"
