"""The judge ``farm.planting``: nothing leaks, scores follow from the engine, wrong answers get their verdict."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from lumbung import __version__, farm
from lumbung.farm.challenge.advising import (
    Region,
    Rules,
    build_block,
    built_in_regions,
    judge_advice,
    make_forecast,
)
from lumbung.farm.growing.harvest import Pond
from lumbung.farm.judge import PlantingJudge
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import ChallengeError
from lumbung.proving.checker import check_judge
from lumbung.proving.faults import ChallengeFault, SubmissionFault

JUDGE = PlantingJudge()
CHALLENGE = find_challenge("rice-window")
OPTIONS = JUDGE.check_options(dict(CHALLENGE.challenge.options))
CASES = JUDGE.cases(CHALLENGE.challenge, CHALLENGE.folder)


class Habit:
    """A solution in this process: the habitual start, the first variety."""

    def solve(self, problem: Any) -> Any:
        self.problem = problem
        return {
            name: {"start": problem["starts"][site["habitual"]], "variety": site["varieties"][0]}
            for name, site in problem["sites"].items()
        }


def case(name: str):
    return next(c for c in CASES if c.id == name)


def test_the_judge_passes_the_public_checker() -> None:
    assert check_judge(JUDGE, CHALLENGE, lambda one: JUDGE.play(one, Habit(), OPTIONS)) == []


def test_no_message_holds_a_day_of_any_hidden_season() -> None:
    for name in ("hyderabad/00", "hyderabad/03", "local/00", "local/07"):
        solution = Habit()
        JUDGE.play(case(name), solution, OPTIONS)
        problem = solution.problem
        region = built_in_regions(20, 8)[name.split("/")[0]]
        for site in problem["sites"].values():
            past = site["past"]
            last = np.datetime64(past["first_day"]) + len(past["rain"]) - 1
            assert last < np.datetime64(f"{region.hidden[0]}-01-01")
            assert max(site["hindcast"]["years"]) == region.past[1]


def test_every_hidden_season_is_posed_with_the_same_past() -> None:
    asked = []
    for name in ("monsoonal/00", "monsoonal/05"):
        solution = Habit()
        JUDGE.play(case(name), solution, OPTIONS)
        asked.append(solution.problem)
    for site in asked[0]["sites"]:
        one, other = (problem["sites"][site] for problem in asked)
        assert (one["past"]["rain"] == other["past"]["rain"]).all()
        assert (one["hindcast"]["yield"] == other["hindcast"]["yield"]).all()
    assert asked[0]["starts"] != asked[1]["starts"] and asked[0]["forecast"] != asked[1]["forecast"]


def test_the_score_is_what_the_engine_grows_in_the_season_that_came() -> None:
    solution = Habit()
    score = JUDGE.play(case("hyderabad/02"), solution, OPTIONS)
    weather, regrets = farm.hyderabad(), []
    for name, site in solution.problem["sites"].items():
        yields = np.array(
            [
                farm.grow(
                    weather, variety, site["soil"]["name"], solution.problem["starts"], production="paddy", longest=240,
                    pond=Pond() if site["irrigated"] else None,
                )["GRAIN"]
                for variety in site["varieties"]
            ]
        )  # fmt: skip
        regrets.append(yields.max() - yields[0, site["habitual"]])
        assert name.startswith("hyderabad-EC")
    assert score.metrics["regret"] == pytest.approx(np.mean(regrets), rel=1e-12)
    assert score.metrics["worst_decile"] == pytest.approx(max(regrets), rel=1e-12)
    assert score.engine == f"WOFOST 7.2 {__version__} measured weather"
    assert (
        JUDGE.play(case("local/01"), Habit(), OPTIONS).engine == f"WOFOST 7.2 {__version__} generated weather"
    )


def test_version_2_knows_dry_soil_and_a_field_through_the_year() -> None:
    """A rainfed start in the dry season brings less than with a full soil; with a pattern the year of the field counts."""
    region = built_in_regions(8, 2)["monsoonal"]
    single = build_block(region, Rules(sites=3, starts=6, salt=5))
    rainfed = next(e for e in single.past if e.site.pond is None)
    full = farm.grow(
        rainfed.site.weather, rainfed.site.varieties[0], rainfed.site.soil, rainfed.starts[0], production="paddy", longest=240,
        initial_water="full",
    )  # fmt: skip
    assert rainfed.yields[0, 0].mean() < 0.9 * full["TWSO"].mean()
    year = build_block(region, Rules(sites=3, starts=6, salt=5, pattern="padi-palawija"))
    for one, both in zip(single.past, year.past, strict=True):
        assert both.yields.shape == one.yields.shape and np.isfinite(both.yields).all()
        assert both.season_rain == pytest.approx(one.season_rain)
        if one.site.pond is not None:  # planted on the very day; the second crop is a gain
            assert (both.yields.mean(axis=2) > one.yields.mean(axis=2)).all()
            assert (both.irrigation > 0).all()
    with pytest.raises(ChallengeError, match=r"options\.pattern"):
        JUDGE.check_options({"pattern": "padi-kapas"})


def test_a_node_may_let_crops_be_hungry() -> None:
    """With the option nitrogen the hidden season is the one that WOFOST 8.1 grows with that dose, on a usual soil."""
    options = JUDGE.check_options({**OPTIONS, "nitrogen": 60})
    habit = Habit()
    score = JUDGE.play(case("hyderabad/02"), habit, options)
    assert score.engine == f"WOFOST 8.1 {__version__} measured weather"
    plan = farm.Nitrogen(farm.SoilNitrogen(55.0), [farm.Application(day, 20.0) for day in (7, 21, 42)])
    grown = []
    for site in habit.problem["sites"].values():
        start = habit.problem["starts"][site["habitual"]]
        pond = Pond() if site["irrigated"] else None
        one = farm.grow(
            farm.hyderabad(), site["varieties"][0], site["soil"]["name"], start, production="paddy", longest=240, pond=pond,
            nitrogen=plan,
        )  # fmt: skip
        grown.append(one["GRAIN"][0])
    assert score.metrics["yield"] == pytest.approx(np.mean(grown), rel=1e-12)
    more = JUDGE.play(case("hyderabad/02"), Habit(), {**options, "nitrogen": 120.0})
    assert more.metrics["yield"] > score.metrics["yield"]
    for wrong in ({"nitrogen": "much"}, {"nitrogen": -1}, {"nitrogen": 60, "pattern": "padi-padi"}):
        with pytest.raises(ChallengeError, match=r"options\.nitrogen"):
            JUDGE.check_options(wrong)


def test_hindsight_has_no_regret_and_the_price_of_water_counts() -> None:
    region = built_in_regions(20, 8)["monsoonal"]
    rules = Rules(salt=5)
    block = build_block(region, rules)
    year = region.hidden[0] + 2
    perfect = [
        tuple(int(k) for k in np.unravel_index(e.yields[..., 2].argmax(), e.yields.shape[:2]))
        for e in block.hidden
    ]
    verdict, _ = judge_advice(block, rules, year, perfect)  # type: ignore[arg-type]
    assert verdict.regret == 0.0 and verdict.worst_decile == 0.0 and verdict.yield_ == verdict.best
    dear, _ = judge_advice(block, Rules(salt=5, water_price=50.0), year, perfect)  # type: ignore[arg-type]
    assert dear.best < verdict.best and dear.regret > 0.0


def test_the_forecast_is_calibrated_and_has_the_skill_it_claims() -> None:
    region = Region("monsoonal", 24, 33, (10, 11, 12), (1991, 2050), (2052, 2171), "monsoonal")
    rules = Rules(sites=1, starts=2, salt=11)
    block = build_block(region, rules)
    past, hidden = block.past[0].season_rain, block.hidden[0].season_rain
    low, high = np.quantile(past, [1 / 3, 2 / 3])
    forecasts = [make_forecast(block, rules, year) for year in range(2052, 2172)]
    chances = np.array([[f.below, f.normal, f.above] for f in forecasts])
    assert chances.sum(axis=1) == pytest.approx(np.ones(120))
    came = np.array([hidden < low, (hidden >= low) & (hidden <= high), hidden > high]).T
    # Brier score against climatology: skill, but far from certainty.
    skill = 1 - ((chances - came) ** 2).sum() / ((1 / 3 - came) ** 2).sum()
    assert 0.0 < skill < 0.4
    assert np.corrcoef(chances[:, 2] - chances[:, 0], hidden)[0, 1] == pytest.approx(0.5, abs=0.2)


@pytest.mark.parametrize(
    ("spoil", "code", "found"),
    [
        (lambda a, p: list(a), "wrong_format", "["),
        (lambda a, p: dict(list(a.items())[1:]), "wrong_format", "nothing for"),
        (lambda a, p: {**a, "elsewhere": {}}, "wrong_format", "elsewhere"),
        (lambda a, p: {n: v["start"] for n, v in a.items()}, "wrong_format", "20"),
        (lambda a, p: {n: {**v, "start": p["decision_day"]} for n, v in a.items()}, "illegal_action", "20"),
        (lambda a, p: {n: {**v, "start": 3} for n, v in a.items()}, "illegal_action", "3"),
        (lambda a, p: {n: {**v, "variety": "Rice_501"} for n, v in a.items()}, "illegal_action", "Rice_501"),
        (lambda a, p: {n: {**v, "start": p["starts"]} for n, v in a.items()}, "illegal_action", "["),
    ],
)
def test_wrong_answers_are_the_submissions_fault(spoil, code: str, found: str) -> None:
    class Spoilt(Habit):
        def solve(self, problem: Any) -> Any:
            return spoil(super().solve(problem), problem)

    with pytest.raises(SubmissionFault) as fault:
        JUDGE.play(case("hyderabad/00"), Spoilt(), OPTIONS)
    assert fault.value.fault.code == code and found in str(fault.value.fault.params["found"])


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("skill", 1.0),
        ("skill", "high"),
        ("sites", 0),
        ("regions", []),
        ("starts", 2.5),
        ("typo", 1),
        ("salt", True),
    ],
)
def test_options_out_of_range_are_named(option: str, value: object) -> None:
    with pytest.raises(ChallengeError, match=f"options.{option}"):
        JUDGE.check_options({option: value})


def test_salt_changes_the_cases_and_their_digests() -> None:
    options = {**OPTIONS, "salt": 99}
    other = JUDGE.cases(msgspec.structs.replace(CHALLENGE.challenge, options=options), CHALLENGE.folder)
    assert not {c.digest for c in CASES} & {c.digest for c in other}
    one, two = (JUDGE.play(cases[5], Habit(), o) for cases, o in ((CASES, OPTIONS), (other, options)))
    assert one.metrics["best"] != two.metrics["best"]


REGION = "decision = 12\nhabitual = 18\nmonths = [6, 7, 8, 9]\npast = [2000, 2004]\nhidden = [2006, 2008]\n"


def test_a_node_judges_on_its_own_region(tmp_path: Path) -> None:
    own = tmp_path / "regions" / "subang"
    own.mkdir(parents=True)
    (own / "region.toml").write_text(REGION)
    (own / "sites.csv").write_text(
        "site,weather,soil,varieties\none,hyderabad,EC3,IR64;IR72\ntwo,hyderabad,EC4,IR64;IR72\n"
    )
    options = {**OPTIONS, "regions": ["subang"]}
    challenge = msgspec.structs.replace(CHALLENGE.challenge, options=options)
    cases = JUDGE.cases(challenge, tmp_path)
    assert [c.id for c in cases] == ["subang/00", "subang/01", "subang/02"]
    score = JUDGE.play(cases[0], Habit(), options)
    assert 0 <= score.metrics["regret"] <= score.metrics["best"]
    (own / "region.toml").write_text(REGION.replace("2008", "2010"))
    with pytest.raises(ChallengeFault, match="does not cover every season of 2010"):
        JUDGE.play(JUDGE.cases(challenge, tmp_path)[-1], Habit(), options)
    (own / "region.toml").write_text(REGION.replace("[2006, 2008]", "[2005, 2008]"))
    with pytest.raises(ChallengeError, match="at least two years after the past"):
        JUDGE.cases(challenge, tmp_path)


def test_an_adviser_works_on_ones_own_sites(tmp_path: Path) -> None:
    table = tmp_path / "sites.csv"
    table.write_text(
        "site,weather,soil,varieties,habitual\na,hyderabad,EC3,IR64,07-11\nb,monsoonal,EC4,IR72;IR64,\nc,x,,,\n"
    )
    written = JUDGE.apply(table, Habit(), OPTIONS, tmp_path / "out")
    rows = list(csv.DictReader(written[0].open(encoding="utf-8")))
    assert [row["site"] for row in rows] == ["a", "b"]
    assert rows[0]["start"].endswith("07-11") and int(rows[0]["yield"]) > 3000
    assert rows[1]["weather"] == "generated weather"
    assert "line 4" not in written[2].read_text() and "4,c," in written[2].read_text()
