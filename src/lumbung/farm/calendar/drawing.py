"""Drawing plain SVG: what the farm's pictures share. No library to load, nothing fetched from outside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

# Okabe and Ito's palette: distinct for every kind of colour vision.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#b8a800")
INK, SOFT, LINE = "#1c2430", "#5b6675", "#d9dee5"
FONT = 'font-family="system-ui, Noto Sans, Noto Sans CJK SC, sans-serif"'


def svg(width: float, height: float, body: Sequence[str]) -> str:
    """Return a whole drawing on white."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" {FONT} font-size="13">'
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>{"".join(body)}</svg>'
    )


def text(x: float, y: float, words: str, anchor: str = "start", fill: str = INK, extra: str = "") -> str:
    """Return a line of text."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" {extra}>{escape(words)}</text>'
    )


def line(
    x1: float, y1: float, x2: float, y2: float, stroke: str = LINE, width: float = 1.0, extra: str = ""
) -> str:
    """Return a straight line."""
    return (
        f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{stroke}" stroke-width="{width:g}" {extra}/>'
    )


def curve(points: Sequence[tuple[float, float]], stroke: str, width: float = 2.2) -> str:
    """Return a curve through points."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="{width:g}" stroke-linejoin="round"/>'


def area(points: Sequence[tuple[float, float]], fill: str, opacity: float) -> str:
    """Return a filled shape."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{path}" fill="{fill}" fill-opacity="{opacity:g}"/>'


def short_name(name: str) -> str:
    """Return a submission's name without its sector: ``farm/ensemble`` becomes ``ensemble``."""
    return name.rsplit("/", 1)[-1]


def nice_step(least: float) -> float:
    """Return the least of 1, 2, 5 times a power of ten that is not below ``least``."""
    power = 1.0
    while power * 10.0 <= least:
        power *= 10.0
    while power > least:
        power /= 10.0
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)
