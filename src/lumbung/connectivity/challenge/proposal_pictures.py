"""Draws proposals for new sites: people served as bars, and maps of towers, coverage and villages. Plain SVG, no library.

Labels inside a picture are names, numbers and units, and that the terrain is generated, in three languages: one picture
serves all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.challenge.proposals import SATELLITE, Choice, Terms, places_of, sites_of
from lumbung.connectivity.challenge.remote_regions import RemoteArea
from lumbung.connectivity.engine.p1812.climate import SEA
from lumbung.connectivity.radio.coverage import coverage_map

Floats = NDArray[np.float64]

# Okabe and Ito's palette: distinct for every kind of colour vision.
PALETTE = ("#7f7f7f", "#e69f00", "#0072b2", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#b8a800")
INK, SOFT, LINE = "#1c2430", "#5b6675", "#d9dee5"
FONT = 'font-family="system-ui, Noto Sans, sans-serif"'
GENERATED = "GENERATED TERRAIN · MEDAN BANGKITAN · 生成地形（非实测）"
_TOWER, _LEFT_OUT, _LEFT_OUT_EDGE, _HOP, _SEA = "#b3202a", "#f08a24", "#6b3a06", "#3b2a86", "#dfeaf2"
# Shaded land from dark to light, plain and under coverage.
_PLAIN = ("#bfc3c0", "#d0d3cf", "#dfe1dc", "#ecede8", "#f7f7f3")
_COVERED = ("#5f9f83", "#74b496", "#8ac6a8", "#a0d5b9", "#b6e2ca")
_SEA_COVERED = "#c3e3dc"
_ACROSS = 100


@dataclass(frozen=True)
class Panel:
    """One map: whose proposal, share of people served [%], its choices, and who is served and connected."""

    name: str
    share: float
    choices: tuple[Choice, ...]
    served: NDArray[np.bool_]
    connected: tuple[bool, ...]


def _svg(width: float, height: float, body: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" {FONT} font-size="13">'
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>{"".join(body)}</svg>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start", fill: str = INK, extra: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" {extra}>{escape(text)}</text>'


def short_name(name: str) -> str:
    """Return a submission's name without its sector: ``connectivity/planner`` becomes ``planner``."""
    return name.rsplit("/", 1)[-1]


def bars(names: Sequence[str], groups: Mapping[str, Sequence[Sequence[float]]]) -> str:
    """Draw the share of people served, one block of bars per region, a dot for every ground.

    Parameters
    ----------
    names : sequence of str
        Submissions.
    groups : mapping of str to sequence of sequence of float
        Region to one sequence of shares [%] per submission; empty where it has none.
    """
    left, right, row, gap, width = 250.0, 56.0, 16.0, 15.0, 800.0

    def place(share: float) -> float:
        return left + share / 100.0 * (width - left - right)

    body, y = _legend(names, left, 24.0)
    body.append(_badge(12.0, 10.0))
    top = y = y + 10.0
    rows: list[str] = []
    for group, values in groups.items():
        middle = y + row * len(values) / 2 + 4
        rows.append(_text(left - 10, middle, group, "end", INK, 'font-weight="600" font-size="12"'))
        means = [float(np.mean(shares)) if len(shares) else -1.0 for shares in values]
        for number, shares in enumerate(values):
            if len(shares):
                colour = PALETTE[number % len(PALETTE)]
                mean = means[number]
                rows.append(
                    f'<rect x="{left:.1f}" y="{y + 2:.1f}" width="{place(mean) - left:.1f}" height="{row - 4:.1f}" '
                    f'fill="{colour}" fill-opacity=".75"/>'
                )
                dots = "".join(
                    f'<circle cx="{place(v):.1f}" cy="{y + row / 2:.1f}" r="2.6"/>' for v in shares
                )
                rows.append(f'<g fill="{colour}" stroke="#fff" stroke-width=".7">{dots}</g>')
                best = 'font-weight="700" font-size="11.5"' if mean == max(means) else 'font-size="11.5"'
                end = max(place(max(shares)), place(mean)) + 7
                rows.append(_text(end, y + row / 2 + 4, f"{mean:.1f}", "start", INK, best))
            y += row
        y += gap
    grid = [
        f'<path d="M{place(t):.1f} {top - 4:.1f}V{y - 8:.1f}" stroke="#e7eaef"/>'
        + _text(place(t), y + 8, f"{t} %", "middle", SOFT)
        for t in (0, 20, 40, 60, 80, 100)
    ]
    return _svg(width, y + 20, [*body, *grid, *rows])


