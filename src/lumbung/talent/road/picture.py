"""The road as a picture: talents over the years with their range, and talents per thousand people by province."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.talent.road.flow import Road
from lumbung.talent.road.scenario import Scenario
from lumbung.talent.road.uncertainty import Range

_LINE = "#0b5d7a"
_BAND = "#9fcbd9"
_TARGET = "#b5462f"
_GREY = "#5a5a5a"
_LEVELS = ("#c9dfe6", "#5fa3b8", "#0b5d7a", "#063140")


def draw(scenario: Scenario, road: Road, often: Range | None, path: Path, planned: bool = False) -> None:
    """Write a picture (PNG, SVG or PDF by the name).

    Parameters
    ----------
    road : Road
        Expected numbers.
    often : Range, optional
        Draws, for the 90 % range.
    planned : bool
        Say that the places are those of the cheapest plan.
    """
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(
        1, 2, figsize=(13, 7.6), width_ratios=[1.55, 1], layout="constrained"
    )
    _years(left, scenario, road, often)
    _provinces(right, scenario, road)
    title = scenario.title + (" — with the cheapest plan" if planned else "")
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")
    note = f"Who counts: {scenario.definition}"
    if scenario.assumptions:
        note += (
            f"  Rests on {len(scenario.assumptions)} assumptions without a source; the command lists them."
        )
    figure.supxlabel("\n".join(textwrap.wrap(note, 165)), fontsize=9, color=_GREY, x=0.01, ha="left")
    figure.savefig(path, dpi=130)
    plt.close(figure)


def _years(axis: Any, scenario: Scenario, road: Road, often: Range | None) -> None:
    years = np.arange(scenario.first_year - 1, scenario.last_year + 1)
    million = 1e6
    base = np.zeros(len(years))
    counted = np.flatnonzero(scenario.counted)
    for shade, level in enumerate(counted):
        stock = road.stock[:, :, level].sum(axis=1) / million
        name = scenario.levels[level]
        colour = (
            _LEVELS[min(shade + (len(counted) > 1), len(_LEVELS) - 1)] if len(counted) > 1 else _LEVELS[0]
        )
        axis.fill_between(years, base, base + stock, color=colour, lw=0, label=f"{name}, expected")
        base += stock
    axis.plot(years, base, color=_LINE, lw=2)
    top = max(base.max(), scenario.target / million)
    if often is not None:
        low, high = often.quantiles(0.05, 0.95) / million
        axis.plot(years, low, color=_LINE, lw=1, ls="--", label="90 % of draws between")
        axis.plot(years, high, color=_LINE, lw=1, ls="--")
        top = max(top, high.max())
    goal = scenario.target / million
    axis.axhline(goal, color=_TARGET, lw=1.2, ls=":")
    axis.plot([scenario.target_year], [goal], "D", color=_TARGET, ms=8, label=f"target {scenario.target:,}")
    at = scenario.target_year - scenario.first_year + 1
    axis.annotate(
        f"{road.counted[at] / million:.2f} million",
        (scenario.target_year, base[at]),
        xytext=(-14, -52),
        textcoords="offset points",
        ha="right",
        fontsize=11,
        fontweight="bold",
        color="#063140",
        bbox={"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
    )
    axis.set_ylim(0, top * 1.12)
    axis.set_xlim(years[0], years[-1] + 0.15)
    axis.set_xticks(years if len(years) <= 9 else years[::2])
    axis.set_ylabel("talents at the end of the year, million")
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="y", color="#dddddd", lw=0.7)
    axis.set_axisbelow(True)
    axis.legend(loc="upper left", frameon=False, fontsize=10)


def _provinces(axis: Any, scenario: Scenario, road: Road) -> None:
    at = scenario.target_year - scenario.first_year + 1
    talents = road.stock[at][:, scenario.counted].sum(axis=1)
    per_thousand = 1000 * talents / scenario.weights
    order = np.argsort(per_thousand, kind="stable")
    axis.barh(np.arange(len(order)), per_thousand[order], color=_BAND, height=0.75)
    axis.set_yticks(np.arange(len(order)), [scenario.provinces[k] for k in order], fontsize=7.5)
    average = 1000 * talents.sum() / scenario.weights.sum()
    axis.axvline(average, color=_TARGET, lw=1)
    axis.set_title(
        f"talents per 1,000 people, {scenario.target_year} (line: national {average:.1f})",
        fontsize=10,
        loc="left",
    )
    axis.set_ylim(-0.7, len(order) - 0.3)
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.tick_params(axis="y", length=0)
