"""The judge ``connectivity.rollout``: scores which towers come in which year, by who gets a speed from them and when."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lumbung.connectivity.challenge.phases import Gain, Promise, Step, gain_of, read_programme, task_of
from lumbung.connectivity.challenge.proposals import SATELLITE, ProposalError
from lumbung.connectivity.challenge.remote_regions import RemoteArea, worst_quarter
from lumbung.connectivity.judge.options import (
    SHARED,
    TOWERS,
    area_of,
    complete_options,
    engines,
    number,
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

DEFAULTS: dict[str, Any] = {
    **SHARED,
    "frequency": 1800.0,
    "bandwidth": 20.0,
    "threshold": -110.0,
    "money": [600.0, 600.0, 600.0],
    "speed": 2.0,
    "active": 0.02,
    "satellite_traffic": 60.0,
}
MOST_YEARS = 20


class RolloutJudge:
    """Scores which towers come in which year (registered as ``connectivity.rollout``).

    Options of the challenge
    ------------------------
    regions, seeds, frequency, bandwidth, power, threshold, radius, longest_hop, hop_frequency, clearance, hop_cost, satellite_cost
        As of ``connectivity.siting``; the threshold is the RSRP from which somebody is a user at all [dBm].
    money : list of float
        New money of each year, in thousand US dollars; what is not spent is kept.
    speed : float
        That a person who is active must get [Mbit/s].
    active : float
        Part of the people who are active at once in the busy hour.
    satellite_traffic : float
        What a satellite terminal carries [Mbit/s].
    """

    name = "connectivity.rollout"
    version = 1
    metrics: ClassVar[dict[str, Text | Measure]] = {
        "connected": Measure(
            Text(
                "people at the speed, mean of all years [%]",
                "penduduk dengan kecepatan yang dijanjikan, rata-rata semua tahun [%]",
                "达到承诺网速的人口比例，各年平均［%］",
            ),
            "higher",
            low=0,
            high=100,
        ),
        "last_year": Measure(
            Text(
                "people at the speed in the last year [%]",
                "penduduk dengan kecepatan yang dijanjikan pada tahun terakhir [%]",
                "最后一年达到承诺网速的人口比例［%］",
            ),
            "higher",
            low=0,
            high=100,
        ),
        "worst_quarter": Measure(
            Text(
                "people at the speed in the worst-off quarter of the region in the last year [%]",
                "penduduk dengan kecepatan yang dijanjikan di seperempat wilayah yang paling tertinggal, tahun terakhir [%]",
                "最后一年区域内最差的四分之一达到承诺网速的人口比例［%］",
            ),
            "higher",
            low=0,
            high=100,
        ),
        "people": Text(
            "people at the speed in the last year",
            "jumlah penduduk dengan kecepatan yang dijanjikan pada tahun terakhir",
            "最后一年达到承诺网速的人口数",
        ),
        "full": Measure(
            Text(
                "cells without time for all their people in the last year",
                "sel yang tidak cukup melayani semua penduduknya pada tahun terakhir",
                "最后一年容量不足的小区数",
            ),
            "lower",
            low=0,
        ),
        "spent": Text(
            "money spent [thousand US dollars]", "biaya terpakai [ribu dolar AS]", "支出［千美元］"
        ),
        **TOWERS,
    }

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Complete the options; `ChallengeError` names the one that is wrong."""
        complete = complete_options(options, DEFAULTS, frozenset(("speed", "active", "satellite_traffic")))
        money = complete["money"]
        if not isinstance(money, list) or not 1 <= len(money) <= MOST_YEARS:
            raise ChallengeError(
                "options.money", repr(money), f"a list of 1 to {MOST_YEARS} numbers, one a year"
            )
        complete["money"] = [number(f"options.money[{k}]", one) for k, one in enumerate(money)]
        if min(complete["money"]) < 0:
            raise ChallengeError("options.money", repr(money), "0 or more in every year")
        if complete["active"] > 1.0:
            raise ChallengeError(
                "options.active", repr(complete["active"]), "a part of the people, at most 1"
            )
        return complete

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        """List every region with every seed; the real places travel inside the case and stand in its digest."""
        return regions_by_seeds(self.check_options(challenge.options))

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        """Pose one region, take the programme, and compute who has the speed in each year."""
        terms, promise = terms_of(options), _promise(options)
        area = area_of(case.inputs, case.seed, sum(promise.money))
        try:
            steps = read_programme(solution.solve(task_of(area, terms, promise)), area, terms, promise)
        except ProposalError as error:
            raise SubmissionFault(
                "wrong_format" if error.form else "illegal_action",
                where=error.where, found=error.found, expected=error.expected,
            ) from error  # fmt: skip
        gain = gain_of(steps, area, terms, promise)
        return score_case(
            case, _metrics(steps, area, gain), engines(), _series(case, steps, area, gain, options)
        )

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        """Draw people at the speed per solution, and per region a map of the least and the most that was reached."""
        return bars_and_maps(runs, "connected", _BARS, _map_title)

    def draw(self, challenge: Challenge, folder: Path) -> str:
        """Draw each region's first ground, with its villages and candidate sites."""
        return drawn_regions(self.check_options(challenge.options))


