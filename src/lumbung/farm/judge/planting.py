"""The judge ``farm.planting``: scores advice on when to plant what, and puts an adviser to work on one's own sites."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import lumbung
from lumbung.farm.calendar.season import DecisionError
from lumbung.farm.calendar.sites import SitesError, read_sites
from lumbung.farm.challenge import pictures as judge_pictures
from lumbung.farm.challenge.advice_files import own_problems, write_advice
from lumbung.farm.challenge.advising import (
    AdviceError,
    Block,
    RegionError,
    Rules,
    build_block,
    built_in_regions,
    grow_block,
    judge_advice,
    pose,
    read_advice,
)
from lumbung.farm.growing.field import pattern_words
from lumbung.farm.growing.harvest import SeasonError
from lumbung.farm.judge.options import Limits, complete_options
from lumbung.farm.judge.regions import drawn_regions, read_region, region_cases
from lumbung.proving.case import Case, CaseScore, score_case
from lumbung.proving.challenge import Challenge, ChallengeError
from lumbung.proving.faults import ChallengeFault, SubmissionFault
from lumbung.proving.judge import Picture, ScoredRun, Solution
from lumbung.proving.measure import Measure
from lumbung.proving.text import Text

DEFAULTS: dict[str, Any] = {
    "regions": ["hyderabad", "monsoonal", "equatorial", "local"],
    "past_years": 20,
    "hidden_years": 8,
    "starts": 18,
    "sites": 10,
    "skill": 0.5,
    "water_price": 0.0,
    "failure": 2000.0,
    "salt": 0,
    "pattern": "",
    "nitrogen": "",
}
_LIMITS: Limits = {
    "past_years": (int, 5, 60),
    "hidden_years": (int, 1, 60),
    "starts": (int, 2, 30),
    "sites": (int, 1, 200),
    "skill": (float, 0.0, 0.95),
    "water_price": (float, 0.0, 100.0),
    "failure": (float, 0.0, 20000.0),
    "salt": (int, 0, 2**62),
}


class PlantingJudge:
    """Scores advice on start dates and varieties (registered as ``farm.planting``).

    A case is a hidden season of a region. The solution is asked once, for all sites of the region.

    Options of the challenge
    ------------------------
    regions : list of str
        ``hyderabad`` (measured weather), ``monsoonal``, ``equatorial``, ``local`` (generated weather). Folders below
        ``regions/`` of the case folder stand before them: ``region.toml``, ``sites.csv`` and weather files.
    past_years, hidden_years : int
        Of generated regions.
    starts, sites : int
        Ten-day starts to choose from; sites of a generated region.
    skill : float
        Correlation of the seasonal forecast with the rain that comes.
    water_price : float
        Grain that a millimetre of irrigation costs [kg/ha/mm]; 0 compares yields.
    failure : float
        A season that brings less [kg/ha] has failed.
    salt : int
        Seeds what is generated. A node gives its private cases one of its own.
    pattern : str
        What a field grows through the year, as ``padi-padi-palawija``; the advice is the start of its first crop and the variety of its
        rice, and yields are of the whole year. Empty: one crop on a field that lay fallow.
    nitrogen : float or str
        Fertiliser that every crop gets [kg N/ha], in thirds, on a soil that gives 55 kg/ha; crops then grow by WOFOST 8.1, and scores
        are not to be compared with those without. Empty: crops that lack nothing, by WOFOST 7.2.

    Versions
    --------
    2
        Every season finds the water that the weather before it left in its field; cold and heat at flowering empty grains; what
        puddles an irrigated field counts as irrigation.
    1
        WOFOST alone: every season found a soil full of water, and no spikelet was sterile.
    """

    name = "farm.planting"
    version = 2
    metrics: ClassVar[dict[str, Text | Measure]] = {
        "regret": Measure(
            Text(
                "yield lost against the best in hindsight [kg/ha]",
                "hasil panen yang hilang dibanding pilihan terbaik setelah musim berlalu [kg/ha]",
                "与事后最优选择相比的产量损失［公斤/公顷］",
            ),
            "lower",
            low=0,
        ),
        "worst_decile": Measure(
            Text(
                "yield lost at the worst tenth of sites [kg/ha]",
                "hasil panen yang hilang di sepersepuluh lokasi terburuk [kg/ha]",
                "最差十分之一地点的产量损失［公斤/公顷］",
            ),
            "lower",
            low=0,
        ),
        "yield": Text("mean yield [kg/ha]", "hasil panen rata-rata [kg/ha]", "平均产量［公斤/公顷］"),
        "best": Text(
            "best yield in hindsight [kg/ha]",
            "hasil panen terbaik setelah musim berlalu [kg/ha]",
            "事后最优产量［公斤/公顷］",
        ),
        "failed": Measure(
            Text("share of failed seasons", "bagian musim tanam yang gagal", "歉收比例"),
            "lower",
            low=0,
            high=1,
        ),
        "water": Text(
            "water used by the field [mm]", "air yang terpakai di lahan [mm]", "田间用水量［毫米］"
        ),
        "irrigation": Text("irrigation water [mm]", "air irigasi [mm]", "灌溉用水量［毫米］"),
    }

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Complete the options; `ChallengeError` names the one that is wrong."""
        complete = complete_options(options, DEFAULTS, _LIMITS)
        if complete["pattern"]:
            try:
                pattern_words(str(complete["pattern"]))
            except SeasonError as error:
                raise ChallengeError(
                    "options.pattern", str(error), "a pattern as padi-padi-palawija, or nothing"
                ) from error
        nitrogen = complete["nitrogen"]
        if nitrogen != "":
            number = isinstance(nitrogen, int | float) and not isinstance(nitrogen, bool)
            if not number or not 0.0 <= nitrogen <= 500.0:
                raise ChallengeError(
                    "options.nitrogen", repr(nitrogen), "kilograms a hectare from 0 to 500, or nothing"
                )
            if complete["pattern"]:
                raise ChallengeError(
                    "options.nitrogen",
                    repr(nitrogen),
                    "no pattern beside it: a field's year knows no nitrogen",
                )
            complete["nitrogen"] = float(nitrogen)
        return complete

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        """List every region with every hidden season."""
        options = self.check_options(challenge.options)
        return region_cases(
            folder,
            options["regions"],
            built_in_regions(options["past_years"], options["hidden_years"]),
            {"rules": repr(_rules(options))},
        )

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        """Pose one hidden season's problem to the solution and look up what its advice brought."""
        rules, year = _rules(options), case.inputs["year"]
        block = _block_of(case, options, rules)
        problem = pose(block, rules, year)
        answer = solution.solve(problem)
        try:
            advice = read_advice(answer, problem["starts"], block.sites)
        except AdviceError as error:
            code = "illegal_action" if error.where.endswith((".start", ".variety")) else "wrong_format"
            raise SubmissionFault(
                code, where=error.where, found=error.found, expected=error.expected
            ) from error
        verdict, series = judge_advice(block, rules, year, advice)
        metrics = {
            "regret": verdict.regret,
            "worst_decile": verdict.worst_decile,
            "yield": verdict.yield_,
            "best": verdict.best,
            "failed": verdict.failed,
            "water": verdict.water,
            "irrigation": verdict.irrigation,
        }
        return score_case(case, metrics, _engine(block.generated, rules.nitrogen is not None), series)

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        """Draw what each solution lost by region, and when it had people plant."""
        return _pictures(runs)

    def draw(self, challenge: Challenge, folder: Path) -> str:
        """Draw the year of each region: rain, temperature, and the months whose rain is forecast."""
        options = self.check_options(challenge.options)
        regions = built_in_regions(options["past_years"], options["hidden_years"])
        return drawn_regions(
            folder, options["regions"], regions, _rules(options), lambda region: region.months
        )

    def apply(self, data: Path, solution: Solution, options: dict[str, Any], out: Path) -> Sequence[Path]:
        """Ask the solution for advice on one's own sites and write it as CSV and GeoJSON.

        Parameters
        ----------
        data : Path
            A table of sites as for ``lumbung farm calendar``; weather and soil files lie beside it. Sites that plant at
            the same time are asked about together (`lumbung.farm.challenge.advice_files`).
        """
        try:
            table = read_sites(data, data.parent)
            posed, problems = own_problems(
                table,
                options["starts"],
                options["failure"],
                options["water_price"],
                _nitrogen(options),
            )
            answered = [
                (one, read_advice(solution.solve(one.content), one.content["starts"], one.sites))
                for one in posed
            ]
        except (SitesError, DecisionError) as error:
            raise ChallengeError(
                str(data), str(error), "a table of sites (lumbung farm calendar --help)"
            ) from error
        except AdviceError as error:
            raise SubmissionFault(
                "illegal_action", where=error.where, found=error.found, expected=error.expected
            ) from error
        return write_advice(out, table, answered, problems)


