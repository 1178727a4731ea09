"""Drawing a layer as a job: a raster becomes a picture that a web map lays over the land, a vector file is checked and kept."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.desk.jobs.folder import Job
from lumbung.desk.jobs.progress import JobError, Progress
from lumbung.proving.run_folder import write_whole

MOST_PIXELS = 1600
"""A side of the drawn picture."""
MOST_BYTES = 64 * 2**20
"""Of a vector file: more than this no browser draws at once."""
_STEPS = 32
# Dark to light, violet to yellow: in order also for who sees no red or green, and in grey.
_FROM, _MIDDLE, _TO = (68, 1, 84), (33, 145, 140), (253, 231, 37)


def draw(job: Job, progress: Progress) -> None:
    """Draw the layer of a job; ``layer.json`` says of which kind it is and where it lies.

    Raises
    ------
    JobError
        ``layer``, with what was found.
    """
    progress.stage("reading")
    path = next(iter(sorted(job.input.glob("layer.*"))))
    if path.suffix in (".tif", ".tiff"):
        picture, told = _raster(path)
        write_whole(job.result / "layer.png", picture)
    else:
        features, told = _vector(path)
        write_whole(job.result / "layer.geojson", json.dumps(features, ensure_ascii=False).encode())
    job.write_result("layer.json", told)
    progress.ready()


def _raster(path: Path) -> tuple[bytes, dict[str, Any]]:
    """Return a raster's first band as a picture in Mercator, and what it is: edges [deg], lowest and highest value."""
    from rasterio.errors import RasterioError
    from rasterio.vrt import WarpedVRT
    from rasterio.warp import transform_bounds

    from lumbung.connectivity.ground.geotiff import open_geotiff

    try:
        with open_geotiff(path) as source:
            if source.crs is None:
                raise JobError("layer", f"{path.name}: found no projection, expected one (GeoTIFF keys)")
            with WarpedVRT(source, crs="EPSG:3857") as flat:
                shrink = max(flat.width, flat.height, MOST_PIXELS) / MOST_PIXELS
                shape = (max(round(flat.height / shrink), 1), max(round(flat.width / shrink), 1))
                values = flat.read(1, out_shape=shape, masked=True).astype(float).filled(np.nan)
                bounds = transform_bounds("EPSG:3857", "EPSG:4326", *flat.bounds)
    except (RasterioError, OSError, ValueError) as error:
        if isinstance(error, JobError):
            raise
        raise JobError("layer", str(error).replace(f"{path.parent}/", "")) from None
    known = values[np.isfinite(values)]
    if not known.size:
        raise JobError("layer", f"{path.name}: found no value in band 1, expected some")
    if not all(map(math.isfinite, bounds)):
        raise JobError("layer", f"{path.name}: found a place that is none on Earth: {bounds}")
    low, high = (float(v) for v in np.percentile(known, (2, 98)))
    return _picture(values, low, high), {
        "kind": "raster", "bounds": list(bounds), "low": low, "high": high, "colours": _ramp(5),
    }  # fmt: skip


def _ramp(steps: int) -> list[str]:
    found = []
    for share in np.linspace(0.0, 1.0, steps):
        first, second, part = (_FROM, _MIDDLE, 2 * share) if share < 0.5 else (_MIDDLE, _TO, 2 * share - 1)
        found.append(
            "#" + "".join(f"{round(a + part * (b - a)):02x}" for a, b in zip(first, second, strict=True))
        )
    return found


def _picture(values: NDArray[np.floating], low: float, high: float) -> bytes:
    from lumbung.desk.connectivity.overlay import png

    share = np.clip((values - low) / max(high - low, 1e-12), 0.0, 1.0)
    classes = np.where(np.isfinite(share), np.floor(np.nan_to_num(share) * (_STEPS - 1)) + 1, 0).astype(
        np.uint8
    )
    return png(classes, _ramp(_STEPS), 200)


def _vector(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a GeoJSON file's features and where they lie (RFC 7946: longitude and latitude, WGS 84)."""
    if path.stat().st_size > MOST_BYTES:
        raise JobError(
            "layer", f"{path.name}: found {path.stat().st_size} bytes, expected at most {MOST_BYTES}"
        )
    try:
        # pandas and others write NaN where nothing is known, which is no JSON and stops a browser
        given = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=lambda _word: None)
    except (ValueError, RecursionError) as error:
        raise JobError("layer", f"{path.name}: {error}") from None
    features = _features(given, path.name)
    places = [at for number, one in enumerate(features, start=1) for at in _places(one, number)]
    if not places:
        raise JobError("layer", f"{path.name}: found no place, expected features with coordinates")
    x, y = [p[0] for p in places], [p[1] for p in places]
    bounds = [min(x), min(y), max(x), max(y)]
    return {"type": "FeatureCollection", "features": features}, {
        "kind": "vector", "bounds": bounds, "features": len(features),
    }  # fmt: skip


def _features(given: Any, name: str) -> list[dict[str, Any]]:
    kind = given.get("type") if isinstance(given, dict) else None
    if kind == "FeatureCollection" and isinstance(given.get("features"), list):
        return [one for one in given["features"] if isinstance(one, dict) and one.get("geometry")]
    if kind == "Feature":
        return [given]
    if kind in ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"):
        return [{"type": "Feature", "properties": {}, "geometry": given}]
    raise JobError("layer", f"{name}: found {str(kind)[:40]}, expected GeoJSON, a FeatureCollection")


def _places(feature: dict[str, Any], number: int) -> list[tuple[float, float]]:
    """Return every place of a feature.

    Raises
    ------
    JobError
        It holds something else, or is not in degrees.
    """
    geometry = feature["geometry"]
    inner = geometry.get("geometries") if isinstance(geometry, dict) else None
    parts = inner if isinstance(inner, list) else [geometry]
    found: list[tuple[float, float]] = []
    waiting = [part.get("coordinates") if isinstance(part, dict) else part for part in parts]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, list) or not part:
            raise JobError("layer", f"feature {number}: found {str(part)[:40]}, expected coordinates")
        if isinstance(part[0], list):
            waiting += part
            continue
        place = part[:2]
        if len(place) < 2 or not all(isinstance(v, int | float) and math.isfinite(v) for v in place):
            raise JobError(
                "layer", f"feature {number}: found {str(part)[:40]}, expected longitude and latitude"
            )
        if abs(place[0]) > 180 or abs(place[1]) > 90:
            raise JobError(
                "layer", f"feature {number}: found {place[0]:g}, {place[1]:g}, expected degrees (WGS 84)"
            )
        found.append((float(place[0]), float(place[1])))
    return found
