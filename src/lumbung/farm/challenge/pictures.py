"""Pictures of judged advice: what each solution lost, and when it had people plant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lumbung.farm.calendar.drawing import (
    INK,
    LINE,
    PALETTE,
    SOFT,
    curve,
    line,
    nice_step,
    short_name,
    svg,
    text,
)
from lumbung.farm.calendar.pictures import MONTHS, WARNING

WIDTH, LEFT, RIGHT = 760.0, 120.0, 64.0
LABEL = "generated weather · cuaca bangkitan · 生成气象数据（非实测）"


def _legend(names: Sequence[str]) -> list[str]:
    drawn, at = [], LEFT
    for number, name in enumerate(names):
        drawn.append(f'<circle cx="{at + 6:.1f}" cy="19.5" r="5" fill="{PALETTE[number % 8]}"/>')
        drawn.append(text(at + 16, 24, short_name(name)))
        at += 30 + 7.6 * len(short_name(name))
    return drawn


def regrets(
    names: Sequence[str],
    groups: Mapping[str, Sequence[Sequence[float]]],
    generated: set[str],
    unit: str = "kg/ha",
    digits: int = 0,
) -> str:
    """Draw what every case lost, a block of rows per region; the tick is the mean.

    Parameters
    ----------
    names
        Submissions.
    groups
        Region to one sequence of losses per submission.
    generated
        Regions whose weather is.
    unit, digits
        Of the losses.
    """
    everything = [value for rows in groups.values() for values in rows for value in values]
    if not everything:
        return svg(WIDTH, 40, [text(20, 26, "–")])
    step = nice_step(max(max(everything), 1.0) / 6)
    top_value = step * (int(max(everything) / step) + 1)

    def x(value: float) -> float:
        return LEFT + value / top_value * (WIDTH - LEFT - RIGHT)

    row, gap, y = 16.0, 18.0, 56.0
    rows_drawn = []
    for group, rows in groups.items():
        label = group + ("*" if group in generated else "")
        rows_drawn.append(text(LEFT - 14, y + row * len(rows) / 2, label, "end", INK, 'font-weight="600"'))
        means = [sum(v) / len(v) if v else float("inf") for v in rows]
        for number, values in enumerate(rows):
            if values:
                colour = PALETTE[number % 8]
                dots = "".join(f'<circle cx="{x(v):.1f}" cy="{y:.1f}" r="3.4"/>' for v in values)
                rows_drawn.append(f'<g fill="{colour}" fill-opacity=".45">{dots}</g>')
                rows_drawn.append(line(x(means[number]), y - 6.5, x(means[number]), y + 6.5, colour, 3))
                weight = 'font-weight="700"' if means[number] == min(means) else ""
                rows_drawn.append(
                    text(
                        WIDTH - 12,
                        y + 4,
                        f"{means[number]:,.{digits}f}",
                        "end",
                        INK if weight else SOFT,
                        weight,
                    )
                )
            y += row
        rows_drawn.append(line(16, y + gap / 2 - 8, WIDTH - 12, y + gap / 2 - 8))
        y += gap
    grid, tick = [], 0.0
    while tick <= top_value + 1e-9:
        grid.append(line(x(tick), 40, x(tick), y - 14, "#eceff3"))
        grid.append(text(x(tick), y + 4, f"{tick:,.0f}", "middle", SOFT))
        tick += step
    body = [*_legend(names), *grid, *rows_drawn]
    body.append(text(WIDTH - 12, 24, unit, "end", SOFT))
    if generated:
        body.append(text(16, y + 26, f"* {LABEL}", "start", WARNING, 'font-size="12"'))
    return svg(WIDTH, y + (38 if generated else 16), body)


def dates(
    names: Sequence[str],
    first_period: int,
    best: Sequence[float],
    chosen: Sequence[Sequence[int]],
    generated: bool,
) -> str:
    """Draw the mean yield of each start in the seasons that came, and below it when each solution had people plant.

    Parameters
    ----------
    names
        Submissions.
    first_period
        Ten-day period of the first start.
    best
        Mean yield by start, with each site's best variety [kg/ha].
    chosen
        Starts chosen per submission, one entry per site and season.
    generated
        Whether the weather is.
    """
    count = len(best)
    step = (WIDTH - LEFT - RIGHT) / count
    top, bottom, row = 52.0, 210.0, 22.0
    unit = nice_step(max([*best, 1.0]) / 3)
    ceiling = unit * (int(max(best) / unit) + 1)

    def x(start: float) -> float:
        return LEFT + (start + 0.5) * step

    def y(value: float) -> float:
        return bottom - value / ceiling * (bottom - top)

    body, level = [], 0.0
    while level <= ceiling + 1e-9:
        body.append(line(LEFT, y(level), WIDTH - RIGHT, y(level), LINE if level else SOFT))
        body.append(text(LEFT - 8, y(level) + 4, f"{level / 1e3:g}", "end", SOFT))
        level += unit
    body.append(text(LEFT, top - 14, "t/ha", "start", SOFT, 'font-size="12"'))
    body.append(curve([(x(k), y(value)) for k, value in enumerate(best)], INK, 2.4))
    at = bottom + 22
    for number, (name, starts) in enumerate(zip(names, chosen, strict=True)):
        body.append(text(LEFT - 14, at + 4, short_name(name), "end"))
        body.append(line(LEFT, at, WIDTH - RIGHT, at, "#eceff3"))
        for start in sorted(set(starts)):
            share = starts.count(start) / len(starts) if isinstance(starts, list) else 0.0
            body.append(
                f'<circle cx="{x(start):.1f}" cy="{at:.1f}" r="{2.0 + 8.0 * share**0.5:.1f}" '
                f'fill="{PALETTE[number % 8]}" fill-opacity=".8"/>'
            )
        at += row
    body = [*_months(first_period, count, x, step, top, at), *body]
    if generated:
        body.append(text(WIDTH - RIGHT, top - 14, LABEL, "end", WARNING, 'font-size="12"'))
    return svg(WIDTH, at + 20, body)


def _months(
    first_period: int, count: int, x: Callable[[float], float], step: float, top: float, bottom: float
) -> list[str]:
    """Draw a line where each month begins, and its name below."""
    drawn = []
    for k in range(count):
        if (first_period + k) % 3 == 0:
            edge = x(k) - step / 2
            drawn.append(line(edge, top, edge, bottom - 8, "#eceff3"))
            name = MONTHS["en"][(first_period + k) // 3 % 12]
            drawn.append(text(edge + 3, bottom + 8, name, "start", SOFT, 'font-size="12"'))
    return drawn


def given(names: Sequence[str], runs: Sequence[Sequence[Mapping[str, Any]]], generated: bool) -> str:
    """Draw the nitrogen and the water that solutions gave, turn by turn, in the mean over seasons.

    Parameters
    ----------
    names
        Submissions.
    runs
        Of each, one mapping per season: ``turn`` [d], ``nitrogen`` [kg/ha] and ``water`` [mm] by turn.
    generated
        Whether the weather is.
    """
    turns = max(len(series["water"]) for seasons in runs for series in seasons)
    days = next(series["turn"] for seasons in runs for series in seasons)
    body, top = _legend(names), 60.0
    for what, unit in (("nitrogen", "N, kg/ha"), ("water", "H2O, mm")):
        means = [_mean_by_turn([series[what] for series in seasons], turns) for seasons in runs]
        step = nice_step(max([1.0, *(value for one in means for value in one)]) / 3)
        ceiling = step * (int(max([0.0, *(value for one in means for value in one)]) / step) + 1)
        bottom = top + 110.0
        level = 0.0
        while level <= ceiling + 1e-9:
            at = bottom - level / ceiling * (bottom - top)
            body.append(line(LEFT, at, WIDTH - RIGHT, at, LINE if level else SOFT))
            body.append(text(LEFT - 8, at + 4, f"{level:g}", "end", SOFT))
            level += step
        body.append(text(16, top + 4, unit, "start", INK, 'font-weight="600"'))
        for number, one in enumerate(means):
            points = [
                (
                    LEFT + k / max(turns - 1, 1) * (WIDTH - LEFT - RIGHT),
                    bottom - value / ceiling * (bottom - top),
                )
                for k, value in enumerate(one)
            ]
            body.append(curve(points, PALETTE[number % 8], 2.2))
        top = bottom + 34.0
    for k in range(0, turns, 2):
        x = LEFT + k / max(turns - 1, 1) * (WIDTH - LEFT - RIGHT)
        body.append(text(x, top - 14, str(k * days), "middle", SOFT))
    if generated:
        body.append(text(WIDTH - 12, 44, LABEL, "end", WARNING, 'font-size="12"'))
    return svg(WIDTH, top, body)


def _mean_by_turn(seasons: Sequence[Sequence[float]], turns: int) -> list[float]:
    return [
        sum(one[k] if k < len(one) else 0.0 for one in seasons) / max(len(seasons), 1) for k in range(turns)
    ]
