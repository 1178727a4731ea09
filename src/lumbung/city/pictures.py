"""Draws what a person would rather look at: delays, queues over time, maps of lost time. Plain SVG, no library.

Labels inside a picture are names, numbers and units only, so that one picture serves every language.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

from lumbung.city.engine.topology import Topology

# Okabe and Ito's palette: distinct for every kind of colour vision.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#b8a800")
INK, SOFT, LINE, STREET = "#1c2430", "#5b6675", "#d9dee5", "#c9cfd8"
# Light to dark, yellow to wine: still ordered when printed grey.
HEAT = ("#fde08a", "#fdb04e", "#f57b3a", "#dd4632", "#b01f45", "#7a0f4b")
# Beyond so many, a street is drawn by one of its lanes: nobody could tell them apart.
_MANY_STREETS = 300
FONT = 'font-family="system-ui, Noto Sans, sans-serif"'


def svg(width: float, height: float, body: Sequence[str]) -> str:
    """Put drawn parts onto a white sheet of so many units."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" {FONT} font-size="13">'
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>{"".join(body)}</svg>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start", fill: str = INK, extra: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" {extra}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str = LINE, width: float = 1) -> str:
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{stroke}" stroke-width="{width:g}"/>'


def short_name(name: str) -> str:
    """Return a submission's name without its sector: ``city/max-wave`` becomes ``max-wave``."""
    return name.rsplit("/", 1)[-1]


def _legend(names: Sequence[str], x: float, y: float, width: float) -> tuple[list[str], float]:
    """Draw a legend that wraps; return it and the y below it."""
    parts, at = [], x
    for number, name in enumerate(names):
        label = short_name(name)
        room = 26 + 7.6 * len(label)
        if at + room > x + width and at > x:
            at, y = x, y + 20
        colour = PALETTE[number % len(PALETTE)]
        parts.append(f'<circle cx="{at + 6:.1f}" cy="{y - 4.5:.1f}" r="5" fill="{colour}"/>')
        parts.append(_text(at + 16, y, label))
        at += room
    return parts, y + 14


def delays(names: Sequence[str], groups: Mapping[str, Sequence[Sequence[float]]]) -> str:
    """Draw the delay of every seed, one block of rows per network, on a logarithmic scale.

    Parameters
    ----------
    names : sequence of str
        Submissions.
    groups : mapping of str to sequence of sequence of float
        Network to one sequence of delays [s] per submission; empty where it has none.
    """
    left, right, row, gap = 116.0, 64.0, 15.0, 16.0
    width = 760.0
    everything = [max(d, 0.1) for rows in groups.values() for values in rows for d in values]
    if not everything:
        return svg(width, 40, [_text(20, 26, "–")])
    low, high = math.log(min(everything) / 1.12), math.log(max(everything) * 1.12)

    def place(delay: float) -> float:
        return left + (math.log(max(delay, 0.1)) - low) / (high - low) * (width - left - right)

    body, top = _legend(names, left, 24, width - left - 10)
    y = top + 12
    rows_drawn: list[str] = []
    for group, rows in groups.items():
        rows_drawn.append(
            _text(left - 12, y + row * len(rows) / 2 + 1, group, "end", INK, 'font-weight="600"')
        )
        means = [sum(v) / len(v) if v else math.inf for v in rows]
        for number, values in enumerate(rows):
            if values:
                best = means[number] == min(means)
                rows_drawn.append(
                    _delay_row(values, means[number], place, y, PALETTE[number % len(PALETTE)], best)
                )
            y += row
        rows_drawn.append(_line(left - 100, y + gap / 2 - 4, width - 12, y + gap / 2 - 4))
        y += gap
    for tick in _log_ticks(math.exp(low), math.exp(high)):
        body.append(_line(place(tick), top + 2, place(tick), y - 8, "#eceff3"))
        body.append(_text(place(tick), y + 10, f"{tick:g}", "middle", SOFT))
    body.append(_text(width - 12, y + 10, "s", "end", SOFT))
    return svg(width, y + 22, [*body, *rows_drawn])


