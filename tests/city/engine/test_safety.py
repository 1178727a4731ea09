"""The safety rules hold whatever a controller asks, second by second."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.city.engine.safety import Guard, RuleError, Rules, all_red_state, yellow_state
from lumbung.city.engine.topology import Junction, Link

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
    assert yellow_state("GGrr", "GrrG") == "Gyrr"
    assert all_red_state("GGrr", "GrrG") == "Grrr"
    assert all_red_state("GGss", "sssG") == "sssr"


@pytest.mark.parametrize(
    "wrong", [{"min_green": 0}, {"max_red": 10}, {"yellow": 1}, {"all_red": -1}, {"min_green": True}]
)
def test_rules_no_signal_could_keep(wrong: dict[str, int]) -> None:
    with pytest.raises(RuleError, match=next(iter(wrong))):
        Rules(**wrong)
