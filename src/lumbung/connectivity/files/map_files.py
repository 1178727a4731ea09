"""Write coverage for others to open: GeoTIFF for QGIS, GeoJSON, KML for Google Earth, a table of villages.

Each file says where its ground comes from, and that it is generated where it is.
"""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.people.demand import Demand
from lumbung.connectivity.radio.coverage import CoverageMap, Reception, Site

SMALLEST_PATCH = 6
"""Covered or uncovered patches of fewer cells are merged into their surroundings in polygons (not in rasters)."""


def write_geotiff(
    path: Path,
    values: NDArray[Any],
    grid: Grid,
    *,
    label: str,
    quantity: str,
    unit: str,
    nodata: float = float("nan"),
) -> None:
    """Write a raster as a cloud-optimised GeoTIFF in WGS 84, with its source in the tags."""
    import rasterio
    from rasterio.io import MemoryFile
    from rasterio.shutil import copy
    from rasterio.transform import from_origin

    transform = from_origin(
        grid.west - 0.5 * grid.step_lon, grid.north + 0.5 * grid.step_lat, grid.step_lon, grid.step_lat
    )
    profile = {
        "driver": "GTiff",
        "height": values.shape[0],
        "width": values.shape[1],
        "count": 1,
        "dtype": values.dtype,
        "crs": "EPSG:4326",
        "transform": transform,
        "nodata": nodata,
    }
    with rasterio.Env(), MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(values, 1)
            raster.set_band_description(1, quantity)
            raster.set_band_unit(1, unit)
            raster.update_tags(terrain=label, quantity=quantity, unit=unit, software="lumbung")
        with memory.open() as raster, MemoryFile() as packed:
            copy(raster, packed.name, driver="COG", compress="DEFLATE", predictor="YES")
            # Written by us: over a full disk GDAL raises errors that tell nobody's fault from another's.
            path.write_bytes(packed.getbuffer())


def covered_area(coverage: CoverageMap, threshold: float) -> list[dict[str, Any]]:
    """Return the area with at least ``threshold`` [dBm] as GeoJSON polygons."""
    from rasterio.features import shapes, sieve
    from rasterio.transform import from_origin

    grid = coverage.grid
    covered = (np.nan_to_num(coverage.rsrp, nan=-999.0) >= threshold).astype(np.uint8)
    covered = sieve(covered, SMALLEST_PATCH)
    transform = from_origin(
        grid.west - 0.5 * grid.step_lon, grid.north + 0.5 * grid.step_lat, grid.step_lon, grid.step_lat
    )
    return [
        _rounded(shape) for shape, value in shapes(covered, covered == 1, transform=transform) if value == 1
    ]


def _rounded(shape: dict[str, Any]) -> dict[str, Any]:
    rings = [[(round(x, 6), round(y, 6)) for x, y in ring] for ring in shape["coordinates"]]
    return {"type": shape["type"], "coordinates": rings}


def write_geojson(
    path: Path,
    coverage: CoverageMap,
    sites: Sequence[Site],
    demand: Demand | None,
    reception: Reception | None,
    threshold: float,
) -> None:
    """Write covered area, towers and villages as one GeoJSON file (RFC 7946)."""
    features: list[dict[str, Any]] = [
        _feature(shape, kind="covered area", rsrp_dbm_at_least=threshold)
        for shape in covered_area(coverage, threshold)
    ]
    features += [
        _feature(_point(site.longitude, site.latitude), kind="tower", id=site.id, height_m=site.height)
        for site in sites
    ]
    if demand is not None and reception is not None:
        features += [
            _feature(
                _point(float(demand.longitude[k]), float(demand.latitude[k])),
                kind="village",
                **_village_row(demand, reception, sites, k),
            )
            for k in range(demand.size)
        ]
    document = {
        "type": "FeatureCollection",
        "terrain": coverage.label,
        "generated": coverage.generated or bool(demand and demand.generated),
        "notes": list(coverage.notes),
        "features": features,
    }
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _point(longitude: float, latitude: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(longitude, 6), round(latitude, 6)]}


def _village_row(demand: Demand, reception: Reception, sites: Sequence[Site], k: int) -> dict[str, Any]:
    heard = reception.server[k] >= 0
    return {
        "id": demand.id[k],
        "name": demand.name[k],
        "people": float(demand.people[k]),
        "served": bool(reception.served[k]),
        "predicted": bool(reception.predicted[k]),
        "rsrp_dbm": round(float(reception.rsrp[k]), 1) if heard else None,
        "sinr_db": round(float(reception.sinr[k]), 1) if heard else None,
        "mbit_s": round(float(reception.rate[k]), 2) if heard else 0.0,
        "tower": sites[reception.server[k]].id if heard else None,
    }