def _delay_row(
    values: Sequence[float], mean: float, at: Callable[[float], float], y: float, colour: str, best: bool
) -> str:
    dots = "".join(f'<circle cx="{at(v):.1f}" cy="{y:.1f}" r="3.4"/>' for v in values)
    weight = 'font-weight="700" font-size="11.5"' if best else 'font-size="11.5"'
    end = max(at(v) for v in values) + 9
    return (
        f'<g fill="{colour}" fill-opacity=".5">{dots}</g>'
        + _line(at(mean), y - 6, at(mean), y + 6, colour, 3)
        + _text(end, y + 4, _figure(mean), "start", INK if best else SOFT, weight)
    )


def _figure(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _log_ticks(low: float, high: float) -> list[float]:
    wide = high / low > 30
    steps = (1, 2, 5) if wide else (1, 1.5, 2, 3, 4, 5, 7)
    ticks = [step * 10.0**power for power in range(-1, 6) for step in steps]
    return [tick for tick in ticks if low <= tick <= high]


def queues(names: Sequence[str], times: Sequence[float], curves: Sequence[Sequence[float]]) -> str:
    """Draw the vehicles that queue or wait outside, over time.

    Parameters
    ----------
    names : sequence of str
    times : sequence of float
        Simulated time [s].
    curves : sequence of sequence of float
        Vehicles, one curve per submission; empty where it has none.
    """
    width, height, left, bottom = 560.0, 330.0, 52.0, 36.0
    body, top = _legend(names, left, 24, width - left - 10)
    most = max((value for curve in curves for value in curve), default=1.0) or 1.0
    step = _nice_step(most / 4)
    ceiling = step * math.ceil(most / step)

    def x(time: float) -> float:
        return left + (time - times[0]) / ((times[-1] - times[0]) or 1) * (width - left - 26)

    def y(value: float) -> float:
        return height - bottom - value / ceiling * (height - bottom - top - 8)

    level = 0.0
    while level <= ceiling + 1e-9:
        body.append(_line(left, y(level), width - 26, y(level), LINE if level else SOFT))
        body.append(_text(left - 8, y(level) + 4, f"{level:g}", "end", SOFT))
        level += step
    quarter = (times[-1] - times[0]) / 4
    for number in range(5):
        time = times[0] + number * quarter
        body.append(_text(x(time), height - bottom + 20, _clock(time), "middle", SOFT))
    for number, curve in enumerate(curves):
        if curve:
            points = " ".join(f"{x(t):.1f},{y(v):.1f}" for t, v in zip(times, curve, strict=True))
            colour = PALETTE[number % len(PALETTE)]
            body.append(
                f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.2" '
                'stroke-linejoin="round"/>'
            )
    return svg(width, height, body)


def _clock(time: float) -> str:
    minutes = round(time / 60)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _nice_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(max(least, 1e-9)))
    return max(1.0, next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least))


def delay_maps(topology: Topology, shown: Sequence[tuple[str, float, Mapping[str, float]]]) -> str:
    """Draw the network once per submission, its streets coloured by the time lost on them.

    Parameters
    ----------
    topology : Topology
    shown : sequence of (str, float, mapping of str to float)
        Submission, its mean delay [s], vehicle-seconds lost by street.
    """
    streets, lengths = _streets(topology)
    if len(streets) > _MANY_STREETS:
        streets = {street: shapes[:1] for street, shapes in streets.items()}
    densities = [{s: lost.get(s, 0.0) / max(lengths[s], 10.0) for s in streets} for _, _, lost in shown]
    levels = _levels([v for density in densities for v in density.values() if v > 0])
    panel, header, gap = 380.0, 34.0, 20.0
    project, height = _fit(streets, panel - 24, 400.0)
    places = {
        street: [_path([project(p) for p in shape]) for shape in shapes] for street, shapes in streets.items()
    }
    signals = "".join(
        '<circle cx="{:.1f}" cy="{:.1f}" r="3"/>'.format(*project((j.x, j.y)))
        for j in topology.junctions.values()
    )
    width = panel * len(shown) + gap * (len(shown) - 1)
    body = []
    for number, (name, delay, _) in enumerate(shown):
        shift = number * (panel + gap)
        title = f"{short_name(name)} · {_figure(delay)} s"
        body.append(_text(shift + 12, 22, title, extra='font-weight="600"'))
        body.append(
            f'<g transform="translate({shift + 12:g} {header:g})" fill="none" stroke-linecap="round">'
        )
        body += _map_layers(places, densities[number], levels)
        body.append(f'<g fill="#fff" stroke="{INK}" stroke-width="1.4">{signals}</g></g>')
        if number:
            body.append(_line(shift - gap / 2, 8, shift - gap / 2, header + height))
    body += _scale(levels, 12, header + height + 22)
    return svg(width, header + height + 56, body)


