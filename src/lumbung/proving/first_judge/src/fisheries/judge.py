"""The judge: a solution sets a quota each year, knowing the stock only from a survey that errs.

The five methods of `lumbung.proving.judge.Judge` are all there is to write. Whatever the solution answers is held
against the rules here, and what breaks them is its verdict; what this file itself does wrong is the challenge's fault.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from fisheries.stock import next_stock

from lumbung.proving.case import Case, CaseScore, make_case, score_case
from lumbung.proving.challenge import Challenge, ChallengeError
from lumbung.proving.faults import SubmissionFault
from lumbung.proving.judge import Picture, ScoredRun, Solution
from lumbung.proving.text import Text

RATE, CAPACITY = 0.4, 1000.0  # [1/year], [kt]: generated, of no real stock
LUCK = {
    "calm": 0.05,
    "stormy": 0.3,
}  # how much years differ, by waters: standard deviation of the log of growth
SURVEY = 0.15  # how much a survey errs: standard deviation of its log
DEFAULTS: dict[str, Any] = {"waters": ["calm", "stormy"], "seeds": 5, "years": 20}


class QuotaJudge:
    """Scores quotas by what is landed over the years."""

    name = "fisheries.quota"
    version = 1  # rises whenever a score could change
    metrics: ClassVar[dict[str, Text]] = {
        "landed": Text("catch [kt/year]", "tangkapan [kt/tahun]", "渔获量 [千吨/年]"),
        "lowest": Text(
            "lowest stock [% of capacity]", "stok terendah [% daya dukung]", "最低资源量 [占承载量 %]"
        ),
    }

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        complete = {**DEFAULTS, **options}
        for name in options:
            if name not in DEFAULTS:
                raise ChallengeError(f"options.{name}", "an unknown option", "one of " + ", ".join(DEFAULTS))
        unknown = [water for water in complete["waters"] if water not in LUCK]
        if unknown or not complete["waters"]:
            raise ChallengeError("options.waters", repr(complete["waters"]), "some of " + ", ".join(LUCK))
        for name in ("seeds", "years"):
            if type(complete[name]) is not int or complete[name] < 1:
                raise ChallengeError(f"options.{name}", repr(complete[name]), "a whole number from 1 on")
        return complete

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        # A judge with files reads them from *folder*: the challenge's own, or a node's private one.
        options = self.check_options(challenge.options)
        return [
            make_case(f"{water}/{seed:02d}", water, seed, {"luck": LUCK[water], "years": options["years"]})
            for water in options["waters"]
            for seed in range(options["seeds"])
        ]

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        # The same case gives the same years to every solution: all chance comes from the case's seed.
        chance = random.Random(f"{case.id} {case.seed}")
        stock, landed, stocks = CAPACITY / 2, 0.0, [CAPACITY / 2]
        solution.start({"years": case.inputs["years"], "unit": "kt", "capacity": CAPACITY})
        for year in range(case.inputs["years"]):
            survey = stock * math.exp(chance.gauss(0, SURVEY))
            quota = _read_quota(solution.step({"year": year, "survey": survey}))
            catch = min(quota, stock)
            landed += catch
            luck = math.exp(chance.gauss(0, case.inputs["luck"]))
            stock = next_stock(stock, catch, rate=RATE, capacity=CAPACITY, luck=luck)
            stocks.append(stock)
        figures = {"landed": landed / case.inputs["years"], "lowest": 100 * min(stocks) / CAPACITY}
        return score_case(case, figures, "Schaefer 1.0", {"stock": stocks})

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        return [Picture(Text("The stock", "Stok ikan", "鱼类资源量"), _drawing(runs))]


def _read_quota(answer: object) -> float:
    """Return the quota of an answer that keeps the rules."""
    quota = answer.get("quota") if isinstance(answer, dict) else None
    if type(quota) not in (int, float):
        found = f"{type(answer).__name__} {str(answer)[:40]}"
        raise SubmissionFault(
            "wrong_format", where="answer", found=found, expected="a dictionary {'quota': kt}"
        )
    if not 0 <= quota < math.inf:  # NaN fails this too
        raise SubmissionFault("illegal_action", where="quota", found=str(quota), expected="kt, from 0 on")
    return float(quota)


def _drawing(runs: Sequence[ScoredRun]) -> str:
    lines = []
    for number, run in enumerate(runs):
        for score in run.scores:
            stocks = score.series["stock"]
            points = " ".join(
                f"{40 + 340 * year / max(1, len(stocks) - 1):.1f},{200 - 180 * stock / CAPACITY:.1f}"
                for year, stock in enumerate(stocks)
            )
            colour = ("#0072b2", "#d55e00", "#009e73")[number % 3]
            lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-opacity="0.6"/>')
    axes = (
        '<path d="M40 20V200H380" fill="none" stroke="#444"/><text x="4" y="26" font-size="11">1000 kt</text>'
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 220" width="400" height="220">'
        + axes + "".join(lines) + "</svg>"
    )  # fmt: skip
