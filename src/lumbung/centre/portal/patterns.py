"""A quiet pattern for a challenge that brings no picture of itself: the motif is its sector's, how it lies comes from its id."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from lumbung.proving.challenge_picture import HEIGHT, WIDTH, sheet

_STROKE = 'class="axis" stroke-width="2" fill="none"'


def pattern(sector: str, slug: str) -> str:
    """Return the pattern of a challenge, as SVG.

    Parameters
    ----------
    sector : str
        One that has no motif of its own gets dots.
    slug : str
        The challenge's id.
    """
    seed = hashlib.sha256(slug.encode()).digest()
    return sheet(_MOTIFS.get(sector, _dots)(seed))


def _streets(seed: bytes) -> list[str]:
    across = "".join(f"M0 {20 + 40 * n + seed[n] % 16}H{WIDTH}" for n in range(6))
    down = "".join(f"M{20 + 62 * n + seed[8 + n] % 30} 0V{HEIGHT}" for n in range(10))
    return [f'<path {_STROKE} d="{across}{down}"/>']


def _furrows(seed: bytes) -> list[str]:
    bend = 20 + seed[0] % 40
    rows = "".join(
        f"M0 {y}Q{WIDTH // 4} {y - bend} {WIDTH // 2} {y}T{WIDTH} {y}" for y in range(-20, HEIGHT + 60, 16)
    )
    return [f'<path {_STROKE} d="{rows}"/>']


def _waves(seed: bytes) -> list[str]:
    masts = [(60 + 180 * n + seed[n] % 90, 50 + seed[4 + n] % 140) for n in range(3)]
    return [f'<circle {_STROKE} cx="{x}" cy="{y}" r="{14 * k}"/>' for x, y in masts for k in range(1, 6)]


def _lines(seed: bytes) -> list[str]:
    text = "".join(f"M24 {24 + 24 * n}H{WIDTH // 3 + 2 * seed[n] % 400}" for n in range(9))
    return [f'<path class="axis" stroke-width="8" stroke-linecap="round" fill="none" d="{text}"/>']


def _dots(seed: bytes) -> list[str]:
    dots = "".join(
        f'<circle cx="{16 + 32 * column}" cy="{16 + 32 * row}" r="{3 + seed[(7 * row + column) % 32] % 6}"/>'
        for row in range(8)
        for column in range(20)
    )
    return [f'<g class="soft">{dots}</g>']


_MOTIFS: dict[str, Callable[[bytes], list[str]]] = {
    "city": _streets,
    "farm": _furrows,
    "connectivity": _waves,
    "language": _lines,
    "files": _lines,
}
