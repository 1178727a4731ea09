"""The safety rules hold whatever a controller asks, second by second."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.city.engine.conflicts import Conflicts
from lumbung.city.engine.safety import Guard, RuleError, Rules, transition
from lumbung.city.engine.topology import WALKING_M_S, Crossing, Junction, Link

PHASES = ("GGrrrr", "rrGGrr", "rrrrGg", "GGrrrG")


def make_junction(phases: tuple[str, ...] = PHASES, yellow: int = 3, all_red: int = 2) -> Junction:
    links = tuple(Link(i, f"in{i}_0", f"out{i}_0", "s") for i in range(len(phases[0])))
    return Junction("j", 0.0, 0.0, links, (), (), 0, phases, yellow, all_red)


def play(wishes: list[int], rules: Rules, standing: list[str]) -> tuple[list[str], Guard]:
    """Return the state shown in every second."""
    guard = Guard(make_junction(), rules, 0.0)
    coming: list[tuple[float, str]] = []
    shown, state = [], guard.state
    for number, wish in enumerate(wishes):
        now = float(number * rules.decision_interval)
        for lane in standing:
            guard.call(now, lane)
        coming += [(c.time, c.state) for c in guard.decide(now, wish)]
        for second in range(rules.decision_interval):
            for time, following in coming:
                if time == now + second:
                    state = following
            shown.append(state)
    return shown, guard


wishes = st.lists(st.integers(0, len(PHASES) - 1), min_size=30, max_size=80)


@settings(max_examples=60, deadline=None)
@given(wishes, st.sampled_from([1, 3, 5, 10]))
def test_no_link_goes_from_green_to_red_without_its_whole_yellow(wanted: list[int], interval: int) -> None:
    shown, _ = play(wanted, Rules(decision_interval=interval), [])
    for link in range(6):
        letters = "".join(state[link] for state in shown)
        assert "Gr" not in letters and "gr" not in letters
        for run in letters.replace("G", " ").replace("g", " ").replace("r", " ").split()[:-1]:
            assert run == "yyy"


@settings(max_examples=60, deadline=None)
@given(wishes)
def test_all_red_separates_conflicting_greens(wanted: list[int]) -> None:
    shown, _ = play(wanted, Rules(), [])
    gained = [
        k
        for k in range(1, len(shown))
        if any(a not in "Gg" and b in "Gg" for a, b in zip(shown[k - 1], shown[k], strict=False))
    ]
    for k in gained:
        lost_recently = any("y" in shown[j] for j in range(max(0, k - 2), k))
        assert not lost_recently, f"green at {k} within 2 s of yellow"


@settings(max_examples=60, deadline=None)
@given(wishes, st.integers(5, 12))
def test_every_green_lasts_its_minimum(wanted: list[int], minimum: int) -> None:
    shown, _ = play(wanted, Rules(min_green=minimum), [])
    runs: list[tuple[str, int]] = []
    for state in shown:
        if runs and runs[-1][0] == state:
            runs[-1] = (state, runs[-1][1] + 1)
        else:
            runs.append((state, 1))
    assert all(length >= minimum for state, length in runs[:-1] if state in PHASES)


@settings(max_examples=60, deadline=None)
@given(wishes.map(lambda w: w * 2), st.sampled_from([60, 90, 120]))
def test_a_called_link_is_served_in_time(wanted: list[int], max_red: int) -> None:
    rules = Rules(max_red=max_red)
    shown, guard = play(wanted, rules, ["in2_0"])
    red, worst = 0, 0
    for state in shown:
        red = 0 if state[2] in "Gg" else red + 1
        worst = max(worst, red)
    # one link alone is called: a minimum green that has just begun may add itself and one interval
    slack = rules.min_green + rules.decision_interval + 3 + 2
    assert worst <= max_red + slack
    assert max(guard.longest_red, guard.open_red(float(len(shown)))) <= max_red + slack


def test_without_a_call_nothing_is_forced() -> None:
    shown, guard = play([0] * 100, Rules(), [])
    assert set(shown) == {PHASES[0]} and guard.forced == 0


def test_starving_is_overridden_and_counted() -> None:
    shown, guard = play([0] * 100, Rules(max_red=60), ["in4_0"])
    assert any(state[4] == "G" for state in shown)
    assert guard.forced >= 5


def test_a_request_within_minimum_green_is_refused_and_counted() -> None:
    _, guard = play([0, 1, 2, 3, 0], Rules(min_green=10), [])
    assert guard.early == 3  # 5 s after the start; 0 s and 5 s after the second phase turned green


def test_a_link_green_in_both_phases_stays_green() -> None:
    four = make_junction(("GGrr", "GrrG"))
    shown = [(c.time, c.state) for c in transition(four, Rules(), "GGrr", "GrrG", 10.0, {})]
    assert shown == [(10.0, "Gyrr"), (13.0, "Grrr"), (15.0, "GrrG")]
    stops = make_junction(("GGss", "sssG"))
    assert [c.state for c in transition(stops, Rules(), "GGss", "sssG", 0.0, {})] == ["yyss", "sssr", "sssG"]


def crossed(length: float = 12.8) -> Junction:
    """A street (links 0, 1), the one it meets (2), and a crossing over the latter (3)."""
    links = tuple(Link(i, f"in{i}_0", f"out{i}_0", "s") for i in range(3))
    foes = {0: {2}, 1: {2}, 2: {0, 1, 3}, 3: {2}}
    conflicts = Conflicts({i: frozenset(f) for i, f in foes.items()}, {})
    crossing = Crossing(3, ":j_c0", (":j_w0",), ("in2", "out2"), length, math.ceil(length / WALKING_M_S))
    phases = ("GGrG", "GGrr", "rrGr")
    return Junction("j", 0.0, 0.0, links, (), (), 0, phases, 3, 0, (crossing,), conflicts)


def test_people_on_a_crossing_reach_the_other_side() -> None:
    # 12.8 m at 1.2 m/s: 10.7 s, of which the yellow of the street beside it is a part
    shown = [(c.time, c.state) for c in transition(crossed(), Rules(), "GGrG", "rrGr", 100.0, {})]
    assert shown == [(100.0, "GGrr"), (108.0, "yyrr"), (111.0, "rrGr")]
    # a crossing that lost green 6 s ago needs 5 s more
    shown = [(c.time, c.state) for c in transition(crossed(), Rules(), "GGrr", "rrGr", 100.0, {3: 94.0})]
    assert shown == [(100.0, "GGrr"), (102.0, "yyrr"), (105.0, "rrGr")]
    # nobody can be on it any more
    shown = [(c.time, c.state) for c in transition(crossed(), Rules(), "GGrr", "rrGr", 100.0, {3: 50.0})]
    assert shown == [(100.0, "yyrr"), (103.0, "rrGr")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=30, max_size=80), st.floats(3, 40))
def test_no_car_gets_green_over_people_who_still_walk(wanted: list[int], length: float) -> None:
    junction, rules = crossed(length), Rules()
    guard = Guard(junction, rules, 0.0)
    shown, coming, state = [], [], guard.state
    for number, wish in enumerate(wanted):
        now = 5.0 * number
        coming += [(c.time, c.state) for c in guard.decide(now, wish)]
        for second in range(5):
            state = next((s for t, s in reversed(coming) if t <= now + second), state)
            shown.append(state)
    walked = -math.inf
    for second, state in enumerate(shown):
        assert state[3] != "y"
        if state[3] == "G":
            walked = second + 1
        if state[2] == "G":
            assert second - walked >= length / WALKING_M_S


def test_people_who_wait_are_served_in_time() -> None:
    guard = Guard(crossed(), Rules(max_red=60), 0.0)
    guard.decide(10.0, 2)
    served = None
    for now in range(25, 200, 5):
        guard.call(float(now), ":j_c0")
        guard.decide(float(now), 2)
        if guard.phase == 0:
            served = guard.green_from
            break
    assert served is not None and served - 25 <= 60 and guard.forced == 1


@pytest.mark.parametrize(
    "wrong", [{"min_green": 0}, {"max_red": 10}, {"yellow": 1}, {"all_red": -1}, {"min_green": True}]
)
def test_rules_no_signal_could_keep(wrong: dict[str, int]) -> None:
    with pytest.raises(RuleError, match=next(iter(wrong))):
        Rules(**wrong)
