"""A desk that runs, and a browser."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from lumbung.city.importing.generated_town import write_town
from lumbung.city.importing.model import import_model
from small_desk import Desk

FLAGS = ["--headless", "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for the tests of a file."""
    running = Desk(tmp_path_factory.mktemp("home"), LUMBUNG_DESK_UPLOAD="3")
    yield running
    running.stop()
    assert not running.witness.exists(), running.witness.read_text()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless Chromium that reaches no other host."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs Chromium on the path (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def small_scenario(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two crossings and five minutes of generated traffic, as somebody packs their SUMO folder."""
    folder = tmp_path_factory.mktemp("town")
    town = folder / "town"
    import_model(write_town(folder / "map.osm", columns=2, rows=1), town)
    configuration = town / "town.sumocfg"
    text = configuration.read_text()
    begin = re.search(r'begin value="(\d+)"', text)
    assert begin is not None
    configuration.write_text(re.sub(r'end value="\d+"', f'end value="{int(begin.group(1)) + 300}"', text))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("town.net.xml", "town.rou.xml", "plans.add.xml", "town.sumocfg"):
            if (town / name).exists():
                archive.write(town / name, f"Bandung/{name}")
    return packed.getvalue()
