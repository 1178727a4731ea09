"""A proposal's form, its rules, and its worth on ground small enough to say what must come out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lumbung.connectivity.challenge.proposals import (
    Choice,
    ProposalError,
    Terms,
    cost_of,
    problem_of,
    read_proposal,
    sites_of,
    worth_of,
)
from lumbung.connectivity.radio.coverage import service
from small_areas import walled

TERMS = Terms()


def site(name: str = "A", height: Any = 30.0, backhaul: Any = "satellite") -> dict[str, Any]:
    return {"id": name, "height": height, "backhaul": backhaul}


@pytest.mark.parametrize(
    ("answer", "where", "form"),
    [
        (None, "the answer", True),
        ({"sites": "A"}, "the answer", True),
        ({"sites": ["A"]}, "sites[0]", True),
        ({"sites": [{"id": "A", "height": 30.0}]}, "sites[0].backhaul", True),
        ({"sites": [site(height=float("nan"))]}, "sites[0].height", True),
        ({"sites": [site(height=float("inf"))]}, "sites[0].height", True),
        ({"sites": [site(height=True)]}, "sites[0].height", True),
        ({"sites": [site(height="30")]}, "sites[0].height", True),
        ({"sites": [site(height=31.0)]}, "sites[0].height", False),
        ({"sites": [site(3)]}, "sites[0].id", True),
        ({"sites": [site("Z")]}, "sites[0].id", False),
        ({"sites": [site(), site()]}, "sites[1].id", False),
        ({"sites": [site(backhaul=None)]}, "sites[0].backhaul", True),
        ({"sites": [site(backhaul="B")]}, "sites[0].backhaul", False),
        ({"sites": [site(backhaul="A")]}, "sites[0].backhaul", False),
        ({"sites": [site("A", 30.0, "B"), site("B", 30.0, "A")]}, "sites[0].backhaul", False),
        ({"sites": [site("A", 30.0, "B"), site("B")]}, "sites[0].backhaul", False),
        ({"sites": [site("A"), site("B"), site("C")]}, "sites", False),
    ],
)
def test_what_is_no_proposal_is_named(answer: Any, where: str, form: bool) -> None:
    with pytest.raises(ProposalError) as error:
        read_proposal(answer, walled(), TERMS)
    assert (error.value.where, error.value.form) == (where, form)


def test_numpy_numbers_and_whole_numbers_are_heights() -> None:
    answer = {"sites": [site("A", np.float32(30)), site("B", 60)]}
    assert read_proposal(answer, walled(), TERMS) == (Choice(0, 0, "satellite"), Choice(1, 1, "satellite"))


def test_cost_counts_each_site_and_its_own_backhaul() -> None:
    choices = (Choice(0, 0, "F"), Choice(1, 1, "satellite"))
    assert cost_of(choices, walled(), TERMS) == (100 + 25) + (130 + 80)


def test_nothing_built_serves_nobody() -> None:
    worth = worth_of((), walled(), TERMS)
    assert not worth.served.any() and worth.spent == 0


def test_who_is_served_is_what_the_engine_says() -> None:
    area, choices = walled(), (Choice(0, 1, "satellite"), Choice(1, 0, "satellite"))
    pairs = service(area.ground, sites_of(choices, area), area.demand, TERMS.carrier, radius=TERMS.radius)
    expected = np.zeros(4, bool)
    expected[pairs.demand[pairs.rsrp >= TERMS.threshold]] = True
    worth = worth_of(choices, area, TERMS)
    assert (worth.served == expected).all() and worth.served.all()
    assert worth.server.tolist() == [0, 0, 1, 1]


def test_the_wall_stops_the_signal() -> None:
    worth = worth_of((Choice(0, 1, "satellite"),), walled(), TERMS)
    assert worth.served.tolist() == [True, True, False, False]


def test_a_blocked_hop_costs_and_serves_nobody() -> None:
    worth = worth_of((Choice(1, 1, "F"),), walled(), TERMS)
    assert worth.connected == (False,) and not worth.served.any()
    assert worth.spent == 155 and "no line of sight to F" in worth.why_not[0]


def test_a_chain_over_the_wall_connects() -> None:
    area = walled()
    direct = worth_of((Choice(2, 0, "F"), Choice(1, 1, "C")), area, TERMS)
    assert direct.connected == (True, True)
    assert direct.served[2:].all()


def test_what_hangs_on_a_blocked_hop_is_not_connected() -> None:
    worth = worth_of((Choice(1, 1, "F"), Choice(2, 0, "B")), walled(), TERMS)
    assert worth.connected == (False, False)


def test_a_hop_beyond_its_length() -> None:
    from dataclasses import replace

    short = replace(TERMS, rules=replace(TERMS.rules, longest=5.0))
    worth = worth_of((Choice(0, 0, "F"),), walled(), short)
    assert worth.connected == (False,) and "hops reach 5 km" in worth.why_not[0]


def test_the_message_holds_everything_and_says_generated() -> None:
    problem = problem_of(walled(), TERMS)
    assert problem["terrain"]["generated"] and "generated" in problem["label"]
    assert problem["terrain"]["height"].shape == problem["terrain"]["clutter"].shape == (80, 160)
    assert problem["villages"]["people"].sum() == 1000
    assert [c["costs"] for c in problem["candidates"]] == [[100.0, 130.0]] * 3
