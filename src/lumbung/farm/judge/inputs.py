"""The judge ``farm.inputs``: scores who gets fertiliser and water in a scheme that has too little of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields as fields_of
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

import lumbung
from lumbung.farm.calendar.sites import SitesError, read_sites
from lumbung.farm.challenge import pictures as judge_pictures
from lumbung.farm.challenge.advising import AdviceError, Region, RegionError, Rules
from lumbung.farm.challenge.inputs import (
    Scheme,
    Season,
    Supplies,
    built_in_scheme,
    make_scheme,
    scheme_regions,
)
from lumbung.farm.judge.options import Limits, complete_options
from lumbung.farm.judge.regions import drawn_regions, read_region, region_cases
from lumbung.proving.case import Case, CaseScore, score_case
from lumbung.proving.challenge import Challenge
from lumbung.proving.faults import ChallengeFault, SubmissionFault
from lumbung.proving.judge import Picture, ScoredRun, Solution
from lumbung.proving.measure import Measure
from lumbung.proving.text import Text

_SUPPLIES = tuple(one.name for one in fields_of(Supplies))
DEFAULTS: dict[str, Any] = {
    "regions": ["hyderabad", "monsoonal", "equatorial", "local"],
    "past_years": 20,
    "hidden_years": 8,
    "sites": 10,
    "salt": 0,
    **{name: getattr(Supplies(), name) for name in _SUPPLIES},
}
_LIMITS: Limits = {
    "past_years": (int, 5, 60),
    "hidden_years": (int, 1, 60),
    "sites": (int, 1, 100),
    "salt": (int, 0, 2**62),
    "turn": (int, 1, 30),
    "nitrogen": (float, 0.0, 500.0),
    "water": (float, 0.0, 3000.0),
    "canal": (float, 0.0, 500.0),
    "most_nitrogen": (float, 0.0, 500.0),
    "most_water": (float, 0.0, 500.0),
    "nitrogen_price": (float, 0.0, 100.0),
    "water_price": (float, 0.0, 100.0),
}


class InputsJudge:
    """Scores who gets fertiliser and water, and when (registered as ``farm.inputs``).

    A case is a hidden season of a scheme. The solution sees supplies, fields and the past at its start; then, every turn, how the
    fields stand, and answers with nitrogen and water for each.

    Options of the challenge
    ------------------------
    regions : list of str
        ``hyderabad`` (measured weather), ``monsoonal``, ``equatorial``, ``local`` (generated weather). Folders below ``regions/`` of
        the case folder stand before them, as for ``farm.planting``; a column ``soil_nitrogen`` of their ``sites.csv`` says what a
        field gives without fertiliser [kg/ha].
    past_years, hidden_years, sites : int
        Of generated regions.
    salt : int
        Seeds what is generated. A node gives its private cases one of its own.
    turn : int
        Days between decisions.
    nitrogen, water : float
        What the scheme has for a season, in the mean over its fields [kg/ha, mm].
    canal : float
        Most water in a turn, in the mean over fields [mm].
    most_nitrogen, most_water : float
        Most that one field may get in a turn [kg/ha, mm].
    nitrogen_price, water_price : float
        What they cost in grain [kg/kg, kg/ha/mm].
    """

    name = "farm.inputs"
    version = 1
    metrics: ClassVar[dict[str, Text | Measure]] = {
        "gap": Measure(
            Text(
                "yield lost to hunger and thirst [%]",
                "hasil panen yang hilang karena kurang hara dan air [%]",
                "因缺氮缺水损失的产量［%］",
            ),
            "lower",
            low=0,
            high=100,
        ),
        "worst_decile": Measure(
            Text(
                "yield lost at the worst tenth of fields [%]",
                "hasil panen yang hilang di sepersepuluh lahan terburuk [%]",
                "最差十分之一田块的产量损失［%］",
            ),
            "lower",
            low=0,
            high=100,
        ),
        "yield": Measure(
            Text("mean yield [kg/ha]", "hasil panen rata-rata [kg/ha]", "平均产量［公斤/公顷］"),
            "higher",
            low=0,
        ),
        "margin": Measure(
            Text(
                "yield less what nitrogen and water cost, in grain [kg/ha]",
                "hasil panen dikurangi biaya nitrogen dan air, dinilai dalam gabah [kg/ha]",
                "扣除氮肥与灌溉成本后的产量（折合稻谷）［公斤/公顷］",
            ),
            "higher",
        ),
        "nitrogen_lost": Measure(
            Text(
                "fertiliser nitrogen lost or left unused [kg/ha]",
                "nitrogen pupuk yang hilang atau tersisa tak terpakai [kg/ha]",
                "损失或未被利用的肥料氮［公斤/公顷］",
            ),
            "lower",
            low=0,
        ),
        "nitrogen": Measure(
            Text(
                "fertiliser nitrogen given [kg/ha]",
                "nitrogen pupuk yang diberikan [kg/ha]",
                "施用的肥料氮［公斤/公顷］",
            ),
            low=0,
        ),
        "irrigation": Measure(Text("irrigation water [mm]", "air irigasi [mm]", "灌溉用水量［毫米］"), low=0),
    }

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Complete the options; `ChallengeError` names the one that is wrong."""
        return complete_options(options, DEFAULTS, _LIMITS)

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        """List every region with every hidden season."""
        options = self.check_options(challenge.options)
        return region_cases(
            folder,
            options["regions"],
            scheme_regions(options["past_years"], options["hidden_years"]),
            {"supplies": repr(_supplies(options)), "fields": f"{options['sites']}, {options['salt']}"},
        )

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        """Go through one hidden season with the solution, turn by turn."""
        try:
            scheme = _scheme_of(case, options)
            season = Season(scheme, case.inputs["year"])
            solution.start(season.problem())
            while (observation := season.observe()) is not None:
                season.act(solution.step(observation))
            outcome = season.outcome()
        except AdviceError as error:
            code = "illegal_action" if "nitrogen" in error.where or "water" in error.where else "wrong_format"
            raise SubmissionFault(
                code, where=error.where, found=error.found, expected=error.expected
            ) from error
        except (RegionError, SitesError, ValueError) as error:
            raise ChallengeFault(
                "broken_challenge",
                where=f"case {case.id}",
                found=str(error)[:300],
                expected="a region whose seasons can all be grown",
            ) from error
        worst = np.sort(outcome.gap)[::-1][: max(1, round(outcome.gap.size / 10))]
        metrics = {
            "gap": float(outcome.gap.mean()),
            "worst_decile": float(worst.mean()),
            "yield": float(outcome.grain.mean()),
            "margin": float(outcome.margin(scheme.supplies).mean()),
            "nitrogen_lost": float(outcome.lost.mean()),
            "nitrogen": float(outcome.nitrogen.mean()),
            "irrigation": float(outcome.water.mean()),
        }
        weather = "generated" if scheme.generated else "measured"
        return score_case(
            case, metrics, f"WOFOST 8.1 {lumbung.__version__} {weather} weather", _series(season)
        )

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        """Draw what each solution lost by region, and when it gave what."""
        return _pictures(runs)

    def draw(self, challenge: Challenge, folder: Path) -> str:
        """Draw the year of each region: rain, temperature, and the months in which its rice stands."""
        options = self.check_options(challenge.options)
        regions = scheme_regions(options["past_years"], options["hidden_years"])
        rules = Rules(sites=options["sites"], salt=options["salt"])
        return drawn_regions(folder, options["regions"], regions, rules, _standing)


