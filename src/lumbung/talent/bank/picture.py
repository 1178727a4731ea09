"""Pictures in items, drawn from a few numbers: bars, lines, points, a table, boxes in a row.

Words in a picture come from the item in three languages, so one description serves all; every picture carries a text
alternative that says what can be seen without saying the answer.
"""

from __future__ import annotations

from html import escape
from typing import Literal

import msgspec

INK, MUTED = "#1d3b2f", "#66756c"
COLOURS = ("#2f7d5b", "#d9a441", "#7b4f9d", "#c0504d")
FONT = "Noto Sans, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
WIDTH, HEIGHT = 480, 280

Shape = Literal["bars", "lines", "points", "table", "boxes"]


class Picture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A picture described by numbers.

    Attributes
    ----------
    shape : str
        ``bars``: one value a label. ``lines``: one row of values a label, over 1, 2, 3… ``points``: rows of (x, y, class),
        one label a class. ``table``: labels are the column names, ``rows`` the row names. ``boxes``: labels in a row
        with arrows.
    values : tuple of tuples of float
    labels, rows : mapping
        Words by language.
    axes : mapping
        Names of the horizontal and vertical axis by language.
    alt : mapping
        What can be seen, by language.
    """

    shape: Shape
    alt: dict[str, str]
    labels: dict[str, tuple[str, ...]]
    values: tuple[tuple[float, ...], ...] = ()
    rows: dict[str, tuple[str, ...]] = {}
    axes: dict[str, tuple[str, str]] = {}


def draw_picture(picture: Picture, language: str) -> str:
    """Draw a picture as a self-contained SVG in a language."""
    draw = {"bars": _bars, "lines": _lines, "points": _points, "table": _table, "boxes": _boxes}[
        picture.shape
    ]
    body = draw(picture, language)
    tall = {"table": 76 + 46 * len(picture.values), "boxes": 100}.get(picture.shape, HEIGHT)
    alt = escape(picture.alt[language], quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {tall}" role="img" aria-label="{alt}" '
        f'font-family="{FONT}" font-size="14" fill="{INK}"><rect width="{WIDTH}" height="{tall}" fill="#ffffff"/>'
        f"{body}</svg>"
    )


def _text(x: float, y: float, words: str, anchor: str = "middle", **more: str) -> str:
    look = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{look}>{escape(words)}</text>'


def _frame(picture: Picture, language: str) -> str:
    lines = f'<path d="M60 20V220H460" fill="none" stroke="{INK}" stroke-width="1.5"/>'
    if language in picture.axes:
        across, up = picture.axes[language]
        lines += _text(260, 268, across, fill=MUTED)
        lines += f'<g transform="translate(18 120) rotate(-90)">{_text(0, 0, up, fill=MUTED)}</g>'
    return lines


def _scale(values: list[float]) -> tuple[float, float]:
    low, high = min(0.0, *values), max(values)
    return low, high if high > low else low + 1


def _bars(picture: Picture, language: str) -> str:
    values = [row[0] for row in picture.values]
    _, high = _scale([0.0, *values])
    step = 400 / len(values)
    parts = [_frame(picture, language)]
    for place, (label, value) in enumerate(zip(picture.labels[language], values, strict=True)):
        x, tall = 60 + step * (place + 0.5), 180 * value / high
        parts.append(
            f'<rect x="{x - step * 0.3:.1f}" y="{220 - tall:.1f}" width="{step * 0.6:.1f}" height="{tall:.1f}" '
            f'fill="{COLOURS[0]}"/>'
        )
        parts += [_text(x, 214 - tall, f"{value:g}"), _text(x, 240, label)]
    return "".join(parts)


def _lines(picture: Picture, language: str) -> str:
    low, high = _scale([value for row in picture.values for value in row])
    count = len(picture.values[0])
    parts = [_frame(picture, language)]
    parts += [
        _text(54, 220 - 185 * (value - low) / (high - low), f"{value:g}", "end", font_size="12")
        for value in (low, (low + high) / 2, high)
    ]
    parts += [
        _text(60 + 330 * (number + 0.5) / count, 238, str(number + 1), font_size="12")
        for number in range(count)
    ]
    for place, (label, row) in enumerate(zip(picture.labels[language], picture.values, strict=True)):
        spots = [
            (60 + 330 * (number + 0.5) / count, 215 - 185 * (value - low) / (high - low))
            for number, value in enumerate(row)
        ]
        dash = ' stroke-dasharray="7 5"' if place % 2 else ""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{COLOURS[place]}" stroke-width="3"{dash}/>'
        )
        parts.append(_text(spots[-1][0] + 8, spots[-1][1] + 5, label, "start", fill=COLOURS[place]))
    return "".join(parts)


def _points(picture: Picture, language: str) -> str:
    xs, ys = [row[0] for row in picture.values], [row[1] for row in picture.values]
    parts = [_frame(picture, language)]
    for x, y, kind in picture.values:
        cx = 80 + 290 * (x - min(xs)) / ((max(xs) - min(xs)) or 1)
        cy = 205 - 170 * (y - min(ys)) / ((max(ys) - min(ys)) or 1)
        parts.append(_mark(cx, cy, int(kind)))
    for place, label in enumerate(picture.labels[language]):
        parts.append(_mark(380, 120 + 26 * place, place) + _text(392, 125 + 26 * place, label, "start"))
    return "".join(parts)


def _mark(x: float, y: float, kind: int) -> str:
    # Classes differ in form as well as colour, for readers who do not see the colours apart.
    if kind == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{COLOURS[0]}"/>'
    if kind == 1:
        return f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{COLOURS[1]}" stroke="{INK}"/>'
    return f'<path d="M{x:.1f} {y - 7:.1f}l7 12h-14z" fill="{COLOURS[2]}"/>'


def _table(picture: Picture, language: str) -> str:
    columns, rows = picture.labels[language], picture.rows[language]
    left, top, tall = 150, 60, 46
    wide = (WIDTH - left - 20) / len(columns)
    parts = []
    if language in picture.axes:
        across, up = picture.axes[language]
        parts += [
            _text(left + wide * len(columns) / 2, 26, across, fill=MUTED),
            _text(10, 26, up, "start", fill=MUTED),
        ]
    parts += [
        _text(left + wide * (place + 0.5), 50, label, font_weight="600")
        for place, label in enumerate(columns)
    ]
    for down, (label, values) in enumerate(zip(rows, picture.values, strict=True)):
        y = top + tall * down
        parts.append(_text(left - 10, y + 28, label, "end", font_weight="600"))
        for place, value in enumerate(values):
            x = left + wide * place
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{tall}" fill="none" stroke="{MUTED}"/>'
                + _text(x + wide / 2, y + 28, f"{value:g}")
            )
    return "".join(parts)


def _boxes(picture: Picture, language: str) -> str:
    labels = picture.labels[language]
    step = WIDTH / len(labels)
    parts = []
    for place, label in enumerate(labels):
        x, wide = step * place + 8, step - 30
        parts.append(
            f'<rect x="{x:.1f}" y="20" width="{wide:.1f}" height="60" rx="8" fill="#eef4f0" stroke="{COLOURS[0]}"/>'
            + _text(x + wide / 2, 55, label, font_size="13")
        )
        if place + 1 < len(labels):
            start = x + wide + 2
            parts.append(
                f'<path d="M{start:.1f} 50h14m-6 -6l6 6l-6 6" fill="none" stroke="{INK}" stroke-width="2"/>'
            )
    return "".join(parts)
