"""Coverage: links and maps tell one story, with one thread or many, and unknown ground is never served."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lumbung.connectivity.engine.antenna import Antenna, three_sectors
from lumbung.connectivity.engine.cellular import Budget, Carrier
from lumbung.connectivity.engine.radials import Grid, profile_between
from lumbung.connectivity.ground.generated_terrain import generated_islands
from lumbung.connectivity.ground.terrain import Terrain, terrain
from lumbung.connectivity.people.demand import Demand, demand_points
from lumbung.connectivity.radio.coverage import (
    CoverageError,
    CoverageMap,
    Model,
    Site,
    coverage_map,
    on_cells,
    reception,
    service,
)
from lumbung.connectivity.radio.kept_losses import KeptLosses
from lumbung.connectivity.radio.path_loss import basic_transmission_loss

CARRIER = Carrier("lte", 900.0, 10.0)


@pytest.fixture(scope="module")
def islands() -> Terrain:
    return generated_islands(5, rows=240, columns=240)


def on_land(ground: Terrain, count: int, seed: int) -> Demand:
    rng = np.random.default_rng(seed)
    rows, columns = np.nonzero(ground.zone != 1)
    chosen = rng.choice(rows.size, count, replace=False)
    return demand_points(
        ground.grid.north - rows[chosen] * ground.grid.step_lat,
        ground.grid.west + columns[chosen] * ground.grid.step_lon,
        rng.integers(10, 1000, count),
    )


def sites_on(ground: Terrain, count: int) -> list[Site]:
    places = on_land(ground, count, 99)
    return [
        Site(f"T{k}", places.latitude[k], places.longitude[k], 40.0, (Antenna("omni", 11.0),))
        for k in range(count)
    ]


def test_a_link_has_the_loss_of_its_profile(islands: Terrain) -> None:
    villages, sites = on_land(islands, 12, 1), sites_on(islands, 1)
    found = service(islands, sites, villages, CARRIER, radius=40.0)
    assert found.demand.tolist() == list(range(12))
    for k in range(12):
        d, h, r, zone, latitude, known = profile_between(
            islands.engine_height(), islands.clutter, islands.zone, islands.grid, sites[0].latitude,
            sites[0].longitude, villages.latitude[k], villages.longitude[k], islands.cell_metres * 1e-3,
        )  # fmt: skip
        assert known == d.size
        sea = np.flatnonzero(zone == 1)
        coast = (float(d[sea[0]]), float(d[-1] - d[sea[-1]])) if sea.size else None
        alone = basic_transmission_loss(
            d, h, clutter=r, zone=zone, frequency=900.0, transmitter_height=40.0, latitude=latitude,
            coast_distance=coast,
        )  # fmt: skip
        assert found.loss[k] == pytest.approx(alone, abs=1e-9)


@pytest.mark.parametrize("latitude", [-60.0, -8.0, 0.0, 45.0])
def test_profiles_run_along_great_circles(latitude: float) -> None:
    step = 0.01
    grid = Grid(latitude + 1.0, 120.0, step, step)
    rows, columns = np.indices((200, 300))
    # Ground that is latitude and longitude themselves: the profile says where it ran.
    north = (latitude + 1.0 - rows * step).astype(np.float32)
    east = (120.0 + columns * step).astype(np.float32)
    nothing, land = np.zeros(north.shape, np.float32), np.full(north.shape, 4, np.int8)
    start, end = (latitude + 0.2, 120.5), (latitude - 0.5, 122.3)
    traced = [profile_between(height, nothing, land, grid, *start, *end, 0.9)[:2] for height in (north, east)]
    d, phi, lam = traced[0][0], np.radians(traced[0][1]), np.radians(traced[1][1])
    first = np.array([np.cos(phi[0]) * np.cos(lam[0]), np.cos(phi[0]) * np.sin(lam[0]), np.sin(phi[0])])
    points = np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)]).T
    along = np.arctan2(np.linalg.norm(np.cross(first, points), axis=1), points @ first) * 6371.0
    assert along == pytest.approx(d, abs=0.01)
    plane = np.cross(points[0], points[-1])
    assert np.abs(points @ plane / np.linalg.norm(plane)).max() * 6371.0 < 0.01
    assert np.degrees(phi[-1]) == pytest.approx(end[0], abs=1e-4)
    assert np.degrees(lam[-1]) == pytest.approx(end[1], abs=1e-4)


def in_map(drawn: CoverageMap, places: Demand) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    rows = np.round((drawn.grid.north - places.latitude) / drawn.grid.step_lat).astype(int)
    return rows, np.round((places.longitude - drawn.grid.west) / drawn.grid.step_lon).astype(int)


@pytest.mark.parametrize("clutter", [0.0, 18.0])
def test_the_map_is_the_model_at_every_cell(islands: Terrain, clutter: float) -> None:
    ground = replace(islands, clutter=np.where(islands.zone == 1, 0.0, clutter).astype(np.float32))
    sites = [
        replace(site, antennas=tuple(three_sectors(20.0 * k))) for k, site in enumerate(sites_on(ground, 3))
    ]
    drawn = coverage_map(ground, sites, CARRIER, radius=6.0)
    rows, columns = np.indices(drawn.rsrp.shape).reshape(2, -1)
    places = demand_points(
        drawn.grid.north - rows * drawn.grid.step_lat, drawn.grid.west + columns * drawn.grid.step_lon,
        np.ones(rows.size),
    )  # fmt: skip
    heard = reception(service(ground, sites, on_cells(places, ground), CARRIER, radius=6.0))
    assert np.isfinite(drawn.rsrp).sum() > 10_000
    assert np.array_equal(drawn.server.ravel(), heard.server)
    level = np.where(heard.server >= 0, heard.rsrp, np.nan).astype(np.float32)
    assert np.array_equal(drawn.rsrp.ravel(), level, equal_nan=True)
    assert drawn.sinr.ravel() == pytest.approx(heard.sinr, abs=1e-3, nan_ok=True)


def test_table_and_map_never_contradict_each_other(islands: Terrain) -> None:
    villages, sites = on_land(islands, 400, 2), sites_on(islands, 2)
    rng = np.random.default_rng(3)
    # Anywhere in their cells, as real villages lie.
    villages = replace(
        villages,
        latitude=villages.latitude + rng.uniform(-0.49, 0.49, 400) * islands.grid.step_lat,
        longitude=villages.longitude + rng.uniform(-0.49, 0.49, 400) * islands.grid.step_lon,
    )
    drawn = coverage_map(islands, sites, CARRIER, radius=40.0)
    heard = reception(service(islands, sites, on_cells(villages, islands), CARRIER, radius=40.0))
    assert 0 < heard.served.sum() < 400
    assert np.array_equal(heard.served, drawn.rsrp[in_map(drawn, villages)] >= -110.0)


def test_a_coarser_map_holds_the_same_values(islands: Terrain) -> None:
    sites = sites_on(islands, 2)
    fine = coverage_map(islands, sites, CARRIER, radius=5.0)
    coarse = coverage_map(islands, sites, CARRIER, radius=5.0, every=4)
    rows, columns = np.indices(coarse.rsrp.shape)
    row = np.round((fine.grid.north - coarse.grid.north) / fine.grid.step_lat).astype(int) + 4 * rows
    column = np.round((coarse.grid.west - fine.grid.west) / fine.grid.step_lon).astype(int) + 4 * columns
    inside = (row >= 0) & (column >= 0) & (row < fine.rsrp.shape[0]) & (column < fine.rsrp.shape[1])
    assert inside.mean() > 0.9
    assert np.array_equal(coarse.rsrp[inside], fine.rsrp[row[inside], column[inside]], equal_nan=True)


def test_other_frequencies_do_not_disturb_and_own_power_counts(islands: Terrain) -> None:
    villages = on_land(islands, 80, 12)
    one, two = sites_on(islands, 2)
    other = replace(two, carrier=Carrier("lte", 1800.0, 10.0), budget=Budget(power=30.0))
    together = service(islands, [one, other], villages, CARRIER, radius=60.0)
    alone = service(islands, [one], villages, CARRIER, radius=60.0)
    assert np.array_equal(together.rsrp[together.site == 0], alone.rsrp)
    expected = service(
        islands, [two], villages, Carrier("lte", 1800.0, 10.0), Budget(power=30.0), radius=60.0
    )
    assert np.array_equal(together.rsrp[together.site == 1], expected.rsrp)
    both, single = reception(together), reception(alone)
    of_one = both.server == 0
    assert of_one.any()
    assert both.sinr[of_one] == pytest.approx(single.sinr[of_one], abs=1e-9)
    same = reception(service(islands, [one, two], villages, CARRIER, radius=60.0))
    assert (same.sinr[of_one & (same.server == 0)] < single.sinr[of_one & (same.server == 0)]).any()


def test_threads_do_not_change_a_bit(islands: Terrain) -> None:
    villages, sites = on_land(islands, 100, 3), sites_on(islands, 3)
    one = service(islands, sites, villages, CARRIER, threads=1)
    two = service(islands, sites, villages, CARRIER, threads=2)
    assert np.array_equal(one.loss, two.loss)
    first = coverage_map(islands, sites, CARRIER, radius=8.0, threads=1)
    second = coverage_map(islands, sites, CARRIER, radius=8.0, threads=2)
    assert first.rsrp.tobytes() == second.rsrp.tobytes()
    assert first.sinr.tobytes() == second.sinr.tobytes()


def test_best_server_and_interference(islands: Terrain) -> None:
    villages, sites = on_land(islands, 60, 4), sites_on(islands, 3)
    found = service(islands, sites, villages, CARRIER, Budget(load=1.0), radius=60.0)
    assert found.site.size == 180
    strongest, server = found.best()
    levels = found.rsrp.reshape(3, 60)
    assert np.array_equal(strongest, levels.max(axis=0))
    assert np.array_equal(server, levels.argmax(axis=0))
    heard = reception(found, threshold=-110.0)
    power = 10.0 ** (0.1 * levels)
    noise = 10.0 ** (0.1 * Budget().noise(CARRIER))
    expected = 10.0 * np.log10(power.max(axis=0) / (power.sum(axis=0) - power.max(axis=0) + noise))
    assert heard.sinr == pytest.approx(expected, abs=1e-6)
    assert np.array_equal(heard.served, strongest >= -110.0)
    served = found.served(-110.0)
    assert sorted(np.unique(np.concatenate(served)).tolist()) == np.flatnonzero(heard.served).tolist()
    starts, points = found.rows(-110.0)
    assert [points[starts[k] : starts[k + 1]].tolist() for k in range(3)] == [row.tolist() for row in served]


def test_the_antenna_looks_where_it_is_told(islands: Terrain) -> None:
    villages = on_land(islands, 150, 6)
    base = sites_on(islands, 1)[0]
    towards = Site("T", base.latitude, base.longitude, 40.0, (Antenna("sector", 15.0, 90.0, 2.0),))
    found = service(islands, [towards], villages, CARRIER, radius=60.0)
    gain = found.rsrp + found.loss - Budget().fixed_gain(CARRIER)
    east = villages.longitude[found.demand] > base.longitude + 0.02
    north = np.abs(villages.latitude[found.demand] - base.latitude) < 0.01
    west = villages.longitude[found.demand] < base.longitude - 0.02
    assert gain.max() <= 15.0 + 1e-9
    if (east & north).any():
        assert gain[east & north].min() > 5.0
    assert (west & north).sum() + (east & north).sum() > 0
    assert gain[west & north].max(initial=-20.0) < 0.0


def test_more_places_asked_for_means_less_signal(islands: Terrain) -> None:
    villages, sites = on_land(islands, 30, 7), sites_on(islands, 1)
    median = service(islands, sites, villages, CARRIER, radius=60.0)
    sure = service(islands, sites, villages, CARRIER, radius=60.0, model=Model(location_percentage=95.0))
    sigma = (0.52 + 0.024 * 0.9) * islands.cell_metres**0.28
    assert median.rsrp - sure.rsrp == pytest.approx(np.full(30, 1.645 * sigma), abs=0.01)


def holed() -> Terrain:
    height = np.full((200, 200), 50.0, np.float32)
    height[60:140, 110:130] = np.nan  # 1600 cells: stays unknown
    step = 90.0 / 111_194.9
    return terrain(height, Grid(-8.0, 122.0, step, step), source="with a hole")


def test_behind_a_hole_nothing_is_known_and_nobody_is_served() -> None:
    ground = holed()
    g = ground.grid
    site = Site("T", g.north - 100 * g.step_lat, g.west + 90 * g.step_lon, 40.0)
    villages = demand_points(
        np.array([g.north - 100 * g.step_lat, g.north - 100 * g.step_lat]),
        np.array([g.west + 60 * g.step_lon, g.west + 150 * g.step_lon]),
        np.array([10.0, 10.0]),
    )
    found = service(ground, [site], villages, CARRIER)
    assert found.unknown == 1
    assert found.demand.tolist() == [0]
    heard = reception(found)
    assert heard.served.tolist() == [True, False]
    drawn = coverage_map(ground, [site], CARRIER, radius=8.0)
    row = round((drawn.grid.north - site.latitude) / drawn.grid.step_lat)
    column = round((site.longitude - drawn.grid.west) / drawn.grid.step_lon)
    assert np.isfinite(drawn.rsrp[row, column + 10])
    assert np.isnan(drawn.rsrp[row, column + 60])


def test_beyond_the_edge_nothing_is_drawn(islands: Terrain) -> None:
    g = islands.grid
    site = Site("edge", g.north, g.west + 120 * g.step_lon, 40.0)
    drawn = coverage_map(islands, [site], CARRIER, radius=5.0)
    assert drawn.grid.north == pytest.approx(g.north)
    assert np.isfinite(drawn.rsrp).any()
    assert any("is not predicted: edge " in note for note in drawn.notes)


def test_close_to_the_mast_the_signal_is_free_space() -> None:
    ground = terrain(np.full((100, 100), 10.0, np.float32), holed().grid, source="plain")
    g = ground.grid
    site = Site("T", g.north - 50 * g.step_lat, g.west + 50 * g.step_lon, 60.0, (Antenna("omni", 0.0),))
    villages = demand_points(
        np.array([site.latitude - 4 * g.step_lat]), np.array([site.longitude]), np.array([1.0])
    )
    loss = service(ground, [site], villages, CARRIER).loss[0]
    distance = math.hypot(4 * 0.09, (60.0 - 1.5) * 1e-3)
    assert loss == pytest.approx(92.4 + 20.0 * math.log10(0.9) + 20.0 * math.log10(distance), abs=0.3)


@pytest.mark.parametrize(
    ("site", "words"),
    [
        (Site("far", 0.0, 0.0, 40.0), "far: 0, 0 lies outside the terrain"),
        (Site("low", -8.05, 122.05, 0.0), "low: antenna height 0 m; expected 1 to 3000"),
    ],
)
def test_sites_that_cannot_be_computed_are_named(islands: Terrain, site: Site, words: str) -> None:
    with pytest.raises(CoverageError, match=words):
        coverage_map(islands, [site], CARRIER)


def test_sites_twice_or_on_unknown_ground(islands: Terrain) -> None:
    twice = [Site("T", -8.05, 122.05, 40.0, tuple(three_sectors()))] * 2
    with pytest.raises(CoverageError, match="T: the id occurs twice"):
        service(islands, twice, on_land(islands, 3, 1), CARRIER)
    ground = holed()
    g = ground.grid
    inside = Site("hole", g.north - 100 * g.step_lat, g.west + 120 * g.step_lon, 40.0)
    with pytest.raises(CoverageError, match="hole: stands on ground of unknown height"):
        coverage_map(ground, [inside], CARRIER)
    with pytest.raises(CoverageError, match="no sites given"):
        coverage_map(ground, [], CARRIER)


def test_a_map_goes_on_where_it_was_killed(islands: Terrain, tmp_path: Path) -> None:
    sites = sites_on(islands, 3)
    whole = coverage_map(islands, sites, CARRIER, radius=6.0)

    def killed() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        coverage_map(
            islands, sites, CARRIER, radius=6.0, kept=KeptLosses(tmp_path / "kept", islands), progress=killed
        )
    (tmp_path / "kept" / "half-written.part").write_bytes(b"\x93NUMPY")
    kept = KeptLosses(tmp_path / "kept", islands)
    again = coverage_map(islands, sites, CARRIER, radius=6.0, kept=kept)
    assert kept.found == 1
    for name in ("rsrp", "sinr", "throughput", "server"):
        assert getattr(again, name).tobytes() == getattr(whole, name).tobytes()
    # Nothing is taken for another model, another ground, or where a file is broken.
    other = KeptLosses(tmp_path / "kept", islands)
    coverage_map(islands, sites, CARRIER, radius=6.0, kept=other, model=Model(time_percentage=10.0))
    higher = replace(islands, height=islands.height + np.float32(1.0))
    elsewhere = KeptLosses(tmp_path / "kept", higher)
    coverage_map(higher, sites[:1], CARRIER, radius=6.0, kept=elsewhere)
    assert other.found == elsewhere.found == 0
    for path in (tmp_path / "kept").glob("*.npy"):
        path.write_bytes(path.read_bytes()[:-8])
    broken = KeptLosses(tmp_path / "kept", islands)
    mended = coverage_map(islands, sites[:1], CARRIER, radius=6.0, kept=broken)
    assert broken.found == 0 and np.isfinite(mended.rsrp).any()
    broken.forget()
    assert not (tmp_path / "kept").exists()