Point = tuple[float, float]
Shape = Sequence[Point]


def _streets(topology: Topology) -> tuple[dict[str, list[Shape]], dict[str, float]]:
    shapes: dict[str, list[Shape]] = {}
    lengths: dict[str, float] = {}
    for lane in topology.lanes.values():
        shapes.setdefault(lane.edge, []).append(lane.shape)
        lengths[lane.edge] = lane.length
    return shapes, lengths


def _fit(
    streets: Mapping[str, Sequence[Shape]], width: float, tallest: float
) -> tuple[Callable[[Point], Point], float]:
    points = [point for shapes in streets.values() for shape in shapes for point in shape]
    left, right = min(p[0] for p in points), max(p[0] for p in points)
    low, high = min(p[1] for p in points), max(p[1] for p in points)
    scale = min(width / ((right - left) or 1), tallest / ((high - low) or 1))
    height = max(scale * (high - low), 60.0)
    aside = (width - scale * (right - left)) / 2

    def project(point: Point) -> Point:
        return (point[0] - left) * scale + aside, (high - point[1]) * scale

    return project, height


def _path(points: Shape) -> str:
    """Spell a line out, leaving out points closer than a pixel."""
    kept = [points[0]]
    kept += [p for p in points[1:-1] if math.dist(p, kept[-1]) > 2.0]
    kept.append(points[-1])
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept)


def _map_layers(
    places: Mapping[str, Sequence[str]], density: Mapping[str, float], levels: Sequence[float]
) -> list[str]:
    # one path per colour keeps the file small; the worst streets come last and lie on top
    layers: dict[int, list[str]] = {}
    for street, paths in places.items():
        value = density.get(street, 0.0)
        layers.setdefault(sum(value > level for level in levels), []).extend(paths)
    drawn = []
    for level, paths in sorted(layers.items()):
        colour, width = (
            (STREET, 1.4) if level == 0 else (HEAT[min(level - 1, len(HEAT) - 1)], 2.0 + 0.35 * level)
        )
        drawn.append(f'<path d="{"".join(paths)}" stroke="{colour}" stroke-width="{width:.2f}"/>')
    return drawn


def _levels(values: Sequence[float]) -> list[float]:
    """Thresholds that double, up to what is round above the 98th percentile."""
    ordered = sorted(values)
    top = ordered[int(0.98 * (len(ordered) - 1))] if ordered else 1.0
    top = _nice(top)
    return [top / 2**power for power in range(len(HEAT) - 1, -1, -1)]


def _nice(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(max(value, 1e-6)))
    return next(factor * power for factor in (1, 2, 4, 8, 16) if factor * power >= value * 0.75)


def _scale(levels: Sequence[float], x: float, y: float) -> list[str]:
    drawn = []
    for number, level in enumerate(levels):
        at = x + 56.0 * number
        drawn.append(f'<rect x="{at:g}" y="{y - 10:g}" width="54" height="9" rx="2" fill="{HEAT[number]}"/>')
        drawn.append(_text(at, y + 13, f"> {level:g}", "start", SOFT, 'font-size="11.5"'))
    drawn.append(_text(x + 56.0 * len(levels) + 8, y - 1, "s/m", "start", SOFT))
    return drawn