def _standing(region: Region) -> list[int]:
    """Return the four months from planting."""
    planted = (region.habitual - 1) // 3
    return [(planted + n) % 12 + 1 for n in range(4)]


def _supplies(options: dict[str, Any]) -> Supplies:
    return Supplies(**{name: options[name] for name in _SUPPLIES})


def _scheme_of(case: Case, options: dict[str, Any]) -> Scheme:
    supplies = _supplies(options)
    if not case.inputs["folder"]:
        regions = scheme_regions(options["past_years"], options["hidden_years"])
        return built_in_scheme(regions[case.inputs["region"]], options["sites"], options["salt"], supplies)
    folder = Path(case.inputs["folder"])
    region, _, _ = read_region(folder)
    table = read_sites(folder / "sites.csv", folder)
    if table.problems:
        line, why = next(iter(table.problems.items()))
        raise RegionError(f"{folder / 'sites.csv'}, line {line}: {why}")
    stated = {}
    for line, site in table.sites.items():
        written = table.extras.get(line, {}).get("soil_nitrogen", "")
        if written:
            try:
                stated[site.name] = float(written.replace(",", "."))
            except ValueError:
                raise RegionError(
                    f"{folder / 'sites.csv'}, line {line}, column soil_nitrogen: expected kg/ha, found {written!r}"
                ) from None
    return make_scheme(region, list(table.sites.values()), stated, options["salt"], supplies)


def _series(season: Season) -> dict[str, Any]:
    turn, count = season.scheme.supplies.turn, len(season.given)
    turns = range(0, season.day, turn)
    nitrogen = [sum(a.amount for given in season.given for a in given if a.when == day) for day in turns]
    return {
        "turn": turn,
        "nitrogen": [round(value / count, 2) for value in nitrogen],
        "water": [round(float(season.water[:, day].mean()), 2) for day in turns],
        "generated": season.scheme.generated,
    }


def _pictures(runs: Sequence[ScoredRun]) -> list[Picture]:
    names = [run.submission for run in runs]
    groups = list(dict.fromkeys(score.group for run in runs for score in run.scores))
    made = {s.group for run in runs for s in run.scores if s.series.get("generated")}
    drawn = [
        Picture(
            Text(
                "Yield lost to hunger and thirst, by region [%]; a dot is one season, the tick their mean.",
                "Hasil panen yang hilang karena kurang hara dan air, per wilayah [%]; satu titik satu musim, garis tegak "
                "rata-ratanya.",
                "各区域因缺氮缺水损失的产量［%］；每点为一个种植季，竖线为均值。",
            ),
            judge_pictures.regrets(
                names,
                {g: [[s.metrics["gap"] for s in run.scores if s.group == g] for run in runs] for g in groups},
                made,
                "%",
                1,
            ),
        )
    ]
    for group in groups:
        per_run = [[s.series for s in run.scores if s.group == group and s.series] for run in runs]
        if not any(per_run):
            continue
        drawn.append(
            Picture(
                Text(
                    "Nitrogen and water that each solution gave, by turn (mean of fields and seasons).",
                    "Nitrogen dan air yang diberikan tiap solusi, per giliran (rata-rata lahan dan musim).",
                    "各方案每轮施用的氮与水（各田块与各季均值）。",
                ),
                judge_pictures.given(names, per_run, group in made),
                group,
            )
        )
    return drawn
