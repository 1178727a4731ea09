"""Draws: without doubt every draw is the plan itself, with doubt the obvious site stays and the others take turns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lumbung.connectivity.engine.cellular import Carrier, throughput
from lumbung.connectivity.engine.phasing.programme import PhasingError, Programme
from lumbung.connectivity.people.demand import demand_points
from lumbung.connectivity.siting.rollout import Promise, Reach, Rollout
from lumbung.connectivity.siting.sensitivity import Doubts, drawn, sensitivity
from lumbung.connectivity.siting.ten_years import Prices

NOISE = -123.2


def three_sites(people: list[float], money: float = 125.0, floor: float = 0.0) -> Rollout:
    """Three sites, each with one village of its own and one cell; money for two."""
    count = np.array(people)
    reach = Reach(
        np.arange(3),
        np.arange(3),
        np.arange(3),
        np.full(3, -95.0),
        np.full(3, NOISE),
        (Carrier(),) * 3,
        -110.0,
    )
    one = np.arange(3)
    programme = Programme(
        people=count, worth=np.ones(1), money=np.array([money]), way_site=one, way_option=one, way_cost=np.full(3, 60.0),
        way_over=np.full(3, -1), way_carries=np.full(3, True), way_traffic=np.full(3, np.inf), cell_option=one,
        region=np.zeros(3, np.int64), floor=np.array([floor]), **reach.pairs(count, Promise()),
    )  # fmt: skip
    return Rollout(
        programme, reach, (), (), demand_points([0.0] * 3, [0.0] * 3, count), ("R",), Promise(), Prices(), ()
    )


def test_pairs_of_levels_by_hand() -> None:
    made = three_sites([500.0, 400.0, 300.0])
    rate = float(throughput(Carrier(), -95.0 - NOISE - 3.0))
    assert made.programme.pair_time == pytest.approx(
        np.array([500.0, 400.0, 300.0]) * 0.02 * 2.0 / (rate * 0.7)
    )
    # 16 dB less is below the threshold: nobody is left.
    assert made.reach.pairs(made.programme.people, Promise(), -16.0)["pair_place"].size == 0


def test_without_doubt_every_draw_is_the_plan() -> None:
    found = sensitivity(three_sites([450.0, 400.0, 300.0]), Doubts(0.0, 0.0, 0.0, 0.0), 3, 5.0)
    assert found.chosen.tolist() == [1.0, 1.0, 0.0]
    assert found.served == pytest.approx([850.0] * 3)
    assert (found.draws, found.impossible) == (3, 0)


def test_the_large_village_is_sure_and_the_alike_take_turns() -> None:
    found = sensitivity(three_sites([900.0, 300.0, 300.0]), Doubts(0.0, 0.0, 0.3, 0.0), 40, 5.0)
    assert found.chosen[0] >= 0.95
    assert 0.25 <= found.chosen[1] <= 0.75
    assert found.chosen.sum() == pytest.approx(2.0, abs=0.05)


def test_the_same_seed_draws_the_same_and_deviations_are_as_said() -> None:
    made = three_sites([500.0] * 3)
    one, two = (drawn(made, Doubts(), np.random.default_rng(4)) for _ in range(2))
    assert (one.people == two.people).all() and (one.way_cost == two.way_cost).all()
    rng = np.random.default_rng(1)
    logs = np.log([drawn(made, Doubts(), rng).way_cost / 60.0 for _ in range(400)])
    assert logs.std() == pytest.approx(0.2, abs=0.02) and abs(logs.mean()) < 0.02


def test_floors_that_a_draw_cannot_meet_are_counted() -> None:
    made = three_sites([500.0, 400.0, 300.0], money=190.0, floor=0.9)
    found = sensitivity(made, Doubts(0.0, 0.0, 0.0, 0.15), 20, 5.0)
    assert found.impossible > 0 and found.draws + found.impossible == 20
    poor = replace(made, programme=replace(made.programme, money=np.array([10.0])))
    with pytest.raises(PhasingError, match="no draw had an answer"):
        sensitivity(poor, Doubts(0.0, 0.0, 0.0, 0.0), 2, 5.0)
    with pytest.raises(PhasingError, match="link is -1"):
        Doubts(link=-1.0)
