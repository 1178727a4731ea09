"""The judge ``farm.inputs``: the future stays hidden, supplies hold, scores are what the engine grows."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from lumbung import __version__, farm
from lumbung.farm.challenge import inputs
from lumbung.farm.challenge.inputs import Season, Supplies, built_in_scheme, recovery, scheme_regions
from lumbung.farm.judge import InputsJudge
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import ChallengeError
from lumbung.proving.checker import check_judge
from lumbung.proving.faults import ChallengeFault, SubmissionFault
from lumbung.proving.submission import shipped_solutions, solutions_for

JUDGE = InputsJudge()
CHALLENGE = find_challenge("fertiliser-and-water")
OPTIONS = JUDGE.check_options(dict(CHALLENGE.challenge.options))
CASES = JUDGE.cases(CHALLENGE.challenge, CHALLENGE.folder)
NAMES = solutions_for(CHALLENGE.challenge)


class Weekly:
    """A solution in this process: the same for every field, every turn, and a record of what it saw."""

    def __init__(self, nitrogen: float = 5.0, water: float = 12.0) -> None:
        self.amounts, self.seen = (nitrogen, water), []

    def start(self, problem: Any) -> None:
        self.problem = problem

    def step(self, observation: Any) -> Any:
        self.seen.append(observation)
        n = len(observation["fields"])
        nitrogen = min(self.amounts[0], observation["nitrogen_left"] / n)
        water = min(self.amounts[1], observation["canal"] / n)
        return {name: {"nitrogen": nitrogen, "water": water} for name in observation["fields"]}


def solution(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(
        name.replace("/", "_"), shipped_solutions()[name] / "solution.py"
    )
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded.Solution()


def case(name: str) -> Any:
    return next(c for c in CASES if c.id == name)


def test_the_judge_passes_the_public_checker() -> None:
    assert check_judge(JUDGE, CHALLENGE, lambda one: JUDGE.play(one, Weekly(), OPTIONS)) == []


def test_the_score_is_what_the_engine_grows_from_the_same_days_and_amounts() -> None:
    """The whole season again, by `farm.grow` over the whole record, with what the solution gave."""
    weekly = Weekly()
    score = JUDGE.play(case("hyderabad/01"), weekly, OPTIONS)
    weather, gaps, lost = farm.hyderabad(), [], []
    start = np.datetime64(weekly.problem["planted"])
    for name, one in weekly.problem["fields"].items():
        stands = [seen for seen in weekly.seen if name in seen["fields"]]
        schedule, given = np.zeros(241), []
        for seen in stands:
            n = len(seen["fields"])
            schedule[seen["day"]] = min(12.0, seen["canal"] / n)
            amount = min(5.0, seen["nitrogen_left"] / n)
            share = float(recovery(seen["fields"][name]["stage"]))
            given += [farm.Application(seen["day"], amount, share)] if amount > 0 else []
        nitrogen = farm.Nitrogen(farm.SoilNitrogen(one["soil_nitrogen"]), given)
        how = {"longest": 240}
        grown = farm.grow(
            weather, one["variety"], one["soil"]["name"], start, production="paddy", irrigation=schedule,
            nitrogen=nitrogen, **how,
        )  # fmt: skip
        best = farm.grow(weather, one["variety"], "EC3", start, nitrogen="unlimited", **how)["GRAIN"][0]
        gaps.append(100 * max(best - grown["GRAIN"][0], 0) / best)
        had = sum(a.amount * a.recovery for a in given)
        lost.append(sum(a.amount for a in given) - had + min(grown["NAVAIL"][0], had))
    assert score.metrics["gap"] == pytest.approx(np.mean(gaps), rel=1e-9)
    assert score.metrics["worst_decile"] == pytest.approx(max(gaps), rel=1e-9)
    assert score.metrics["nitrogen_lost"] == pytest.approx(np.mean(lost), rel=1e-9)
    assert score.engine == f"WOFOST 8.1 {__version__} measured weather"


def test_what_is_seen_does_not_hang_on_days_to_come() -> None:
    """Two seasons whose weather parts on a day look alike until that day."""
    region = scheme_regions(20, 8)["hyderabad"]
    scheme = built_in_scheme(region, 10, 20302, Supplies())
    one, other = Season(scheme, 2007), Season(scheme, 2007)
    parts = 35
    for k, days in enumerate(other._days):
        wild = {name: getattr(days, name).copy() for name in ("rain", "tmin", "irradiation")}
        wild["rain"][parts:] = 90.0
        wild["tmin"][parts:] -= 3.0
        wild["irradiation"][parts:] *= 0.5
        other._days[k] = replace(days, **wild)
    weekly, alike = Weekly(), []
    for _ in range(8):
        seen, also = one.observe(), other.observe()
        alike.append(repr(seen["fields"]) == repr(also["fields"]))
        one.act(weekly.step(seen))
        other.act(weekly.step(also))
    assert alike[: parts // 7 + 1] == [True] * (parts // 7 + 1) and not alike[-1]


def test_the_past_ends_before_planting_and_rain_is_that_of_the_last_turn() -> None:
    weekly = Weekly()
    JUDGE.play(case("hyderabad/00"), weekly, OPTIONS)
    weather, planted = farm.hyderabad(), np.datetime64(weekly.problem["planted"])
    for one in weekly.problem["fields"].values():
        last = np.datetime64(one["past"]["first_day"]) + len(one["past"]["rain"]) - 1
        assert last < planted and max(one["response"]["years"]) < planted.astype(object).year
    for seen in weekly.seen:
        at = int((planted - weather.first_day).astype(int)) + seen["day"]
        for one in seen["fields"].values():
            assert one["rain"] == pytest.approx(weather.rain[at - 7 : at])


def test_stocks_run_down_by_what_is_given_and_the_canal_limits_a_turn() -> None:
    weekly = Weekly(nitrogen=9.0, water=60.0)
    score = JUDGE.play(case("hyderabad/00"), weekly, OPTIONS)
    fields = len(weekly.problem["fields"])
    left = [(seen["nitrogen_left"], seen["water_left"]) for seen in weekly.seen]
    assert left[0] == (60.0 * fields, 150.0 * fields)
    assert weekly.seen[0]["canal"] == 30.0 * fields
    assert left[1] == pytest.approx((left[0][0] - 9.0 * fields, left[0][1] - 30.0 * fields))
    assert score.metrics["nitrogen"] == pytest.approx(60.0)
    assert score.metrics["irrigation"] == pytest.approx(150.0)
    assert score.metrics["margin"] == pytest.approx(score.metrics["yield"] - 2.0 * 60.0 - 150.0)


def test_plenty_leaves_no_gap() -> None:
    options = {**OPTIONS, "nitrogen": 500.0, "water": 3000.0, "canal": 200.0}
    rich = JUDGE.play(case("hyderabad/00"), Weekly(nitrogen=40.0, water=100.0), options).metrics
    poor = JUDGE.play(case("hyderabad/00"), Weekly(0.0, 0.0), options).metrics
    assert rich["gap"] < 12.0 < 50.0 < poor["gap"] <= 100.0


def test_recovery_rises_with_the_stage() -> None:
    assert recovery([0.0, 0.3, 0.8, 1.5]) == pytest.approx([0.30, 0.425, 0.75, 0.75])


@pytest.mark.parametrize(
    ("spoil", "code", "found"),
    [
        (list, "wrong_format", "["),
        (lambda a: dict(list(a.items())[1:]), "wrong_format", "nothing for"),
        (lambda a: {**a, "elsewhere": {"nitrogen": 0.0, "water": 0.0}}, "wrong_format", "elsewhere"),
        (lambda a: dict.fromkeys(a, 10.0), "wrong_format", "10"),
        (lambda a: {n: {"water": 1.0} for n in a}, "wrong_format", "water"),
        (lambda a: {n: {**v, "water": float("nan")} for n, v in a.items()}, "illegal_action", "nan"),
        (lambda a: {n: {**v, "water": -1.0} for n, v in a.items()}, "illegal_action", "-1"),
        (lambda a: {n: {**v, "nitrogen": True} for n, v in a.items()}, "illegal_action", "True"),
        (lambda a: {n: {**v, "nitrogen": "10"} for n, v in a.items()}, "illegal_action", "10"),
        (lambda a: {n: {**v, "nitrogen": 60.1} for n, v in a.items()}, "illegal_action", "60.1"),
        (lambda a: {n: {**v, "water": 31.0} for n, v in a.items()}, "illegal_action", "155"),
    ],
)
def test_wrong_answers_are_the_submissions_fault(spoil: Any, code: str, found: str) -> None:
    class Spoilt(Weekly):
        def step(self, observation: Any) -> Any:
            return spoil(super().step(observation))

    with pytest.raises(SubmissionFault) as fault:
        JUDGE.play(case("hyderabad/00"), Spoilt(), OPTIONS)
    assert fault.value.fault.code == code and found in str(fault.value.fault.params["found"])


@pytest.mark.parametrize(
    ("option", "value"), [("turn", 0), ("water", -1), ("regions", []), ("typo", 1), ("nitrogen", "much")]
)
def test_options_out_of_range_are_named(option: str, value: object) -> None:
    with pytest.raises(ChallengeError, match=f"options.{option}"):
        JUDGE.check_options({option: value})


def test_a_node_judges_on_its_own_scheme(tmp_path: Path) -> None:
    own = tmp_path / "regions" / "subang"
    own.mkdir(parents=True)
    (own / "region.toml").write_text(
        "decision = 12\nhabitual = 18\nmonths = [6]\npast = [2000, 2004]\nhidden = [2006, 2007]\n"
    )
    table = (
        "site,weather,soil,varieties,soil_nitrogen\none,hyderabad,EC3,IR64,40\ntwo,hyderabad,EC4,IR72,{}\n"
    )
    (own / "sites.csv").write_text(table.format("80,5"), encoding="utf-8")
    options = {**OPTIONS, "regions": ["subang"]}
    cases = JUDGE.cases(msgspec.structs.replace(CHALLENGE.challenge, options=options), tmp_path)
    assert [c.id for c in cases] == ["subang/00", "subang/01"]
    (own / "sites.csv").write_text(table.format("80"), encoding="utf-8")
    weekly = Weekly()
    JUDGE.play(cases[0], weekly, options)
    assert [one["soil_nitrogen"] for one in weekly.problem["fields"].values()] == [40.0, 80.0]
    (own / "sites.csv").write_text(table.format("much"), encoding="utf-8")
    with pytest.raises(ChallengeFault, match=r"line 3, column soil_nitrogen"):
        JUDGE.play(cases[0], Weekly(), options)


def test_rules_and_optimiser_beat_habit_on_the_measured_scheme() -> None:
    cases = [c for c in CASES if c.group == "hyderabad"]
    mean = {
        name: np.mean([JUDGE.play(c, solution(name), OPTIONS).metrics["gap"] for c in cases])
        for name in NAMES
    }
    assert set(NAMES) == {"farm/even-shares", "farm/as-needed", "farm/marginal-returns"}
    assert mean["farm/marginal-returns"] < mean["farm/as-needed"] < mean["farm/even-shares"]


def test_pictures_are_drawn_and_generated_weather_says_so() -> None:
    from lumbung.proving.judge import ScoredRun

    assert inputs.PLANTED.keys() == scheme_regions(20, 8).keys()
    options = {**OPTIONS, "past_years": 5, "sites": 2, "regions": ["local"]}
    cases = JUDGE.cases(msgspec.structs.replace(CHALLENGE.challenge, options=options), CHALLENGE.folder)
    scores = tuple(JUDGE.play(one, Weekly(), options) for one in cases[:2])
    drawn = JUDGE.pictures([ScoredRun("farm/weekly", scores)])
    with pytest.raises(ChallengeFault, match="does not hold 2012-07-21"):
        JUDGE.play(case("local/00"), Weekly(), options)
    assert [p.group for p in drawn] == ["", "local"]
    assert all(p.svg.startswith("<svg") and "generated weather" in p.svg for p in drawn)
