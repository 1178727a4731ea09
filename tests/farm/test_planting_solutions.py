"""The shipped advisers: the rules they claim to follow, by hand, and how they do against each other."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from lumbung.farm.judge import PlantingJudge
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.submission import shipped_solutions, solutions_for

CHALLENGE = find_challenge("rice-window")
FOLDERS = {name: shipped_solutions()[name] for name in solutions_for(CHALLENGE.challenge)}
STARTS = [f"2006-{m:02d}-{d:02d}" for m in (5, 6, 7) for d in (1, 11, 21)]
FORECAST = {"below": 1 / 3, "normal": 1 / 3, "above": 1 / 3, "months": [6]}


def module(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name.replace("/", "_"), FOLDERS[name] / "solution.py")
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def a_site(rain: np.ndarray, yields: np.ndarray, season_rain: list[float]) -> dict[str, Any]:
    """A site whose past begins on 1 January 2003."""
    zero = np.zeros_like(yields)
    return {
        "varieties": ["first", "second"][: yields.shape[0]],
        "irrigated": False,
        "habitual": 2,
        "soil": {"SMFCF": 0.4, "SMW": 0.2},
        "past": {"first_day": "2003-01-01", "rain": rain},
        "hindcast": {
            "years": [2003, 2004, 2005], "yield": yields, "irrigation": zero, "water": zero, "season_rain": season_rain,
        },
    }  # fmt: skip


def problem(site: dict[str, Any], **forecast: float) -> dict[str, Any]:
    return {
        "starts": STARTS,
        "water_price": 0.0,
        "forecast": {**FORECAST, **forecast},
        "sites": {"here": site},
    }


def test_all_four_are_shipped() -> None:
    assert set(FOLDERS) == {"farm/ensemble", "farm/fixed-date", "farm/katam-onset", "farm/learned"}
    assert (FOLDERS["farm/learned"] / "weights.npz").stat().st_size < 300_000


def test_the_onset_is_the_first_of_three_wet_periods_in_a_row() -> None:
    rain = np.zeros(1096)
    days = np.arange("2003-01-01", "2006-01-01", dtype="datetime64[D]")

    def wet(first: str, last: str, mm: float) -> None:
        rain[(days >= np.datetime64(first)) & (days <= np.datetime64(last))] = mm

    wet("2003-05-11", "2003-05-30", 5.1)  # two periods of 51 mm, then a dry one: a false start
    wet("2003-06-21", "2003-07-20", 5.1)
    wet("2004-06-01", "2004-06-30", 5.1)
    wet("2005-06-11", "2005-07-10", 5.0)  # 50 mm is not more than 50 mm
    site = a_site(rain, np.zeros((1, 9, 3)), [500.0, 400.0, 300.0])
    katam = module("farm/katam-onset")
    starts = [katam.date.fromisoformat(day) for day in STARTS]
    assert [katam.onset(site["past"], starts, shift) for shift in (-3, -2, -1)] == [5, 3, None]
    dry = katam.plant_at(site, starts, {**FORECAST, "below": 0.6, "normal": 0.3, "above": 0.1})
    wettest = katam.plant_at(site, starts, {**FORECAST, "below": 0.1, "normal": 0.3, "above": 0.6})
    assert (dry, wettest) == (2, 5)  # the driest year had no onset: habit
    assert (
        katam.Solution().solve(problem(site, below=0.1, normal=0.6, above=0.3))["here"]["start"]
        == "2006-06-01"
    )


def test_the_ensemble_weighs_years_by_the_forecast() -> None:
    yields = np.zeros((2, 9, 3))
    yields[0, 1:4, 0], yields[1, 5:8, 2] = 9000.0, 8000.0  # the dry and the wet year favour different choices
    site = a_site(np.zeros(1096), yields, [100.0, 200.0, 300.0])
    solve = module("farm/ensemble").Solution().solve
    assert solve(problem(site, below=0.7, normal=0.2, above=0.1))["here"] == {
        "start": STARTS[2],
        "variety": "first",
    }
    assert solve(problem(site, below=0.1, normal=0.2, above=0.7))["here"] == {
        "start": STARTS[6],
        "variety": "second",
    }


@pytest.fixture(scope="module")
def regrets() -> dict[str, float]:
    judge, challenge = PlantingJudge(), CHALLENGE
    options = judge.check_options(dict(challenge.challenge.options))
    cases = judge.cases(challenge.challenge, challenge.folder)
    found = {}
    for name in FOLDERS:
        solution = module(name).Solution()
        scores = [judge.play(case, solution, options) for case in cases]
        found[name] = float(np.mean([score.metrics["regret"] for score in scores]))
    return found


def test_using_the_past_beats_habit_and_the_onset_rule(regrets: dict[str, float]) -> None:
    for adviser in ("farm/ensemble", "farm/learned"):
        for rule in ("farm/fixed-date", "farm/katam-onset"):
            assert regrets[adviser] < 0.7 * regrets[rule], (adviser, rule, regrets)