def _nitrogen(options: dict[str, Any]) -> float | None:
    return None if options["nitrogen"] == "" else options["nitrogen"]


def _engine(generated: bool, fed: bool) -> str:
    return f"WOFOST {'8.1' if fed else '7.2'} {lumbung.__version__} {'generated' if generated else 'measured'} weather"


def _rules(options: dict[str, Any]) -> Rules:
    return Rules(
        **{
            name: options[name]
            for name in ("starts", "sites", "skill", "water_price", "failure", "salt", "pattern")
        },
        nitrogen=_nitrogen(options),
    )


def _block_of(case: Case, options: dict[str, Any], rules: Rules) -> Block:
    try:
        if not case.inputs["folder"]:
            regions = built_in_regions(options["past_years"], options["hidden_years"])
            return build_block(regions[case.inputs["region"]], rules)
        folder = Path(case.inputs["folder"])
        region, _, _ = read_region(folder)
        table = read_sites(folder / "sites.csv", folder)
        if table.problems:
            line, why = next(iter(table.problems.items()))
            raise RegionError(f"{folder / 'sites.csv'}, line {line}: {why}")
        return grow_block(region, rules, list(table.sites.values()))
    except (RegionError, SitesError, ValueError) as error:
        raise ChallengeFault(
            "broken_challenge",
            where=f"case {case.id}",
            found=str(error)[:300],
            expected="a region whose seasons can all be grown",
        ) from error


