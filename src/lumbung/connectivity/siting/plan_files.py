"""The plan for others to open: tables, GeoJSON for QGIS, KML for Google Earth, and one JSON with everything.

Each file says where its ground and people come from, and that they are generated where they are.
"""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from lumbung.connectivity.siting.candidates import ITEMS, Place
from lumbung.connectivity.siting.reasons import left_out, next_site, why
from lumbung.connectivity.siting.study import Built, Inputs, Plan

GENERATED = "generated"


def sources(inputs: Inputs) -> str:
    """Return where ground and people come from, labelled where generated."""
    ground = inputs.ground.label if inputs.ground is not None else "none (smooth earth)"
    people = inputs.demand.source
    if inputs.demand.generated and GENERATED not in people:
        people += f" ({GENERATED})"
    return f"terrain: {ground}; villages: {people}"


def site_row(inputs: Inputs, plan: Plan, site: Built) -> dict[str, Any]:
    """Return everything about one site of the plan."""
    route = site.route
    return {
        "order": site.order,
        "id": site.place.id,
        "name": site.place.name,
        "lat": round(site.place.latitude, 6),
        "lon": round(site.place.longitude, 6),
        "height_m": site.place.height,
        "people_added": round(site.adds),
        "villages_added": site.villages,
        "people_cumulative": round(site.cumulative),
        "people_in_reach": round(site.reaches),
        "people_only_here": round(site.alone),
        **{f"cost_{item}": round(site.items.get(item, 0.0), 2) for item in ITEMS if item in site.items},
        "cost": round(site.cost, 2),
        "cost_per_person": float(f"{site.cost / site.adds:.4g}") if site.adds and site.cost else None,
        "backhaul": route.kind,
        "backhaul_route": " > ".join([site.place.id, *(hop.end for hop in route.hops)]) if route.hops else "",
        "backhaul_km": " + ".join(f"{hop.length:.1f}" for hop in route.hops),
        "backhaul_note": route.reason,
        "why": why(inputs, plan, site),
    }


def write_plan(folder: Path, inputs: Inputs, plan: Plan) -> dict[str, Any]:
    """Write plan.csv, villages.csv, plan.geojson, plan.kml and plan.json; return what plan.json holds."""
    folder.mkdir(parents=True, exist_ok=True)
    sites = [site_row(inputs, plan, site) for site in plan.built]
    missed = left_out(inputs, plan)
    _write_table(folder / "plan.csv", sites, sources(inputs))
    _write_table(folder / "villages.csv", _village_rows(inputs, plan, missed), sources(inputs))
    _write_geojson(folder / "plan.geojson", inputs, plan, sites, missed)
    _write_kml(folder / "plan.kml", inputs, plan, sites, missed)
    summary = summarise(inputs, plan, sites, missed)
    (folder / "plan.json").write_text(json.dumps(summary, indent=2, ensure_ascii=False), encoding="utf-8")
    return summary


def summarise(
    inputs: Inputs, plan: Plan, sites: list[dict[str, Any]], missed: list[tuple[int, str]]
) -> dict[str, Any]:
    """Return the plan as plain data."""
    more = next_site(inputs, plan)
    demand = inputs.demand
    beyond = [k for k, reason in missed if reason.startswith("no candidate")]
    return {
        "goal": {k: v for k, v in vars(plan.goal).items() if v is not None},
        "reached_means": inputs.reach,
        "sources": sources(inputs),
        "generated": inputs.generated,
        "people": round(plan.total),
        "people_already": round(plan.already),
        "people_new": round(plan.newly),
        "value": plan.value,
        "bound": plan.bound,
        "gap": plan.gap,
        "optimal": plan.ending == "optimal",
        "ending": plan.ending,
        "cost": round(plan.cost, 2),
        "cost_per_person": float(f"{plan.cost / plan.newly:.4g}") if plan.newly and plan.cost else None,
        "villages": demand.size,
        "villages_reached": int(plan.reached.sum()),
        "villages_beyond_every_candidate": len(beyond),
        "people_beyond_every_candidate": round(float(demand.people[beyond].sum())),
        "next_site": None
        if more is None
        else {
            "id": more.place.id,
            "height_m": more.place.height,
            "people": round(more.people),
            "villages": more.villages,
            "cost": round(more.cost, 2),
        },
        "sites": sites,
        "seconds": round(plan.seconds, 2),
        "notes": list(plan.notes),
        "set_aside": list(demand.set_aside),
    }


def _village_rows(inputs: Inputs, plan: Plan, missed: list[tuple[int, str]]) -> list[dict[str, Any]]:
    demand, reason = inputs.demand, dict(missed)
    server = {}
    for site in reversed(plan.built):
        for k in inputs.cover[site.option]:
            server[int(k)] = site.place.id
    return [
        {
            "id": demand.id[k],
            "name": demand.name[k],
            "lat": round(float(demand.latitude[k]), 6),
            "lon": round(float(demand.longitude[k]), 6),
            "people": float(demand.people[k]),
            "reached": "already" if plan.standing[k] else "new" if plan.reached[k] else "no",
            "by": "" if plan.standing[k] else server.get(k, ""),
            "reason": reason.get(k, ""),
        }
        for k in range(demand.size)
    ]


def _write_table(path: Path, rows: list[dict[str, Any]], source: str) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*columns, "source"], restval="")
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, "source": source})


