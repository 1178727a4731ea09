"""Own layers: a raster in metres and a vector file in degrees lie on every map; what is none is named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from desk_journeys import Visit
from small_desk import Desk

POINTS = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "properties": {"nama": "Puskesmas"}, "geometry": {"type": "Point", "coordinates": [107.6, -6.9, 700]}},
        {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [[[107, -7], [108, -7], [108, -6], [107, -7]]]}},
        {"type": "Feature", "properties": {}, "geometry": None},
    ],
}  # fmt: skip


def _sent(desk: Desk, name: str, content: bytes) -> str:
    answer = desk.post(desk.owner, "/layers", {}, {"layer": (name, content)})
    found = re.search(r"/jobs/([\w-]+)$", str(answer.url))
    assert found is not None, answer.text
    return found.group(1)


def _raster(path: Path) -> bytes:
    values = np.tile(np.arange(60, dtype=np.float32), (40, 1))
    values[0, 0] = -9999
    with rasterio.open(
        path, "w", driver="GTiff", width=60, height=40, count=1, dtype="float32", crs="EPSG:32748", nodata=-9999,
        transform=from_origin(780000, 9240000, 500, 500),
    ) as raster:  # fmt: skip
        raster.write(values, 1)
    return path.read_bytes()


def test_a_raster_in_metres_and_a_vector_file_are_drawn(desk: Desk, tmp_path: Path) -> None:
    raster = _sent(desk, "lereng.tif", _raster(tmp_path / "lereng.tif"))
    vector = _sent(desk, "fasilitas.geojson", json.dumps(POINTS).encode())
    assert desk.over(raster)["status"] == "done"
    assert desk.over(vector)["status"] == "done"
    told = desk.owner.get(f"/jobs/{raster}/files/layer.json").json()
    west, south, east, north = told["bounds"]
    assert 107.4 < west < east < 108.0
    assert -7.2 < south < north < -6.8
    assert (told["low"], told["high"]) == pytest.approx((1, 58), abs=1.5)
    assert desk.owner.get(f"/jobs/{raster}/files/layer.png").content[:4] == b"\x89PNG"
    assert desk.owner.get(f"/jobs/{vector}/files/layer.json").json()["features"] == 2
    page = desk.owner.get(f"/jobs/{raster}").text
    assert f'value="{vector}"' in page  # it can be laid on this map too


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.tif", b"II*\0 half", "a.tif|layer.tif"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "layer.geojson"),
        ("a.geojson", b'{"type": "Point", "coordinates": [780000, 9240000]}', "expected degrees"),
        ("a.geojson", b'{"type": "Point", "coordinates": [1e999, 2]}', "longitude and latitude"),
        ("a.geojson", b"[" * 100_000, "layer.geojson"),
        ("a.json", b'{"name": "x"}', "expected GeoJSON"),
    ],
    ids=["half a raster", "half a file", "metres", "infinite", "deep", "other JSON"],
)
def test_what_is_no_layer_is_named(desk: Desk, name: str, content: bytes, says: str) -> None:
    job = _sent(desk, name, content)
    assert desk.over(job)["status"] == "failed"
    page = desk.owner.get(f"/jobs/{job}").text
    assert "The layer cannot be drawn" in page
    assert re.search(says, page)
    assert str(desk.home) not in page
    assert desk.post(desk.owner, "/layers", {}, {"layer": ("a.pdf", b"%PDF")}).status_code == 422


@pytest.mark.browser
def test_layers_lie_on_a_map(desk: Desk, chromium: Any, tmp_path: Path) -> None:
    raster = _sent(desk, "lereng.tif", _raster(tmp_path / "lereng.tif"))
    vector = _sent(desk, "fasilitas.geojson", json.dumps(POINTS).encode())
    assert desk.over(raster)["status"] == desk.over(vector)["status"] == "done"
    visit = Visit(desk, chromium, "id", 360)
    visit.go("/layers")
    visit.page.goto(f"{desk.url}/jobs/{raster}")
    visit.page.wait_for_selector(f".deskmap[data-own='{raster}']")
    visit.page.locator(f"fieldset.own input[value='{vector}']").check()
    visit.page.wait_for_selector(f".deskmap[data-own='{vector}']")
    visit.finished()
    visit.context.close()
    assert not visit.wrong
