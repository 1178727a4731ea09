"""Loads and speeds against small networks solved by hand, another solver, and what the theory promises."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from lumbung.connectivity.engine.antenna import three_sectors
from lumbung.connectivity.engine.building_entry import building_entry_loss
from lumbung.connectivity.engine.cellular import (
    SHANNON_SHARE,
    Budget,
    Carrier,
    efficiencies,
    rate_of_one,
    throughput,
)
from lumbung.connectivity.engine.load_coupling import Cells, Heard, Loads, ratios, settled
from lumbung.connectivity.ground.generated_terrain import generated_islands
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand, DemandError, demand_points
from lumbung.connectivity.people.traffic import busy_hour_rate
from lumbung.connectivity.radio.capacity import (
    Network,
    Whereabouts,
    busy,
    capacity,
    cells_of,
    network,
)
from lumbung.connectivity.radio.coverage import CoverageError, Site, reception, service, use_threads

LEAST, MOST = 0.1523, 5.5547
NOISE, WIDTH = 1e-12, 6.0
ONE = np.ones(1)


def cells(count: int, wall: np.ndarray | None = None, floor: float = 0.0) -> Cells:
    full = np.full(count, 1.0)
    walls = np.ones((count, 1)) if wall is None else np.tile(wall, (count, 1))
    return Cells(full * NOISE, full * WIDTH, full * LEAST, full * MOST, full * floor, walls)


def heard(starts: list[int], signal: list[float], other: list[list[int]], power: list[list[float]]) -> Heard:
    return Heard(
        np.array(starts), np.array(signal), np.array(other, np.int32).reshape(len(signal), -1),
        np.array(power).reshape(len(signal), -1), np.zeros(len(signal)),
    )  # fmt: skip


def test_a_cell_alone_is_busy_for_demand_over_rate() -> None:
    # Signal to noise 3: 0.6 log2(4) = 1.2 bit/s/Hz, times 6 is 7.2 Mbit/s; 1.8 of it are asked for.
    loads = settled(
        cells(1), heard([0, 1], [3 * NOISE], [[-1]], [[0.0]]), np.array([1.8]), ONE, SHANNON_SHARE
    )
    assert loads.needed[0] == pytest.approx(0.25, abs=1e-9)
    assert loads.load[0] == pytest.approx(0.25, abs=1e-9)


def test_two_equal_cells_meet_where_the_equation_of_one_unknown_does() -> None:
    signal, disturbing, asked = 100 * NOISE, 20 * NOISE, 3.0

    def excess(load: float) -> float:
        return load - asked / (WIDTH * SHANNON_SHARE * math.log2(1.0 + 100.0 / (1.0 + 20.0 * load)))

    expected = brentq(excess, 0.0, 1.0, xtol=1e-14)
    pair = heard([0, 1, 2], [signal, signal], [[1], [0]], [[disturbing], [disturbing]])
    loads = settled(cells(2), pair, np.array([asked, asked]), ONE, SHANNON_SHARE, tolerance=1e-12)
    assert loads.load == pytest.approx([expected, expected], abs=1e-10)
    assert loads.doubt <= 1e-12
    assert ratios(loads.load, cells(2), pair)[:, 0] == pytest.approx(
        10.0 * math.log10(100.0 / (1.0 + 20.0 * expected))
    )


def test_best_and_worst_quality_bound_the_rate() -> None:
    loads = settled(
        cells(2), heard([0, 1, 2], [1e6 * NOISE, 1e-3 * NOISE], [[-1], [-1]], [[0.0], [0.0]]), np.array([1.0, 1.0]), ONE, SHANNON_SHARE
    )  # fmt: skip
    assert loads.needed == pytest.approx([1.0 / (WIDTH * MOST), 1.0 / (WIDTH * LEAST)])


def test_behind_a_wall_signal_and_disturbance_fall_and_noise_stays() -> None:
    pair = heard([0, 1, 1], [100 * NOISE], [[1]], [[50 * NOISE]])
    load = np.array([0.0, 1.0])
    wall = np.array([1.0, 0.01])
    found = 10.0 ** (0.1 * ratios(load, cells(2, wall), pair)[0])
    assert found == pytest.approx([100.0 / 51.0, 1.0 / 1.5])
    # Below the floor nobody is a user: the part behind the wall asks for nothing.
    strict = cells(2, wall, floor=2 * NOISE)
    loads = settled(strict, pair, np.array([1.0]), np.array([0.5, 0.5]), SHANNON_SHARE)
    assert loads.needed[0] == pytest.approx(0.5 / (WIDTH * SHANNON_SHARE * math.log2(1.0 + 100.0)))
    assert ratios(load, strict, pair)[0, 1] == -math.inf


@st.composite
def networks(draw: st.DrawFn) -> tuple[Cells, Heard, np.ndarray]:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    count, points = draw(st.integers(1, 6)), draw(st.integers(1, 30))
    power = NOISE * 10.0 ** rng.uniform(-1.0, 4.0, (points, count))
    power[rng.random((points, count)) < 0.3] = 0.0
    server = np.argmax(power, axis=1)
    order = np.argsort(server, kind="stable")
    power, server = power[order], server[order]
    signal = power[np.arange(points), server]
    others = power.copy()
    others[np.arange(points), server] = 0.0
    ranked = np.argsort(-others, axis=1, kind="stable")
    strengths = np.take_along_axis(others, ranked, axis=1)
    return (
        cells(count),
        Heard(
            np.searchsorted(server, np.arange(count + 1)), signal,
            np.where(strengths > 0.0, ranked, -1).astype(np.int32), strengths, np.zeros(points),
        ),
        rng.uniform(0.0, draw(st.sampled_from([0.1, 1.0, 10.0])), points),
    )  # fmt: skip


def iterated(parts: Cells, who: Heard, demand: np.ndarray, start: float) -> np.ndarray:
    """The same fixed point by plain numpy over a whole matrix, from another start, a thousand rounds."""
    count = parts.noise.size
    server = np.repeat(np.arange(count), np.diff(who.starts))
    gains = np.zeros((server.size, count + 1))
    np.put_along_axis(gains, np.where(who.other < 0, count, who.other).astype(int), who.power, axis=1)
    load = np.full(count, start)
    for _ in range(1000):
        ratio = who.signal / (NOISE + gains[:, :count] @ load)
        rate = np.clip(SHANNON_SHARE * np.log2(1.0 + ratio), LEAST, MOST) * WIDTH
        needed = np.bincount(server, demand / rate, count)
        load = np.minimum(needed, 1.0)
    return np.asarray(needed)


@settings(max_examples=40, deadline=None)
@given(networks())
def test_one_fixed_point_from_any_start(case: tuple[Cells, Heard, np.ndarray]) -> None:
    parts, who, demand = case
    loads = settled(parts, who, demand, ONE, SHANNON_SHARE, tolerance=1e-10)
    for start in (0.0, 0.37, 1.0):
        assert loads.needed == pytest.approx(iterated(parts, who, demand, start), rel=1e-6, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(networks(), st.floats(1.0, 3.0))
def test_more_demand_makes_no_cell_less_busy_and_less_than_in_proportion_never(
    case: tuple[Cells, Heard, np.ndarray], factor: float
) -> None:
    parts, who, demand = case
    before = settled(parts, who, demand, ONE, SHANNON_SHARE)
    after = settled(parts, who, demand * factor, ONE, SHANNON_SHARE)
    assert (after.load >= before.load - 2e-6).all()
    assert (after.needed >= before.needed * factor * (1.0 - 1e-5) - 2e-6).all()
    assert (ratios(after.load, parts, who) <= ratios(before.load, parts, who) + 1e-4).all()


def test_the_busy_hour_of_a_month() -> None:
    # 10 GB a month are 1/3 GB a day; a tenth of it in one hour is 33.3 MB, 74.1 kbit/s.
    assert busy_hour_rate(10.0, 0.1) == pytest.approx(8.0 / 30 / 3600 * 1000)
    assert busy_hour_rate(10.0, 0.1, 0.5) == pytest.approx(0.5 * busy_hour_rate(10.0, 0.1))
    with pytest.raises(DemandError, match="share of the busy hour is 10"):
        busy_hour_rate(10.0, 10.0)
    with pytest.raises(DemandError, match="traffic is nan"):
        busy_hour_rate(math.nan, 0.1)


@pytest.fixture(scope="module")
def islands() -> Terrain:
    return generated_islands(3, rows=220, columns=220)


def on_land(ground: Terrain, count: int) -> Demand:
    rng = np.random.default_rng(9)
    rows, columns = np.nonzero(ground.height > 1.0)
    chosen = rng.choice(rows.size, count, replace=False)
    return demand_points(
        ground.grid.north - rows[chosen] * ground.grid.step_lat,
        ground.grid.west + columns[chosen] * ground.grid.step_lon, rng.integers(50, 900, count),
    )  # fmt: skip


def two_towers(ground: Terrain) -> list[Site]:
    rows, columns = np.nonzero(ground.height > 100.0)
    places = ((k, ground.grid.north - rows[k] * ground.grid.step_lat, ground.grid.west + columns[k] * ground.grid.step_lon)
              for k in (0, rows.size - 1))  # fmt: skip
    return [Site(f"T{k}", lat, lon, 40.0, tuple(three_sectors())) for k, lat, lon in places]


@pytest.fixture(scope="module")
def there(islands: Terrain) -> tuple[Demand, list[Site], Network]:
    places, sites = on_land(islands, 120), two_towers(islands)
    return places, sites, network(islands, sites, places, Carrier(), radius=20.0, threads=1)


def test_a_sector_is_a_cell_and_the_best_one_serves(
    islands: Terrain, there: tuple[Demand, list[Site], Network]
) -> None:
    places, sites, net = there
    assert [cell.id for cell in net.cell] == [f"{site.id}/{k}" for site in sites for k in (1, 2, 3)]
    pairs = service(islands, sites, places, Carrier(), radius=20.0)
    found = capacity(net, busy(net, places.people, 0.0))
    best, server = pairs.best()
    heard_at_all = best >= -110.0
    assert (found.server[~heard_at_all] == -1).all()
    assert found.level[heard_at_all] == pytest.approx(best[heard_at_all], abs=1e-9)
    assert (found.server[heard_at_all] // 3 == server[heard_at_all]).all()


def test_with_nobody_there_a_place_has_the_rate_of_noise_alone(
    islands: Terrain, there: tuple[Demand, list[Site], Network]
) -> None:
    places, sites, net = there
    found = capacity(net, busy(net, places.people, 0.0))
    assert found.speed == pytest.approx(found.alone)
    quiet = reception(service(islands, sites, places, Carrier(), Budget(load=0.0), radius=20.0))
    enough = found.level >= -110.0
    assert found.alone[enough, 0] == pytest.approx(quiet.rate[enough])
    assert (found.alone[~enough] == 0.0).all()


def test_speed_is_the_idle_share_of_the_rate_and_full_cells_promise_none(
    there: tuple[Demand, list[Site], Network],
) -> None:
    places, _, net = there
    found = capacity(net, busy(net, places.people, 5e-4))
    inside = found.server >= 0
    idle = 1.0 - found.loads.needed[found.server[inside]]
    assert found.speed[inside, 0] == pytest.approx(found.alone[inside, 0] * idle)
    full = capacity(net, busy(net, places.people, 5.0))
    assert full.loads.load.max() == 1.0 and full.loads.needed.max() > 1.0
    crowded = (full.server >= 0) & (full.loads.needed[full.server] >= 1.0)
    assert crowded.any() and (full.speed[crowded] == 0.0).all()
    assert (full.part_at(2.0) <= found.part_at(2.0)).all()
    assert (found.part_at(10.0) <= found.part_at(2.0)).all()


def test_users_at_once(there: tuple[Demand, list[Site], Network]) -> None:
    """Two thirds of the people at 10 Mbit/s and one at 2: a user of 1 Mbit/s takes 1/10 or 1/2 of the cell, 7/30 on average."""
    _, _, net = there
    found = capacity(net, Loads(np.zeros(6), np.zeros(6), 0.0, 0))
    made = replace(found, server=np.array([0, 0, 3]), alone=np.array([[10.0], [2.0], [0.5]]))
    users = made.at_once(np.array([200.0, 100.0, 70.0]), 1.0)
    assert users[0] == pytest.approx(30.0 / 7.0)
    assert users[3] == 0.0 and users[1] == 0.0


def test_fewer_neighbours_one_by_one_never_flatter(
    islands: Terrain, there: tuple[Demand, list[Site], Network]
) -> None:
    places, sites, net = there
    coarse = network(islands, sites, places, Carrier(), radius=20.0, neighbours=1)
    assert (busy(coarse, places.people, 2e-3).load >= busy(net, places.people, 2e-3).load - 1e-6).all()


def test_threads_change_no_bit(there: tuple[Demand, list[Site], Network]) -> None:
    places, _, net = there
    results = []
    for threads in (1, 2):
        use_threads(threads)
        results.append(busy(net, places.people, 3e-3).needed)
    assert (results[0] == results[1]).all()


def test_walls_take_what_p2109_says(islands: Terrain, there: tuple[Demand, list[Site], Network]) -> None:
    places, sites, _ = there
    inside = network(
        islands, sites, places, Carrier(), radius=20.0, threshold=-150.0,
        whereabouts=Whereabouts(0.8, "traditional", (0.5,)),
    )  # fmt: skip
    found = capacity(inside, busy(inside, places.people, 0.0))
    assert found.share == pytest.approx([0.2, 0.8])
    known = found.level > -math.inf
    indoors = found.level[known] - float(building_entry_loss(900.0)) - Budget().noise(Carrier())
    assert found.alone[known, 1] == pytest.approx(throughput(Carrier(), indoors))
    with pytest.raises(CoverageError, match="indoors is 80"):
        Whereabouts(80.0)


def test_other_carriers_have_their_own_width_and_disturb_nobody(islands: Terrain) -> None:
    places, sites = on_land(islands, 40), two_towers(islands)
    nr = Carrier("nr", 3500.0, 100.0, 30)
    mixed = [sites[0], replace(sites[1], carrier=nr)]
    net = network(islands, mixed, places, Carrier(), radius=20.0)
    assert net.cells.width == pytest.approx([rate_of_one(Carrier())] * 3 + [rate_of_one(nr)] * 3)
    assert net.cells.most == pytest.approx([efficiencies(Carrier())[-1]] * 6)
    first = np.isin(net.heard.other[: net.heard.starts[3]], [3, 4, 5])
    assert not first.any()


def test_cells_of_a_site_with_one_antenna_keep_its_name() -> None:
    assert [cell.id for cell in cells_of([Site("A", 0.0, 0.0, 30.0)])] == ["A"]
