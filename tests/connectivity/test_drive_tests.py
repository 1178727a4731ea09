"""Drive tests on GENERATED ground with known truth: what the model is off by comes back, and intervals hold elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lumbung.connectivity.engine.antenna import three_sectors
from lumbung.connectivity.engine.cellular import Budget, Carrier
from lumbung.connectivity.engine.measured import MeasuredError
from lumbung.connectivity.files.drive_files import read_claims, read_drive
from lumbung.connectivity.ground.generated_terrain import generated_islands
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import demand_points
from lumbung.connectivity.radio.coverage import Model, Site, on_cells, service
from lumbung.connectivity.radio.drive_tests import (
    class_of,
    compare,
    held_out,
    learnt_from,
    predicted_levels,
    verdict,
)
from lumbung.connectivity.tables import TableError

SENT = (Carrier(), Budget(), Model(), 15.0)
OFF = np.array([5.0, -4.0, -12.0])


@pytest.fixture(scope="module")
def driven() -> tuple[Terrain, list[Site], dict[str, np.ndarray], list[str]]:
    """Thirty straight GENERATED roads around a tower; the truth is the model, off by class, road and place."""
    ground = generated_islands(3, rows=220, columns=220)
    rng = np.random.default_rng(4)
    rows, columns = np.nonzero(ground.height > 150.0)
    k = rows.size // 2
    site = Site(
        "T", ground.grid.north - rows[k] * ground.grid.step_lat, ground.grid.west + columns[k] * ground.grid.step_lon,
        40.0, tuple(three_sectors()),
    )  # fmt: skip
    start = rng.uniform(-0.05, 0.05, (30, 2))
    turn = rng.uniform(0.0, 2.0 * np.pi, 30)
    step = np.arange(30)[None, :] * 0.0008
    latitude = (site.latitude + start[:, :1] + step * np.sin(turn)[:, None]).ravel()
    longitude = (site.longitude + start[:, 1:] + step * np.cos(turn)[:, None]).ravel()
    road = np.repeat(np.arange(30), 30)
    level = predicted_levels(ground, [site], latitude, longitude, (), *SENT)
    keep = np.isfinite(level)
    latitude, longitude, road, level = latitude[keep], longitude[keep], road[keep], level[keep]
    kind = class_of(ground, latitude, longitude)
    level = level + OFF[kind] + 2.5 * rng.standard_normal(30)[road] + 4.0 * rng.standard_normal(level.size)
    return (
        ground,
        [site],
        {"latitude": latitude, "longitude": longitude, "level": level},
        [f"R{k}" for k in road],
    )


def test_the_prediction_is_that_of_the_model(
    driven: tuple[Terrain, list[Site], dict[str, np.ndarray], list[str]],
) -> None:
    ground, sites, at, _ = driven
    latitude, longitude = at["latitude"][::20], at["longitude"][::20]
    places = on_cells(demand_points(latitude, longitude, np.zeros(latitude.size)), ground)
    best, _ = service(ground, sites, places, Carrier(), radius=15.0).best()
    found = predicted_levels(ground, sites, latitude, longitude, (), *SENT)
    assert found == pytest.approx(best)
    one = predicted_levels(ground, sites, latitude, longitude, ["T/1"] * latitude.size, *SENT)
    assert (one <= found + 1e-9).all() and (one < found - 1.0).any()
    with pytest.raises(MeasuredError, match="does not hold: Elsewhere"):
        predicted_levels(ground, sites, at["latitude"][:1], at["longitude"][:1], ["Elsewhere"], *SENT)


def test_what_the_model_is_off_by_comes_back(
    driven: tuple[Terrain, list[Site], dict[str, np.ndarray], list[str]],
) -> None:
    ground, sites, at, road = driven
    compared = compare(
        ground,
        sites,
        **at,
        tower=(),
        road=road,
        carrier=SENT[0],
        budget=SENT[1],
        model=SENT[2],
        radius=SENT[3],
    )
    found = learnt_from(compared)
    seen = found.roads >= 5
    assert seen.sum() >= 2
    assert (np.abs(found.bias - OFF)[seen] < 3.5 * found.doubt[seen]).all()
    left = held_out(compared)
    assert left is not None
    assert 0.87 <= left.within <= 0.94
    assert left.after <= 0.7 * left.before


def test_without_names_roads_are_squares_and_two_are_too_few(
    driven: tuple[Terrain, list[Site], dict[str, np.ndarray], list[str]],
) -> None:
    ground, sites, at, _ = driven
    some = {name: values[:60] for name, values in at.items()}
    compared = compare(
        ground,
        sites,
        **some,
        tower=(),
        road=[""] * 60,
        carrier=SENT[0],
        budget=SENT[1],
        model=SENT[2],
        radius=SENT[3],
    )
    assert 2 <= np.unique(compared.road).size < 40
    with pytest.raises(MeasuredError, match="at least 3"):
        learnt_from(compared._replace(road=np.zeros(compared.road.size, np.int64)))
    assert held_out(compared._replace(road=compared.road % 4)) is None


def test_classes_are_those_of_what_stands_there(
    driven: tuple[Terrain, list[Site], dict[str, np.ndarray], list[str]],
) -> None:
    ground = driven[0]
    made = replace(ground, clutter=np.full_like(ground.clutter, 10.0))
    here = np.array([ground.grid.north]), np.array([ground.grid.west])
    assert class_of(made, *here).tolist() == [1]
    assert class_of(replace(made, clutter=made.clutter + 5.0), *here).tolist() == [2]
    assert class_of(replace(made, clutter=made.clutter - 9.0), *here).tolist() == [0]


def test_verdicts() -> None:
    assert [verdict(True, chance) for chance in (0.95, 0.5, 0.05)] == [
        "holds",
        "not settled",
        "does not hold",
    ]
    assert [verdict(False, chance) for chance in (0.95, 0.5, 0.05)] == [
        "does not hold",
        "not settled",
        "holds",
    ]


def test_tables_of_measurements_and_claims(tmp_path: Path) -> None:
    table = tmp_path / "drive.csv"
    table.write_text("lat;lon;rsrp;cell;ruas\n-8,1;122,1;-95,5;T/2;A\n-8,1;122,1;95;T/2;A\n")
    drive = read_drive(table)
    assert (drive.level.tolist(), drive.tower, drive.road) == ([-95.5], ("T/2",), ("A",))
    assert drive.set_aside == ("line 3: rsrp_dbm is 95; expected -160 to -20",)
    claims = tmp_path / "claims.csv"
    claims.write_text("id,terlayani\n1,ya\n2,tidak\n")
    assert read_claims(claims) == {"1": True, "2": False}
    claims.write_text("id,covered\n1,maybe\n")
    with pytest.raises(TableError, match="line 2: covered is 'maybe'"):
        read_claims(claims)