def _legend(names: Sequence[str], x: float, y: float) -> tuple[list[str], float]:
    parts, at = [], x
    y += 26
    for number, name in enumerate(names):
        label = short_name(name)
        parts.append(
            f'<rect x="{at:.1f}" y="{y - 10:.1f}" width="11" height="11" fill="{PALETTE[number % len(PALETTE)]}"/>'
        )
        parts.append(_text(at + 16, y, label))
        at += 34 + 7.4 * len(label)
    return parts, y + 8


def _badge(x: float, y: float) -> str:
    """Say that the terrain is generated, as wide in every font."""
    fitted = 'font-size="11.5" font-weight="700" textLength="376" lengthAdjust="spacingAndGlyphs"'
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="392" height="20" rx="3" fill="#fff" fill-opacity=".92" stroke="#7a1f1f"/>'
        + _text(x + 8, y + 14.5, GENERATED, "start", "#7a1f1f", fitted)
    )


def maps(area: RemoteArea, panels: Sequence[Panel], terms: Terms) -> str:
    """Draw proposals side by side on the same ground: coverage over shaded land, towers, hops, villages, fibre."""
    side, gap, top = 440.0, 16.0, 54.0
    width = len(panels) * (side + gap) - gap
    body: list[str] = []
    for number, panel in enumerate(panels):
        x = number * (side + gap)
        head = f"{short_name(panel.name)}: {panel.share:.1f} %"
        served = int(panel.served.sum())
        spent = f"{len(panel.choices)} ▲   {served} / {area.demand.size} ●"
        body.append(_text(x, 20, head, "start", INK, 'font-weight="700" font-size="15"'))
        body.append(_text(x + side, 20, spent, "end", SOFT))
        body.append(
            f'<svg x="{x:.1f}" y="30" width="{side:g}" height="{side:g}" viewBox="0 0 {side:g} {side:g}">'
        )
        body += _map(area, panel, terms, side)
        if area.ground.generated:
            body.append(_badge(8.0, 8.0))
        body.append("</svg>")
        body.append(
            f'<rect x="{x:.1f}" y="30" width="{side:g}" height="{side:g}" fill="none" stroke="#8a929d"/>'
        )
    return _svg(width, side + top + 26, [*body, *_key(side + 30 + 22, area, side)])


def _key(y: float, area: RemoteArea, side: float) -> list[str]:
    kilometres = area.ground.height.shape[1] * area.ground.cell_metres * 1e-3
    length = 20.0 / kilometres * side
    return [
        f'<path d="M2 {y - 4:.1f}h{length:.1f}" stroke="{INK}" stroke-width="3"/>',
        _text(length + 8, y, "20 km", "start", SOFT),
        *_marks(length + 64, y),
    ]


def _marks(x: float, y: float) -> list[str]:
    entries = (
        (_tower(0, 0), "tower · menara · 铁塔"),
        (_dot(0, 0, 4, True), "served · terlayani · 已覆盖"),
        (_dot(0, 0, 4, False), "not served · belum · 未覆盖"),
        (_fibre(0, 0), "fibre · serat optik · 光纤"),
    )
    parts = []
    for mark, words in entries:
        parts.append(f'<g transform="translate({x:.1f} {y - 4.5:.1f})">{mark}</g>')
        parts.append(_text(x + 10, y, words, "start", SOFT, 'font-size="11.5"'))
        x += 40 + 6.9 * len(words)
    return parts


def _tower(x: float, y: float, colour: str = _TOWER) -> str:
    return f'<path d="M{x:.1f} {y - 7:.1f}l6.5 12h-13z" fill="{colour}" stroke="#fff" stroke-width="1.2"/>'


def _dot(x: float, y: float, r: float, served: bool) -> str:
    face, edge = ("#fff", "#0b4f3c") if served else (_LEFT_OUT, _LEFT_OUT_EDGE)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{face}" stroke="{edge}"/>'


def _fibre(x: float, y: float) -> str:
    return f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{_HOP}" stroke="#fff" stroke-width="1.2"/>'