def _promise(options: dict[str, Any]) -> Promise:
    return Promise(tuple(options["money"]), options["speed"], options["active"], options["satellite_traffic"])


def _metrics(steps: Sequence[Step], area: RemoteArea, gain: Gain) -> dict[str, float]:
    people = area.demand.people
    reached = gain.part @ people
    return {
        "connected": 100.0 * float(reached.mean() / people.sum()),
        "last_year": 100.0 * float(reached[-1] / people.sum()),
        "worst_quarter": 100.0 * worst_quarter(area, gain.part[-1]),
        "people": float(reached[-1]),
        "full": float(gain.full[-1]),
        "spent": gain.spent,
        "sites": float(len(steps)),
        "satellites": float(sum(step.choice.backhaul == SATELLITE for step in steps)),
        "unconnected": float(sum(not works for works in gain.connected)),
    }


def _series(
    case: Case, steps: Sequence[Step], area: RemoteArea, gain: Gain, options: dict[str, Any]
) -> dict[str, Any]:
    return {
        "inputs": case.inputs if case.seed == 0 else {},
        "options": options,
        "label": area.ground.label,
        "choices": [[s.choice.candidate, s.choice.height, s.choice.backhaul] for s in steps],
        "years": [step.year for step in steps],
        # A village is drawn as connected where most of its people are.
        "served": [int(k) for k in np.flatnonzero(gain.part[-1] > 0.5)],
        "connected": [bool(works) for works in gain.connected],
    }


_BARS = Text(
    "People who get the promised speed in the busy hour, mean of all years, by region [%]; a dot is one generated ground, the bar "
    "their mean. Places are real, the ground is generated.",
    "Penduduk yang memperoleh kecepatan yang dijanjikan pada jam sibuk, rata-rata semua tahun, per wilayah [%]; satu titik satu "
    "medan bangkitan, batang rata-ratanya. Tempatnya nyata, medannya data bangkitan.",
    "各区域忙时达到承诺网速的人口比例，各年平均［%］；每点为一个生成地形，条形为均值。地名真实，地形为生成数据（非实测）。",
)


def _map_title(region: str) -> Text:
    return Text(
        f"{region}, ground 0: the towers of the last year and the villages most of whose people get the speed; the least (left) and the "
        "most (right) that was reached. GENERATED terrain around real places.",
        f"{region}, medan 0: menara pada tahun terakhir dan desa yang sebagian besar penduduknya memperoleh kecepatan itu; hasil "
        "terendah (kiri) dan tertinggi (kanan). Medan BANGKITAN di sekitar tempat nyata.",
        f"{region}，地形 0：最后一年的铁塔，以及多数人口达到承诺网速的村庄；成绩最低的方案（左）与最高的方案（右）。"
        "真实地名，生成地形（非实测）。",
    )
