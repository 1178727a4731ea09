"""Fixed plans: the network's own comes back as it was, and an unsafe one is refused before it runs."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from lumbung.city.engine.networks import RESCO, Scenario, resco
from lumbung.city.engine.plans import (
    IllegalAction,
    Plan,
    longest_red,
    network_plan,
    plan_program,
    programs_xml,
    read_plan,
)
from lumbung.city.engine.safety import Rules
from lumbung.city.engine.topology import Junction, read_topology


@pytest.fixture(scope="module")
def junction(crossing: Scenario) -> Junction:
    return read_topology(crossing.net).junctions["c"]


@pytest.mark.parametrize("name", ["cologne1", "cologne3", "cologne8", "ingolstadt1", "arterial4x4"])
def test_the_networks_plan_spelt_out_has_its_own_greens_and_cycle(name: str) -> None:
    for junction in read_topology(resco(name).net).junctions.values():
        program = plan_program(junction, network_plan(junction), Rules())
        greens = [p for p in junction.program if p.state in junction.phases]
        assert [p for p in program if p.state in junction.phases] == greens
        assert abs(sum(p.duration for p in program) - sum(p.duration for p in junction.program)) <= 6


def test_longest_red_by_hand(junction: Junction) -> None:
    plan = Plan(
        ((0, 30), (1, 10))
        if len(junction.phases) == 2
        else tuple((p, 10) for p in range(len(junction.phases)))
    )
    program = plan_program(junction, plan, Rules())
    red, index = longest_red(junction, program)
    shown = "".join(p.state[index] * p.duration for p in program) * 2
    runs = [
        len(run)
        for run in shown.replace("G", " ").replace("g", " ").replace("y", " ").replace("s", " ").split()
    ]
    assert red == max(runs)


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ("mine", "found 'mine'"),
        ({"phases": []}, "expected"),
        ({"phases": [[0, 30], [99, 10]]}, "found phase 99"),
        ({"phases": [[0, 30], [1, 2]]}, "2 s of green"),
        ({"phases": [[0, 30], [1, float("nan")]]}, "whole green seconds"),
        ({"phases": [[0, 30]]}, "red for ever"),
        ({"phases": [[0, 300], [1, 10]]}, "red for"),
        ({"phases": [[0, 30], [1, 10]], "offset": 0.5}, "offset"),
    ],
)
def test_a_plan_no_signal_may_show(junction: Junction, answer: Any, what: str) -> None:
    with pytest.raises(IllegalAction, match="junction c") as error:
        read_plan(junction, answer, Rules())
    assert what in str(error.value)


def test_the_networks_plan_is_left_untouched_unless_rules_ask_for_more(junction: Junction) -> None:
    assert read_plan(junction, "network", Rules()) is None
    stricter = read_plan(junction, "network", Rules(all_red=2))
    assert stricter == network_plan(junction)
    program = plan_program(junction, network_plan(junction), Rules(all_red=2))
    assert any(set(p.state) <= set("rs") for p in program)


def test_programs_are_xml_that_names_each_junction(junction: Junction) -> None:
    plan = network_plan(junction)
    root = ElementTree.fromstring(programs_xml([(junction, plan_program(junction, plan, Rules()), 7)]))
    (logic,) = root.findall("tlLogic")
    assert logic.get("id") == "c" and logic.get("offset") == "7"
    assert len(logic.findall("phase")) == len(plan_program(junction, plan, Rules()))


def test_all_of_resco_can_be_spelt_out() -> None:
    for name in RESCO:
        for junction in read_topology(resco(name).net).junctions.values():
            red, _ = longest_red(junction, plan_program(junction, network_plan(junction), Rules()))
            assert 0 < red <= 120