def _map(area: RemoteArea, panel: Panel, terms: Terms, side: float) -> list[str]:
    rows, columns = area.ground.height.shape
    g = area.ground.grid

    def at(latitude: float, longitude: float) -> tuple[float, float]:
        x = ((longitude - g.west) / g.step_lon + 0.5) / columns * side
        return x, ((g.north - latitude) / g.step_lat + 0.5) / rows * side

    body = _land(area, _covered(area, panel, terms), side)
    places = places_of(panel.choices, area)
    known = {p.id: p for p in (*area.fibre, *places)}
    for choice, place, works in zip(panel.choices, places, panel.connected, strict=True):
        if choice.backhaul != SATELLITE:
            (x1, y1), end = at(place.latitude, place.longitude), known[choice.backhaul]
            x2, y2 = at(end.latitude, end.longitude)
            dash = "" if works else ' stroke-dasharray="4 3"'
            body.append(
                f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{_HOP}" stroke-width="1.3"{dash}/>'
            )
    demand = area.demand
    size = 2.2 + 4.0 * np.sqrt(demand.people / max(float(demand.people.max()), 1.0))
    for k in np.argsort(panel.served, kind="stable")[::-1]:
        x, y = at(float(demand.latitude[k]), float(demand.longitude[k]))
        body.append(_dot(x, y, float(size[k]), bool(panel.served[k])))
    body += [_fibre(*at(p.latitude, p.longitude)) for p in area.fibre]
    for place, works in zip(places, panel.connected, strict=True):
        body.append(_tower(*at(place.latitude, place.longitude), _TOWER if works else "#777"))
    return body


def _covered(area: RemoteArea, panel: Panel, terms: Terms) -> NDArray[np.bool_]:
    """Say which cells of the drawing hear a connected tower well enough."""
    step = _step(area)
    covered = np.zeros(area.ground.height[step // 2 :: step, step // 2 :: step].shape, bool)
    working = [c for c, works in zip(panel.choices, panel.connected, strict=True) if works]
    if not working:
        return covered
    found = coverage_map(
        area.ground, sites_of(working, area), terms.carrier, terms.link, model=terms.model, radius=terms.radius,
        every=step, threads=1,
    )  # fmt: skip
    g = area.ground.grid
    row = round((g.north - found.grid.north) / g.step_lat) // step
    column = round((found.grid.west - g.west) / g.step_lon) // step
    part = found.rsrp >= terms.threshold
    covered[row : row + part.shape[0], column : column + part.shape[1]] = part
    return covered


def _step(area: RemoteArea) -> int:
    """Return how many cells of the ground one drawn cell is wide."""
    return math.ceil(max(int(side) for side in area.ground.height.shape) / _ACROSS)


def _land(area: RemoteArea, covered: NDArray[np.bool_], side: float) -> list[str]:
    """Draw the ground as runs of equal cells, one path per colour."""
    rows, columns = area.ground.height.shape
    step = _step(area)
    middle = step // 2
    height = _smoothed(np.nan_to_num(area.ground.height).astype(np.float64), step)
    down, across = np.gradient(height, area.ground.cell_metres)
    # Light from the north-west, heights doubled.
    light = (1.0 + 2.0 * (across + down) / math.sqrt(2.0)) / np.sqrt(1.0 + 4.0 * (across**2 + down**2))
    shade = np.clip((light[middle::step, middle::step] - 0.4) / 0.9 * 5.0, 0, 4).astype(int)
    colours = np.array([_SEA, _SEA_COVERED, *_PLAIN, *_COVERED])
    sea = area.ground.zone[middle::step, middle::step] == SEA
    index = np.where(sea, covered.astype(int), 2 + shade + 5 * covered)
    # Cells overlap by a hair, so that no seams show.
    size = step / max(rows, columns) * side
    parts = [f'<rect width="{side:g}" height="{side:g}" fill="{_PLAIN[3]}"/>']
    for number, colour in enumerate(colours):
        runs = [
            f"M{start * size:.1f} {row * size:.1f}h{(stop - start) * size + 0.15:.1f}v{size + 0.15:.1f}H{start * size:.1f}z"
            for row in range(index.shape[0])
            for start, stop in _runs(index[row] == number)
        ]
        if runs:
            parts.append(f'<path d="{"".join(runs)}" fill="{colour}"/>')
    return parts


def _smoothed(height: Floats, step: int) -> Floats:
    """Return the mean over a window as wide as a drawn cell, by sums along both axes."""
    for axis in (0, 1):
        padded = np.pad(height, [(step, step) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        sums = np.cumsum(padded, axis=axis)
        width = 2 * step
        upper = np.take(sums, range(width, sums.shape[axis]), axis=axis)
        lower = np.take(sums, range(sums.shape[axis] - width), axis=axis)
        height = (upper - lower) / width
    return height


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
