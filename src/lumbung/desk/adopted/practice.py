"""What a deliverable is measured by, and what it is measured against: today's practice, by judge.

Figures are read from the tables that ``lumbung run`` writes, so that a page says what the files say.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Figures = dict[str, float]


@dataclass(frozen=True)
class Practice:
    """How a kind of deliverable is compared.

    Attributes
    ----------
    solution : str
        The shipped solution that does what is done today; empty where the deliverable holds today's figures itself.
    compare : callable
        From the deliverable's folder and that of today's practice to the figures of both, by name.
    better : dict of str to {"lower", "higher"}
        Which way a figure is better; figures in neither way are told and not judged.
    """

    solution: str
    compare: Callable[[Path, Path], tuple[Figures, Figures]]
    better: Mapping[str, str]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def _mean(rows: list[dict[str, str]], column: str) -> float:
    numbers = [float(row[column]) for row in rows if row.get(column)]
    return sum(numbers) / len(numbers) if numbers else 0.0


def _city(done: Path, _today: Path) -> tuple[Figures, Figures]:
    rows = _rows(done / "comparison.csv")

    def figures(which: str) -> Figures:
        return {"delay": _mean([row for row in rows if row["signals"] == which], "delay")}

    return figures("live") | {"delay_as_fixed_plan": figures("fixed plan")["delay"]}, figures("today")


def _farm(done: Path, today: Path) -> tuple[Figures, Figures]:
    def figures(folder: Path) -> Figures:
        rows = _rows(folder / "advice.csv")
        return {
            "sites": float(len(rows)), "yield": _mean(rows, "yield"), "risk": 100.0 * _mean(rows, "risk"),
            "irrigation": _mean(rows, "irrigation"),
        }  # fmt: skip

    return figures(done), figures(today)


def _siting(done: Path, today: Path) -> tuple[Figures, Figures]:
    def figures(folder: Path) -> Figures:
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        return {
            "people": float(plan["people_already"] + plan["people_new"]), "towers": float(len(plan["sites"])),
            "cost": float(plan["cost"]),
        }  # fmt: skip

    return figures(done), figures(today)


PRACTICES: dict[str, Practice] = {
    "city.signals": Practice("", _city, {"delay": "lower", "delay_as_fixed_plan": "lower"}),
    "farm.planting": Practice("farm/fixed-date", _farm, {"yield": "higher", "risk": "lower"}),
    "connectivity.siting": Practice("connectivity/most-populous", _siting, {"people": "higher"}),
}
