"""ITU-R P.2109 against 31,250 published values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lumbung.connectivity.engine.building_entry import building_entry_loss

pytestmark = pytest.mark.reference


def test_all_published_values(reference: Callable[[str], Path]) -> None:
    path = reference("connectivity/p2109") / "validation.csv"
    ghz, percent, kind, elevation, expected = np.loadtxt(path, delimiter=",", skiprows=1, unpack=True)
    assert expected.size == 31_250
    traditional = building_entry_loss(ghz * 1e3, percent / 100, "traditional", elevation)
    efficient = building_entry_loss(ghz * 1e3, percent / 100, "thermally efficient", elevation)
    ours = np.where(kind == 1, traditional, efficient)
    assert np.abs(ours - expected).max() < 1e-6
