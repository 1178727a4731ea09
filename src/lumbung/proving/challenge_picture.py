"""The picture of a challenge: a wide sheet without words, drawn by its judge from its public data.

It stands on cards and at the head of a page, by day and by night, so it names the part that each stroke plays (a *class*)
and leaves the colours to the sheet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lumbung.proving.challenge import ChallengeError, ChallengeFolder
from lumbung.proving.contents import PICTURE_OF_A_CHALLENGE
from lumbung.proving.drawing import undrawable
from lumbung.proving.judge import Draws, find_judge

WIDTH, HEIGHT = 640, 240
_MARGIN, _GAP = 12.0, 14.0
# class: what is drawn, by day, by night. g1 to g5 are ground, from low to high.
_STYLE = (
    ("paper", "fill:{}", "#f4f0e4", "#20271f"),
    ("sea", "fill:{}", "#dbe8ee", "#1b2c36"),
    ("g1", "fill:{}", "#d3e0c4", "#2a3a2a"),
    ("g2", "fill:{}", "#c0cfa9", "#36482f"),
    ("g3", "fill:{}", "#d0c49b", "#4a4a31"),
    ("g4", "fill:{}", "#c2a983", "#5d4f38"),
    ("g5", "fill:{}", "#e9e2d6", "#8b8371"),
    ("way", "fill:none;stroke-linecap:round;stroke-linejoin:round;stroke:{}", "#8d9284", "#7d8a7e"),
    ("axis", "fill:none;stroke:{}", "#b9b3a1", "#4d574c"),
    ("soft", "fill:{}", "#e4dcc4", "#2f3a30"),
    ("bar", "fill:{}", "#3f7f9f", "#6fb1d1"),
    ("curve", "fill:none;stroke-width:2.5;stroke-linejoin:round;stroke:{}", "#c0552b", "#f0905f"),
    ("mark", "fill:{}", "#b3362b", "#ff8a75"),
    ("place", "fill:{}", "#22261f", "#e9ebe4"),
    ("ink", "fill:none;stroke:{}", "#1d5b3f", "#7fc6a0"),
)


class Frame(NamedTuple):
    """A part of the sheet, in its units."""

    x: float
    y: float
    width: float
    height: float


def sheet(parts: Sequence[str]) -> str:
    """Put drawn parts onto the sheet, `WIDTH` by `HEIGHT`, that knows day and night.

    Parameters
    ----------
    parts : sequence of str
        SVG elements whose classes are ``paper``, ``sea``, ``g1`` to ``g5`` (ground, low to high), ``way``, ``axis``, ``soft``, ``bar``,
        ``curve``, ``mark``, ``place`` and ``ink``.
    """
    by_day = "".join(f".{name}{{{rule.format(day)}}}" for name, rule, day, _ in _STYLE)
    by_night = "".join(f".{name}{{{rule.format(night)}}}" for name, rule, _, night in _STYLE)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">\n'
        f"<style>{by_day}@media (prefers-color-scheme:dark){{{by_night}}}</style>\n"
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def frames(count: int) -> list[Frame]:
    """Divide the sheet among so many parts: one row up to four, two rows up to eight, and no more than eight."""
    count = max(1, min(count, 8))
    rows = 1 if count <= 4 else 2
    across = -(-count // rows)
    width = (WIDTH - 2 * _MARGIN - (across - 1) * _GAP) / across
    height = (HEIGHT - 2 * _MARGIN - (rows - 1) * _GAP) / rows
    return [
        Frame(
            _MARGIN + (n % across) * (width + _GAP), _MARGIN + (n // across) * (height + _GAP), width, height
        )
        for n in range(count)
    ]


def histograms(groups: Mapping[str, Sequence[float]]) -> list[str]:
    """Draw how often what occurs, a frame for each group: counts of values in order, the largest of a group fills its frame."""
    parts = []
    for frame, counts in zip(frames(len(groups)), groups.values(), strict=False):
        step, most = frame.width / max(len(counts), 1), max(counts, default=0)
        bars = "".join(
            f"M{frame.x + n * step:.1f} {frame.y + frame.height:.1f}v{-frame.height * count / most:.1f}h{0.8 * step:.1f}"
            f"v{frame.height * count / most:.1f}z"
            for n, count in enumerate(counts)
            if count
        )
        parts += [
            f'<path class="bar" d="{bars}"/>',
            f'<path class="axis" d="M{frame.x:.1f} {frame.y + frame.height:.1f}h{frame.width:.1f}"/>',
        ]
    return parts


def barcode(groups: Mapping[str, Sequence[float]]) -> list[str]:
    """Draw a row for each group and in it a stroke for each item, as high as the item is large."""
    most = max((max(sizes, default=0.0) for sizes in groups.values()), default=0.0) or 1.0
    frame, parts = frames(1)[0], []
    row = frame.height / max(len(groups), 1)
    for number, sizes in enumerate(groups.values()):
        step, foot = frame.width / max(len(sizes), 1), frame.y + (number + 1) * row
        strokes = "".join(
            f"M{frame.x + (n + 0.5) * step:.1f} {foot:.1f}v{-0.9 * row * size / most:.1f}"
            for n, size in enumerate(sizes)
        )
        name = "ink" if number % 2 == 0 else "curve"
        parts += [
            f'<path class="axis" d="M{frame.x:.1f} {foot:.1f}h{frame.width:.1f}"/>',
            f'<path class="{name}" style="stroke-width:{min(3.0, 0.6 * step):.1f}" d="{strokes}"/>',
        ]
    return parts


def draw_picture(found: ChallengeFolder) -> str:
    """Let the judge of a challenge draw its picture.

    Raises
    ------
    ChallengeError
        The judge draws none, the data cannot be used, or what it drew may not be shown.
    """
    judge = find_judge(found.challenge.judge)
    if not isinstance(judge, Draws):
        raise ChallengeError(
            "judge", f"{judge.name}, which draws no picture of a challenge", "a judge with a method draw"
        )
    svg = judge.draw(found.challenge, found.folder)
    if (odd := undrawable(svg, PICTURE_OF_A_CHALLENGE)) is not None:
        raise ChallengeError(f"{judge.name}: draw()", ascii(odd[0])[:80], odd[1])
    return svg