def write_villages(
    path: Path, demand: Demand, reception: Reception, sites: Sequence[Site], label: str
) -> None:
    """Write one row per village: place, people, served or not, level, rate and tower."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        header = ["id", "name", "latitude", "longitude", "people", "served", "predicted", "rsrp_dbm"]
        writer.writerow([*header, "sinr_db", "mbit_s", "tower", "terrain"])
        for k in range(demand.size):
            row = _village_row(demand, reception, sites, k)
            writer.writerow(
                [
                    row["id"], row["name"], f"{demand.latitude[k]:.6f}", f"{demand.longitude[k]:.6f}",
                    f"{row['people']:g}", "yes" if row["served"] else "no", "yes" if row["predicted"] else "no",
                    row["rsrp_dbm"], row["sinr_db"], row["mbit_s"], row["tower"], label,
                ]
            )  # fmt: skip


def write_kml(
    path: Path,
    coverage: CoverageMap,
    sites: Sequence[Site],
    demand: Demand | None,
    reception: Reception | None,
    threshold: float,
) -> None:
    """Write covered area, towers and villages for Google Earth (OGC KML 2.2)."""
    root = ET.Element("kml", xmlns="http://www.opengis.net/kml/2.2")
    document = ET.SubElement(root, "Document")
    generated = " (generated terrain)" if coverage.generated else ""
    _text(document, "name", f"Coverage at {threshold:g} dBm{generated}")
    _text(document, "description", "; ".join((f"Terrain: {coverage.label}", *coverage.notes)))
    _style(document, "area", "8032a050", None)
    _style(document, "tower", None, "http://maps.google.com/mapfiles/kml/shapes/triangle.png", "ff2020c0")
    _style(
        document,
        "served",
        None,
        "http://maps.google.com/mapfiles/kml/shapes/placemark_circle.png",
        "ff40a030",
    )
    _style(
        document,
        "unserved",
        None,
        "http://maps.google.com/mapfiles/kml/shapes/placemark_circle.png",
        "ff3050e0",
    )
    folder = _folder(document, "Covered area")
    for shape in covered_area(coverage, threshold):
        _polygon(folder, shape["coordinates"])
    folder = _folder(document, "Towers")
    for site in sites:
        _placemark(
            folder,
            site.id,
            f"antennas {site.height:g} m above ground",
            "tower",
            site.longitude,
            site.latitude,
        )
    if demand is not None and reception is not None:
        folder = _folder(document, "Villages")
        for k in range(demand.size):
            row = _village_row(demand, reception, sites, k)
            words = f"{row['people']:g} people; " + (
                f"{row['rsrp_dbm']} dBm from {row['tower']}, {row['mbit_s']} Mbit/s"
                if row["tower"]
                else "no signal"
            )
            style = "served" if row["served"] else "unserved"
            _placemark(
                folder, row["name"], words, style, float(demand.longitude[k]), float(demand.latitude[k])
            )
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _folder(document: ET.Element, name: str) -> ET.Element:
    folder = ET.SubElement(document, "Folder")
    _text(folder, "name", name)
    return folder


def _style(
    document: ET.Element, name: str, fill: str | None, icon: str | None, color: str | None = None
) -> None:
    style = ET.SubElement(document, "Style", id=name)
    if icon is not None:
        icon_style = ET.SubElement(style, "IconStyle")
        _text(icon_style, "color", color or "ffffffff")
        _text(icon_style, "scale", "0.7")
        _text(ET.SubElement(icon_style, "Icon"), "href", icon)
        _text(ET.SubElement(style, "LabelStyle"), "scale", "0.6")
    if fill is not None:
        line = ET.SubElement(style, "LineStyle")
        _text(line, "width", "0")
        _text(ET.SubElement(style, "PolyStyle"), "color", fill)


def _placemark(
    folder: ET.Element, name: str, description: str, style: str, longitude: float, latitude: float
) -> None:
    mark = ET.SubElement(folder, "Placemark")
    _text(mark, "name", name)
    _text(mark, "description", description)
    _text(mark, "styleUrl", f"#{style}")
    _text(ET.SubElement(mark, "Point"), "coordinates", f"{longitude:.6f},{latitude:.6f}")


def _polygon(folder: ET.Element, rings: list[list[tuple[float, float]]]) -> None:
    mark = ET.SubElement(folder, "Placemark")
    _text(mark, "styleUrl", "#area")
    polygon = ET.SubElement(mark, "Polygon")
    for number, ring in enumerate(rings):
        boundary = ET.SubElement(polygon, "innerBoundaryIs" if number else "outerBoundaryIs")
        linear = ET.SubElement(boundary, "LinearRing")
        _text(linear, "coordinates", " ".join(f"{x:.6f},{y:.6f}" for x, y in ring))
