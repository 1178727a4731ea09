"""The judge ``connectivity.siting``: scores where solutions put towers, and puts them to work on one's own region."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lumbung.connectivity.challenge import own_region
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
from lumbung.connectivity.challenge.remote_regions import RemoteArea, worst_quarter
from lumbung.connectivity.judge.options import (
    SHARED,
    TOWERS,
    area_of,
    complete_options,
    engines,
    regions_by_seeds,
    terms_of,
)
from lumbung.connectivity.judge.pictures import bars_and_maps, drawn_regions
from lumbung.proving.case import Case, CaseScore, score_case
from lumbung.proving.challenge import Challenge, ChallengeError
from lumbung.proving.faults import SubmissionFault
from lumbung.proving.judge import Picture, ScoredRun, Solution
from lumbung.proving.measure import Measure
from lumbung.proving.text import Text

DEFAULTS: dict[str, Any] = {**SHARED, "budget": 1500.0}


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
    metrics: ClassVar[dict[str, Text | Measure]] = {
        "served": Measure(
            Text("people served [%]", "penduduk terlayani [%]", "覆盖人口比例［%］"),
            "higher",
            low=0,
            high=100,
        ),
        "people": Text("people served", "jumlah penduduk terlayani", "覆盖人口数"),
        "villages": Measure(
            Text("villages served [%]", "desa terlayani [%]", "覆盖村庄比例［%］"), "higher", low=0, high=100
        ),
        "worst_quarter": Measure(
            Text(
                "people served in the worst-off quarter of the region [%]",
                "penduduk terlayani di seperempat wilayah yang paling tertinggal [%]",
                "区域内覆盖最差的四分之一的人口覆盖率［%］",
            ),
            "higher",
            low=0,
            high=100,
        ),
        "spent": Text(
            "money spent [thousand US dollars]", "biaya terpakai [ribu dolar AS]", "支出［千美元］"
        ),
        "per_person": Text(
            "cost per person served [US dollars]",
            "biaya per orang terlayani [dolar AS]",
            "每覆盖一人的成本［美元］",
        ),
        **TOWERS,
    }

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Complete the options; `ChallengeError` names the one that is wrong."""
        return complete_options(options, DEFAULTS, frozenset(("budget",)))

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        """List every region with every seed; the real places travel inside the case and stand in its digest."""
        return regions_by_seeds(self.check_options(challenge.options))

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        """Pose one region, take the answer, and compute whom it serves."""
        terms = terms_of(options)
        area = area_of(case.inputs, case.seed, options["budget"])
        choices = _asked(solution, area, terms)
        worth = worth_of(choices, area, terms)
        return score_case(
            case, _metrics(choices, area, worth), engines(), _series(case, choices, area, worth, options)
        )

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        """Draw people served per solution, and per region a map of the least and the most that was reached."""
        return bars_and_maps(runs, "served", _BARS, _map_title)

    def draw(self, challenge: Challenge, folder: Path) -> str:
        """Draw each region's first ground, with its villages and candidate sites."""
        return drawn_regions(self.check_options(challenge.options))

    def apply(self, data: Path, solution: Solution, options: dict[str, Any], out: Path) -> Sequence[Path]:
        """Run the solution on one's own region and write the site list as tables, GeoJSON, KML and a map.

        Parameters
        ----------
        data : Path
            A folder with villages.csv, candidates.csv and elevation files; see docs/connectivity/challenge.md.
        """
        terms = terms_of(options)
        try:
            region = own_region.read_region(data, options["budget"], terms)
        except RegionError as error:
            raise ChallengeError(error.where, error.found, error.expected) from error
        choices = _asked(solution, region.area, terms)
        return own_region.write_answer(region, choices, worth_of(choices, region.area, terms), terms, out)


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
        "worst_quarter": 100.0 * worst_quarter(area, worth.served.astype(float)),
        "spent": worth.spent,
        "per_person": 1000.0 * worth.spent / max(reached, 1.0),
        "sites": float(len(choices)),
        "satellites": float(sum(choice.backhaul == SATELLITE for choice in choices)),
        "unconnected": float(sum(not works for works in worth.connected)),
    }


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


_BARS = Text(
    "People served within the budget, by region [%]; a dot is one generated ground, the bar their mean. "
    "Places are real, the ground is generated.",
    "Penduduk terlayani dalam anggaran, per wilayah [%]; satu titik satu medan bangkitan, batang "
    "rata-ratanya. Tempatnya nyata, medannya data bangkitan.",
    "各区域在预算内覆盖的人口［%］；每点为一个生成地形，条形为均值。地名真实，地形为生成数据（非实测）。",
)


def _map_title(region: str) -> Text:
    return Text(
        f"{region}, ground 0: where towers stand, what they cover and who is left out; fewest people served "
        "(left), most (right). GENERATED terrain around real places.",
        f"{region}, medan 0: letak menara, cakupannya, dan siapa yang belum terlayani; penduduk terlayani "
        "paling sedikit (kiri), paling banyak (kanan). Medan BANGKITAN di sekitar tempat nyata.",
        f"{region}，地形 0：铁塔位置、覆盖范围与未覆盖村庄；覆盖人口最少的方案（左）与最多的方案（右）。"
        "真实地名，生成地形（非实测）。",
    )
