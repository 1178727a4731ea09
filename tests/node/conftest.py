"""A node before a centre that answers as it is told, in this process."""

from __future__ import annotations

import pytest

from lumbung.node.folder import NodeFolder, Settings
from lumbung.node.line import Line
from small_node import Centre


@pytest.fixture
def centre():
    return Centre()


@pytest.fixture
def line(centre):
    found = Line("http://centre.test/", "secret", centre)
    yield found
    found.close()


@pytest.fixture
def folder(tmp_path):
    found = NodeFolder(tmp_path / "node")
    found.write_settings(Settings("node-a", "ID", "http://centre.test", 1))
    return found