def _everyone(inputs: Inputs) -> dict[str, Place]:
    return {place.id: place for place in (*inputs.fibre, *inputs.standing)}


def _lines(inputs: Inputs, plan: Plan) -> list[tuple[str, str, tuple[float, float], tuple[float, float]]]:
    places = _everyone(inputs) | {site.place.id: site.place for site in plan.built}
    hops = {(hop.start, hop.end): hop for site in plan.built for hop in site.route.hops}
    return [
        (
            f"{start} > {end}",
            f"microwave, {hop.length:.1f} km; {hop.free:.1f} of the first Fresnel radius is free",
            (places[start].longitude, places[start].latitude),
            (places[end].longitude, places[end].latitude),
        )
        for (start, end), hop in hops.items()
    ]


def _write_geojson(
    path: Path, inputs: Inputs, plan: Plan, sites: list[dict[str, Any]], missed: list[tuple[int, str]]
) -> None:
    def feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
        return {"type": "Feature", "geometry": geometry, "properties": properties}

    def point(longitude: float, latitude: float) -> dict[str, Any]:
        return {"type": "Point", "coordinates": [round(longitude, 6), round(latitude, 6)]}

    features = [feature(point(row["lon"], row["lat"]), kind="new site", **row) for row in sites]
    for kind, places in (("standing tower", inputs.standing), ("fibre point", inputs.fibre)):
        features += [feature(point(p.longitude, p.latitude), kind=kind, id=p.id, name=p.name) for p in places]
    for name, words, start, end in _lines(inputs, plan):
        features.append(
            feature(
                {"type": "LineString", "coordinates": [start, end]}, kind="hop", name=name, description=words
            )
        )
    features += [
        feature(point(row["lon"], row["lat"]), kind="village", **row)
        for row in _village_rows(inputs, plan, missed)
    ]
    collection = {
        "type": "FeatureCollection",
        "sources": sources(inputs),
        "generated": inputs.generated,
        "features": features,
    }
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")


_ICONS = {
    "site": ("triangle", "ff2a20b3", "1.1"),
    "standing": ("triangle", "ff707070", "0.8"),
    "fibre": ("square", "ffb06a1c", "0.8"),
    "new": ("placemark_circle", "ff738f1e", "0.6"),
    "already": ("placemark_circle", "ff909090", "0.5"),
    "no": ("placemark_circle", "ff227ee6", "0.6"),
}


def _write_kml(
    path: Path, inputs: Inputs, plan: Plan, sites: list[dict[str, Any]], missed: list[tuple[int, str]]
) -> None:
    root = ET.Element("kml", xmlns="http://www.opengis.net/kml/2.2")
    document = ET.SubElement(root, "Document")
    _text(document, "name", "Siting plan" + (f" ({GENERATED})" if inputs.generated else ""))
    _text(document, "description", "; ".join((sources(inputs), *plan.notes)))
    for name, (icon, colour, scale) in _ICONS.items():
        style = ET.SubElement(document, "Style", id=name)
        icon_style = ET.SubElement(style, "IconStyle")
        _text(icon_style, "color", colour)
        _text(icon_style, "scale", scale)
        shape = f"http://maps.google.com/mapfiles/kml/shapes/{icon}.png"
        _text(ET.SubElement(icon_style, "Icon"), "href", shape)
        _text(ET.SubElement(style, "LabelStyle"), "scale", "0.8" if name == "site" else "0")
    line_style = ET.SubElement(ET.SubElement(document, "Style", id="hop"), "LineStyle")
    _text(line_style, "color", "ffb06a1c")
    _text(line_style, "width", "2")
    folder = _folder(document, "New sites")
    for row in sites:
        words = f"{row['people_added']:,} people added; {row['why']}; backhaul: {row['backhaul']}"
        _placemark(folder, f"{row['order']}. {row['name']}", words, "site", row["lon"], row["lat"])
    for name, icon, places in (
        ("Standing towers", "standing", inputs.standing),
        ("Fibre points", "fibre", inputs.fibre),
    ):
        folder = _folder(document, name)
        for place in places:
            _placemark(folder, place.name, "", icon, place.longitude, place.latitude)
    folder = _folder(document, "Backhaul")
    for name, words, start, end in _lines(inputs, plan):
        mark = ET.SubElement(folder, "Placemark")
        _text(mark, "name", name)
        _text(mark, "description", words)
        _text(mark, "styleUrl", "#hop")
        line = ET.SubElement(mark, "LineString")
        _text(line, "coordinates", " ".join(f"{x:.6f},{y:.6f}" for x, y in (start, end)))
    folder = _folder(document, "Villages")
    for row in _village_rows(inputs, plan, missed):
        words = f"{row['people']:,.0f} people; {row['reason'] or 'reached by ' + (row['by'] or 'a standing tower')}"
        _placemark(folder, row["name"], words, row["reached"], row["lon"], row["lat"])
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _folder(document: ET.Element, name: str) -> ET.Element:
    folder = ET.SubElement(document, "Folder")
    _text(folder, "name", name)
    return folder


def _placemark(
    folder: ET.Element, name: str, description: str, style: str, longitude: float, latitude: float
) -> None:
    mark = ET.SubElement(folder, "Placemark")
    _text(mark, "name", name)
    _text(mark, "description", description)
    _text(mark, "styleUrl", f"#{style}")
    _text(ET.SubElement(mark, "Point"), "coordinates", f"{longitude:.6f},{latitude:.6f}")
