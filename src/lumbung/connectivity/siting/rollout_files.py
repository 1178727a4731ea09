"""A programme for others to open: sites by year, villages, the curve of the next tower, GeoJSON, and one JSON with everything."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.connectivity.engine.phasing.programme import Answer
from lumbung.connectivity.siting.rollout import Rollout, Way, next_towers, served_in


def site_rows(made: Rollout, answer: Answer) -> list[dict[str, Any]]:
    """Return the new sites in building order, with what they cost and whom the network serves once each stands."""
    rows = []
    for order, (number, spent, people) in enumerate(next_towers(made, answer), 1):
        way = made.ways[number]
        mast = made.masts[int(made.programme.way_option[number])]
        assert way.bill is not None  # next_towers names new sites alone
        rows.append(
            {
                "order": order,
                "year": int(answer.since[number]) + 1,
                "id": way.site,
                "lat": round(mast.latitude, 6),
                "lon": round(mast.longitude, 6),
                "height_m": way.height,
                "backhaul": way.backhaul,
                "backhaul_to": way.over,
                "backhaul_km": round(way.length, 1),
                "power": way.bill.supply.kind,
                "panels_w": round(way.bill.supply.panels),
                "batteries_kwh": round(way.bill.supply.batteries, 1),
                **{f"capex_{item}": round(cost, 2) for item, cost in way.bill.capex.items()},
                "yearly": round(sum(way.bill.yearly.values()), 3),
                "cost": round(way.bill.total(made.prices), 2),
                "cost_cumulative": round(spent, 2),
                "people_cumulative": round(people, 1),
            }
        )
    return rows


def summary(made: Rollout, answer: Answer, notes: Sequence[str]) -> dict[str, Any]:
    """Return what a programme comes to: years, regions, sites, and how good it is."""
    p = made.programme
    costs = [float(p.way_cost[answer.since <= year].sum()) for year in range(p.years)]
    served = [served_in(made, answer, year) * p.people for year in range(p.years)]
    new = np.array([way.bill is not None for way in made.ways])
    return {
        "generated": made.demand.generated,
        "villages_source": made.demand.source,
        "speed_mbit_s": made.promise.speed,
        "active": made.promise.active,
        "people": float(p.people.sum()),
        "years": [
            {
                "year": year + 1,
                "money": round(float(p.money[year] - (p.money[year - 1] if year else 0.0)), 2),
                "committed": round(costs[year] - (costs[year - 1] if year else 0.0), 2),
                "new_sites": int(((answer.since == year) & new).sum()),
                "people_at_speed": round(float(served[year].sum()), 1),
            }
            for year in range(p.years)
        ],
        "regions": [
            {
                "region": name,
                "people": float(p.people[p.region == k].sum()),
                "floor": float(p.floor[k]),
                "share_at_speed": round(float(served[-1][p.region == k].sum() / max(p.people[p.region == k].sum(), 1e-9)), 4),
            }
            for k, name in enumerate(made.regions)
        ],
        "person_years": round(answer.value, 1),
        "bound": round(answer.bound, 1),
        "gap": answer.gap,
        "sites": site_rows(made, answer),
        "notes": [*made.notes, *notes],
    }  # fmt: skip


def write_rollout(folder: Path, made: Rollout, answer: Answer, found: dict[str, Any], label: str) -> None:
    """Write programme.csv, villages.csv, programme.geojson and programme.json.

    found: what ``summary`` returned; label: where the ground comes from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _table(folder / "programme.csv", found["sites"], label)
    years = [served_in(made, answer, year) for year in range(made.programme.years)]
    _table(
        folder / "villages.csv",
        [
            {
                "id": made.demand.id[k],
                "name": made.demand.name[k],
                "region": made.demand.region[k] if made.demand.region else "",
                "people": f"{made.demand.people[k]:g}",
                **{f"share_at_speed_year_{year + 1}": round(float(part[k]), 4) for year, part in enumerate(years)},
            }
            for k in range(made.demand.size)
        ],
        label,
    )  # fmt: skip
    document = {
        "type": "FeatureCollection", "terrain": label, "generated": found["generated"], "notes": found["notes"],
        "features": [*_sites(found), *_hops(made, answer), *_villages(made, years[-1])],
    }  # fmt: skip
    (folder / "programme.geojson").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    (folder / "programme.json").write_text(json.dumps(found, indent=2, ensure_ascii=False), encoding="utf-8")


def _table(path: Path, rows: Sequence[dict[str, Any]], label: str) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        if not rows:
            return
        writer = csv.DictWriter(file, [*rows[0], "terrain"])
        writer.writeheader()
        writer.writerows({**row, "terrain": label} for row in rows)


def _feature(geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _sites(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        _feature({"type": "Point", "coordinates": [row["lon"], row["lat"]]}, kind="site", **row)
        for row in found["sites"]
    ]


def _hops(made: Rollout, answer: Answer) -> list[dict[str, Any]]:
    """Return the hops between sites of the programme as lines."""
    p = made.programme
    at: dict[int, tuple[float, float]] = {}
    for number in np.flatnonzero(answer.since < p.years):
        mast = made.masts[int(p.way_option[number])]
        at[int(p.way_site[number])] = (round(mast.longitude, 6), round(mast.latitude, 6))

    def line(number: int, way: Way) -> dict[str, Any]:
        ends = [list(at[int(p.way_site[number])]), list(at[int(p.way_over[number])])]
        return _feature(
            {"type": "LineString", "coordinates": ends}, kind="hop", start=way.site, end=way.over, km=round(way.length, 1)
        )  # fmt: skip

    return [
        line(int(number), made.ways[int(number)])
        for number in np.flatnonzero((answer.since < p.years) & (p.way_over >= 0))
    ]


def _villages(made: Rollout, part: Any) -> list[dict[str, Any]]:
    d = made.demand
    return [
        _feature(
            {"type": "Point", "coordinates": [round(float(d.longitude[k]), 6), round(float(d.latitude[k]), 6)]},
            kind="village", id=d.id[k], name=d.name[k], people=float(d.people[k]), share_at_speed=round(float(part[k]), 4),
        )
        for k in range(d.size)
    ]  # fmt: skip
