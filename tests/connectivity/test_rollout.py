"""Prices by hand, and programmes from tables to years."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lumbung.connectivity.engine.cellular import Budget, Carrier
from lumbung.connectivity.engine.phasing.programme import PhasingError
from lumbung.connectivity.engine.phasing.search import solve
from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.ground.terrain import Terrain, terrain
from lumbung.connectivity.people.demand import Demand, demand_points, read_villages
from lumbung.connectivity.radio.coverage import Model, Site
from lumbung.connectivity.siting.backhaul import Rules
from lumbung.connectivity.siting.candidates import Candidate, Place, TableError, read_candidates
from lumbung.connectivity.siting.rollout import Promise, Rollout, loads_of, next_towers, rollout, served_in
from lumbung.connectivity.siting.rollout_files import summary, write_rollout
from lumbung.connectivity.siting.ten_years import Prices, bill, power_of, read_prices, solar


def at(**distances: float) -> Candidate:
    return Candidate("C", "C", 0.0, 0.0, (30.0,), {}, distances)


def test_ten_years_at_todays_worth() -> None:
    assert Prices(discount=0.0).worth(3.0) == pytest.approx(30.0)
    assert Prices(discount=0.08).worth(1.0) == pytest.approx(sum(1.08**-year for year in range(1, 11)))


def test_the_sun_sized_by_hand() -> None:
    # 1 kW day and night is 24 kWh a day; 4 kWh/m2 at 0.75: 8 kW of panels. Two days at 80 % depth: 60 kWh.
    found = solar(
        Prices(
            load=1000.0,
            sun=4.0,
            performance=0.75,
            autonomy=2.0,
            depth=0.8,
            panel_per_watt=0.001,
            battery_per_kwh=0.2,
        )
    )
    assert (found.panels, found.batteries) == pytest.approx((8000.0, 60.0))
    # 8 for panels, 12 for batteries, and the batteries once more within ten years.
    assert found.capex == pytest.approx(20.0) and found.yearly == pytest.approx(1.2)


def test_the_grid_where_it_is_near_enough() -> None:
    prices = Prices(grid_per_km=15.0)
    assert power_of(at(), prices).kind == "solar"
    assert power_of(at(grid_km=0.2), prices).kind == "grid"
    assert power_of(at(grid_km=50.0), prices).kind == "solar"


def test_a_bill_item_by_item_and_what_the_table_gives_stands() -> None:
    prices = Prices(mast_per_metre=2.0, equipment=40.0, fibre_per_km=10.0)
    found = bill(at(fibre_km=3.0, grid_km=0.0), 30.0, prices, "fibre")
    assert found.capex == pytest.approx(
        {"tower": 100.0, "land": 0.0, "road": 0.0, "power": 0.0, "backhaul": 30.0}
    )
    assert found.total(prices) == pytest.approx(130.0 + prices.worth(sum(found.yearly.values())))
    given = replace(at(), costs={"tower": 77.0, "land": 5.0, "backhaul": 9.0})
    priced = bill(given, 30.0, prices, "satellite")
    assert priced.capex["tower"] == 77.0 and priced.capex["land"] == 5.0 and priced.capex["backhaul"] == 9.0
    assert priced.yearly["backhaul"] == prices.satellite_yearly


def test_prices_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text("hop = 300\nsun = 4.2\n")
    assert (read_prices(file).hop, read_prices(file).sun) == (300.0, 4.2)
    for text, words in (
        ("hops = 3", "hops is no price known here"),
        ("hop = 'x'", "expected a number"),
        ("sun = 0", "sun is 0"),
    ):
        file.write_text(text)
        with pytest.raises(TableError, match=words):
            read_prices(file)


def test_distances_and_regencies_are_read(tmp_path: Path) -> None:
    table = tmp_path / "candidates.csv"
    table.write_text("id;lat;lon;grid_km;fibre_km\nA;-8,1;122,1;3,5;\n")
    (candidate,) = read_candidates(table).candidates
    assert candidate.distances == {"grid_km": 3.5}
    villages = tmp_path / "villages.csv"
    villages.write_text(
        "id,lat,lon,people,kabupaten\n1,-8,122,10,Sikka\n2,x,122,10,Ende\n3,-8,122.1,10,Ende\n"
    )
    assert read_villages(villages).region == ("Sikka", "Ende")


@pytest.fixture(scope="module")
def flat() -> Terrain:
    height = np.full((120, 400), 20.0, np.float32)
    return terrain(height, Grid(-8.0, 122.0, 0.001, 0.001), source="flat")


def where(*kilometres: float) -> np.ndarray:
    return 122.02 + np.array(kilometres) / 110.1


def study(ground: Terrain, money: list[float], floors: object = 0.0, **changes: object) -> Rollout:
    """Fibre in the west; sites A, B, C eastwards 10 km apart, a village at each; hops reach 10.5 km."""
    demand: Demand = replace(
        demand_points(np.full(3, -8.06), where(1.0, 11.0, 21.0), [400.0, 300.0, 500.0]),
        region=("W", "W", "E"),
    )
    candidates = [
        Candidate(name, name, -8.06, float(where(k * 10.0)[0]), (40.0,), {"tower": 50.0, "power": 10.0})
        for k, name in enumerate("ABC")
    ]
    fibre = [Place("F", "F", -8.06, float(where(-1.0)[0]), 40.0)]
    return rollout(
        ground, candidates, changes.get("towers", ()), fibre, demand, money, Carrier(), Budget(), Model(),
        Rules(longest=10.5), Prices(satellite_yearly=30.0), Promise(), floors=floors, radius=4.0,
    )  # fmt: skip


def test_a_chain_is_built_from_the_fibre_outwards(flat: Terrain) -> None:
    made = study(flat, [150.0, 150.0, 150.0])
    assert {(way.site, way.backhaul, way.over) for way in made.ways} == {
        ("A", "hop", "F"), ("A", "satellite", ""), ("B", "hop", "A"), ("B", "satellite", ""), ("C", "hop", "B"), ("C", "satellite", ""),
    }  # fmt: skip
    answer = solve(made.programme, 20.0)
    order = [made.ways[way].site for way, _, _ in next_towers(made, answer)]
    assert order == ["A", "B", "C"]
    assert answer.since[answer.since < 3].tolist() == [0, 1, 2]
    assert [
        float((served_in(made, answer, y) * made.demand.people).sum()) for y in range(3)
    ] == pytest.approx([400, 700, 1200])
    curve = next_towers(made, answer)
    assert [people for _, _, people in curve] == pytest.approx([400.0, 700.0, 1200.0])
    assert [spent for _, spent, _ in curve] == pytest.approx(
        np.cumsum(made.programme.way_cost[answer.since < 3])
    )


def test_a_floor_brings_the_far_regency_forward(flat: Terrain) -> None:
    made = study(flat, [420.0], {"E": 0.9})
    answer = solve(made.programme, 20.0)
    assert served_in(made, answer, 0)[2] >= 0.9 - 1e-6
    with pytest.raises(PhasingError, match="Nowhere is no region"):
        study(flat, [420.0], {"Nowhere": 0.9})


def test_a_standing_tower_costs_nothing_and_serves_as_it_is(flat: Terrain) -> None:
    tower = Site("T", -8.06, float(where(10.5)[0]), 40.0)
    made = study(flat, [1.0], towers=(tower,))
    answer = solve(made.programme, 10.0)
    assert float((served_in(made, answer, 0) * made.demand.people).sum()) == pytest.approx(300.0)
    assert next_towers(made, answer) == []


def test_the_finished_network_bears_the_coupling(flat: Terrain) -> None:
    made = study(flat, [600.0])
    answer = solve(made.programme, 20.0)
    found = loads_of(made, answer, 0, flat, Carrier(), Budget(), Model(), 4.0, -110.0)
    assert found is not None
    loads, cells = found
    assert len(cells) == 9 and loads.needed.max() <= 0.7 * 1.05


def test_what_is_written_adds_up(flat: Terrain, tmp_path: Path) -> None:
    made = study(flat, [150.0, 450.0])
    answer = solve(made.programme, 20.0)
    found = summary(made, answer, ["a note"])
    write_rollout(tmp_path, made, answer, found, "flat")
    with (tmp_path / "programme.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert sum(float(row["cost"]) for row in rows) == pytest.approx(
        sum(year["committed"] for year in found["years"]), abs=0.05
    )
    for row in rows:
        capex = sum(float(row[key]) for key in row if key.startswith("capex_"))
        assert float(row["cost"]) == pytest.approx(capex + made.prices.worth(float(row["yearly"])), abs=0.1)
    document = json.loads((tmp_path / "programme.geojson").read_text())
    kinds = [feature["properties"]["kind"] for feature in document["features"]]
    assert (kinds.count("site"), kinds.count("hop"), kinds.count("village")) == (3, 2, 3)
    assert json.loads((tmp_path / "programme.json").read_text())["people"] == 1200.0
