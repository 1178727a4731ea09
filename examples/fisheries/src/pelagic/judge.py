"""The judge: each year a solution sets a quota, knowing the stock only from a survey that errs.

A fishery is closed when a year begins with fewer spawners than a fifth of the unfished ones, a usual limit (New Zealand's
Harvest Strategy Standard, 2008, from which a stock is to be rebuilt), and it opens again when they are back at two fifths.
So whoever takes too much is judged by what is not landed later. And since markets fill and people eat every year, what counts
is the mean of the square root of catches (constant relative risk aversion of a half): by plain tonnes, taking all at once
and waiting would land more than the classical rule.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

from lumbung.proving.case import Case, CaseScore, make_case, score_case
from lumbung.proving.challenge import Challenge, ChallengeError
from lumbung.proving.digest import digest_data, digest_file
from lumbung.proving.faults import SubmissionFault
from lumbung.proving.judge import Picture, ScoredRun, Solution
from lumbung.proving.measure import Measure
from lumbung.proving.text import Text

from pelagic.stock import Stock

LIMIT, REBUILT = 0.2, 0.4  # shares of the unfished spawners: closed below the first, until above the second
NUMBERS = ("natural_mortality", "growth", "length", "steepness", "recruits", "luck", "survey")
DEFAULTS: dict[str, Any] = {"stocks": "stocks.csv", "seeds": 5, "years": 30}


class QuotaJudge:
    """Scores quotas by what is landed over the years."""

    name = "pelagic.quota"
    version = 1  # rises whenever a score could change
    metrics: ClassVar[dict[str, Text | Measure]] = {
        "worth": Measure(
            Text(
                "worth of the catches [% of the maximum sustainable yield every year]",
                "nilai tangkapan [% dari hasil maksimum lestari setiap tahun]",
                "渔获价值［占每年均达最大可持续产量时的 %］",
            ),
            "higher",
            low=0,
        ),
        "landed": Measure(
            Text(
                "catch [% of the maximum sustainable yield]",
                "tangkapan [% dari hasil tangkapan maksimum lestari]",
                "渔获量［占最大可持续产量的 %］",
            ),
            "higher",
            low=0,
        ),
        "closed": Measure(
            Text("years closed [%]", "tahun ditutup [%]", "休渔年份［%］"), "lower", low=0, high=100
        ),
        "swing": Measure(
            Text(
                "change of the catch from year to year [% of its mean]",
                "perubahan tangkapan antartahun [% dari rata-rata]",
                "渔获量年际变化［占均值的 %］",
            ),
            "lower",
            low=0,
        ),
    }

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        for name in options:
            if name not in DEFAULTS:
                raise ChallengeError(f"options.{name}", "an unknown option", "one of " + ", ".join(DEFAULTS))
        complete = {**DEFAULTS, **options}
        if not isinstance(complete["stocks"], str):
            raise ChallengeError("options.stocks", repr(complete["stocks"]), "the name of a table of stocks")
        for name in ("seeds", "years"):
            if type(complete[name]) is not int or complete[name] < 1:
                raise ChallengeError(f"options.{name}", repr(complete[name]), "a whole number from 1 on")
        return complete

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        options = self.check_options(challenge.options)
        path = folder / options["stocks"]
        stocks = read_stocks(path)
        # What a case is judged from: the table, and how many years of it are played.
        digests = {"stocks": digest_file(path), "years": digest_data(options["years"])}
        return [
            make_case(f"{name}/{seed:02d}", name, seed, {"years": options["years"], **numbers}, digests)
            for name, numbers in stocks.items()
            for seed in range(options["seeds"])
        ]

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        # The same case gives the same years to every solution: all chance comes from the case's seed.
        chance = random.Random(f"{case.id} {case.seed}")
        given = dict(case.inputs)
        years, luck, error = given.pop("years"), given.pop("luck"), given.pop("survey")
        stock = Stock(**given)
        unfished = stock.spawners(stock.unfished)
        fish, landed, shares, closed = [0.5 * n for n in stock.unfished], [], [], []
        solution.start({
            "years": years, "unit": "kt", "unfished": unfished, "natural_mortality": stock.natural_mortality, "limit": LIMIT,
            "rebuilt": REBUILT,
        })  # fmt: skip
        for year in range(years):
            spawners = stock.spawners(fish)
            survey = spawners * math.exp(chance.gauss(0, error))
            quota = _read_quota(
                solution.step({"year": year, "survey": survey, "landed": landed[-1] if landed else 0.0})
            )
            shares.append(spawners / unfished)
            closed.append(shares[-1] < (REBUILT if closed and closed[-1] else LIMIT))
            fishing = 0.0 if closed[-1] else stock.fishing_of(fish, quota)
            landed.append(stock.catch(fish, fishing))
            # Half the variance is taken off, so that the mean of luck is 1.
            fish = stock.a_year_later(fish, fishing, math.exp(chance.gauss(-(luck**2) / 2, luck)))
        mean = sum(landed) / years
        changes = sum(abs(later - earlier) for earlier, later in pairwise(landed))
        most = stock.most_lasting_catch
        figures = {
            "worth": 100 * sum(math.sqrt(catch / most) for catch in landed) / years,
            "landed": 100 * mean / most,
            "closed": 100 * sum(closed) / years,
            "swing": 100 * changes / max(years - 1, 1) / mean if mean else 0.0,
        }
        return score_case(case, figures, "Pelagic 1.0", {"shares": shares})

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        title = Text(
            "Spawners, as a share of the unfished (generated stocks)",
            "Induk ikan terhadap keadaan tanpa penangkapan (stok bangkitan)",
            "产卵群体占未捕捞时的比例（生成数据）",
        )
        return [Picture(title, _drawing(runs))]


def read_stocks(path: Path) -> dict[str, dict[str, float]]:
    """Read a table of stocks: a name, the numbers of `Stock`, the spread of luck and of the survey (of their logs).

    Raises
    ------
    ChallengeError
        Names the file, the line and the column.
    """
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    except (OSError, UnicodeError) as error:
        raise ChallengeError(
            path.name, f"no readable table ({type(error).__name__})", "a CSV file of stocks"
        ) from None
    stocks: dict[str, dict[str, float]] = {}
    for count, row in enumerate(csv.DictReader(lines), start=1):
        where, name = f"{path.name}, stock {count}", row.get("stock") or ""
        if not name or name in stocks:
            raise ChallengeError(f"{where}, column stock", repr(name), "a name that no other stock has")
        stocks[name] = {column: _number(row.get(column), f"{where}, column {column}") for column in NUMBERS}
        if not 0.2 < stocks[name]["steepness"] <= 1:
            raise ChallengeError(
                f"{where}, column steepness", str(stocks[name]["steepness"]), "above 0.2, up to 1"
            )
    if not stocks:
        raise ChallengeError(path.name, "no stock", "a line for each, below " + ",".join(("stock", *NUMBERS)))
    return stocks


def _number(text: str | None, where: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:  # NaN fails this too
        raise ChallengeError(where, repr(text), "a number above 0")
    return value


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
        colour = ("#0072b2", "#d55e00", "#009e73")[number % 3]
        for score in run.scores:
            shares = score.series["shares"]
            points = " ".join(
                f"{40 + 340 * year / max(1, len(shares) - 1):.1f},{200 - 90 * min(share, 2):.1f}"
                for year, share in enumerate(shares)
            )
            lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-opacity="0.5"/>')
    axes = (
        '<path d="M40 20V200H380" fill="none" stroke="#444"/><path d="M40 182H380" stroke="#b00" stroke-dasharray="4"/>'
        '<text x="6" y="114" font-size="11">100 %</text><text x="12" y="186" font-size="11">20 %</text>'
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 220" width="400" height="220">'
        + axes + "".join(lines) + "</svg>"
    )  # fmt: skip