def _pictures(runs: Sequence[ScoredRun]) -> list[Picture]:
    names = [run.submission for run in runs]
    groups = list(dict.fromkeys(score.group for run in runs for score in run.scores))
    made = {s.group for run in runs for s in run.scores if s.series.get("generated")}
    drawn = [
        Picture(
            Text(
                "Yield lost against the best in hindsight, by region [kg/ha]; a dot is one season, the tick their mean.",
                "Hasil panen yang hilang dibanding pilihan terbaik setelah musim berlalu, per wilayah [kg/ha]; satu titik "
                "satu musim, garis tegak rata-ratanya.",
                "各区域与事后最优选择相比的产量损失［公斤/公顷］；每点为一个种植季，竖线为均值。",
            ),
            judge_pictures.regrets(
                names,
                {
                    g: [[s.metrics["regret"] for s in run.scores if s.group == g] for run in runs]
                    for g in groups
                },
                made,
            ),
        )
    ]
    for group in groups:
        per_run = [[s.series for s in run.scores if s.group == group and s.series] for run in runs]
        shown = next((series for series in per_run if series), None)
        if shown is None:
            continue
        best = [sum(column) / len(column) for column in zip(*(s["curve"] for s in shown), strict=True)]
        chosen = [[start for s in series for start in s["starts"]] for series in per_run]
        drawn.append(
            Picture(
                Text(
                    "What each start brought in the seasons that came (mean of sites, best variety), and when each "
                    "solution had people plant; a larger dot, more often.",
                    "Hasil tiap awal tanam pada musim yang terjadi (rata-rata lokasi, varietas terbaik), dan kapan tiap "
                    "solusi menyarankan tanam; makin besar titik, makin sering.",
                    "各起始日期在实际种植季中的产量（各点均值，最优品种），以及各方案建议的播期；圆点越大，建议越多。",
                ),
                judge_pictures.dates(names, shown[0]["first_period"], best, chosen, group in made),
                group,
            )
        )
    return drawn
