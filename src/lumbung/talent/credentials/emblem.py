"""The picture of a badge: a rice barn, the name of what was measured, and the interval drawn as a bar.

The barn is described once as polygons in a box of 100 by 100 with the origin at the top left, so that the SVG and the
PDF show the same one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from lumbung.talent.credentials.badge import localized
from lumbung.talent.credentials.wording import WORDS

INK, LEAF, GRAIN, PAPER = "#1d3b2f", "#2f7d5b", "#d9a441", "#fbf8f1"

# The raised barn of the archipelago: a roof that sweeps up at both ends, a trapezoid body, four posts, rice inside.
BARN: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = (
    (LEAF, ((2, 22), (20, 44), (80, 44), (98, 22), (74, 30), (50, 14), (26, 30))),
    (INK, ((20, 44), (80, 44), (77, 48), (23, 48))),
    (GRAIN, ((24, 48), (76, 48), (68, 78), (32, 78))),
    (INK, ((44, 54), (56, 54), (55, 78), (45, 78))),
    (INK, ((30, 78), (70, 78), (72, 82), (28, 82))),
    (INK, ((33, 82), (37, 82), (36, 95), (32, 95))),
    (INK, ((48, 82), (52, 82), (52, 95), (48, 95))),
    (INK, ((63, 82), (67, 82), (68, 95), (64, 95))),
)

# The axis on which abilities are drawn; what lies outside is drawn at its end, and the number beside it tells.
AXIS = (-3.0, 3.0)


def results_of(badge: Mapping[str, Any]) -> dict[str, str]:
    """The results of a badge by the last part of their description's address (``ability``, ``low``…)."""
    found = {}
    for result in badge["credentialSubject"].get("result", []):
        found[str(result.get("resultDescription", "")).rpartition("#")[2]] = str(result.get("value", ""))
    return found


def language_of(badge: Mapping[str, Any]) -> str:
    """The language a badge is written in; English where it does not say."""
    language = badge["credentialSubject"]["achievement"].get("inLanguage")
    return language if language in WORDS else "en"


def draw_achievement(name: str) -> str:
    """Draw the picture of an achievement: the barn and its name, with nobody's result."""
    shapes = "".join(
        f'<polygon fill="{colour}" points="{" ".join(f"{2 * x + 100},{2 * y + 40}" for x, y in points)}"/>'
        for colour, points in BARN
    )
    size = min(26.0, 560.0 / max(len(name), 1))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 320" role="img"><title>{escape(name)}</title>'
        f'<rect width="400" height="320" rx="20" fill="{PAPER}"/>{shapes}<text x="200" y="284" text-anchor="middle" '
        f'font-family="sans-serif" font-weight="700" font-size="{size:.1f}" fill="{INK}">{escape(name)}</text></svg>'
    )


def axis_place(value: float) -> float:
    """Where a value stands on the axis, from 0 (left end) to 1 (right end), kept inside."""
    low, high = AXIS
    return min(1.0, max(0.0, (value - low) / (high - low)))


def draw_svg(badge: Mapping[str, Any], *, baked: bool = True) -> str:
    """Draw a badge as a self-contained SVG picture.

    Parameters
    ----------
    badge : mapping
        A badge of this package.
    baked : bool
        Put the credential itself into the picture (Open Badges 3.0, section 5.3.2 "SVGs"), so that the picture can be
        verified by whoever receives it.
    """
    language = language_of(badge)
    results = results_of(badge)
    barn = "".join(
        f'<polygon fill="{colour}" points="{" ".join(f"{x},{y}" for x, y in points)}"/>'
        for colour, points in BARN
    )
    title, subtitle = two_lines(str(badge["name"]))
    lines = [
        _text(222, title, 25, f'font-weight="700" fill="{INK}"'),
        _text(256, subtitle, 22, f'fill="{LEAF}"'),
        _bar(results, language) if "ability" in results else _ranks(results, language),
        _text(392, str(badge["issuer"].get("name", "")), 13, f'fill="{INK}"'),
    ]
    namespace = ' xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"' if baked else ""
    body = _baked(badge) if baked else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"{namespace} viewBox="0 0 400 420" width="400" height="420" '
        f'lang="{language}" role="img" aria-label="{escape(badge["name"], quote=True)}">{body}'
        f'<rect x="4" y="4" width="392" height="412" rx="28" fill="{PAPER}" stroke="{LEAF}" stroke-width="6"/>'
        f'<g transform="translate(115 24) scale(1.7)">{barn}</g>'
        f'<g text-anchor="middle" font-family="Noto Sans, Noto Sans CJK SC, Helvetica, Arial, sans-serif">'
        f"{''.join(lines)}</g></svg>\n"
    )


def two_lines(name: str) -> tuple[str, str]:
    """Split the name of a badge at its colon into what was measured and the level or challenge."""
    for colon in (": ", "："):
        first, found, second = name.partition(colon)
        if found:
            return first, second
    return name, ""


def _text(y: float, text: str, size: float, look: str) -> str:
    # A letter of the fonts in question is about half as wide as high, a Chinese one as wide as high.
    width = sum(1.0 if ord(letter) > 0x2E7F else 0.56 for letter in text)
    fitted = min(size, 350 / width) if width else size
    return f'<text x="200" y="{y:g}" font-size="{fitted:.1f}" {look}>{escape(text)}</text>'


def _ranks(results: Mapping[str, str], language: str) -> str:
    low, high = (localized(results.get(name, ""), language) for name in ("low", "high"))
    ranks = f"{results.get('rank_low', '')}-{results.get('rank_high', '')} / {results.get('solutions', '')}"
    return (
        _text(302, localized(results.get("score", ""), language), 26, f'fill="{INK}"')
        + _text(330, f"95 %: {low} – {high}", 16, f'fill="{INK}"')
        + _text(358, f"# {ranks}", 18, f'fill="{INK}"')
    )


def _bar(results: Mapping[str, str], language: str) -> str:
    centre, left, right = (40 + 320 * axis_place(float(results[name])) for name in ("ability", "low", "high"))
    ticks = "".join(
        f'<text x="{40 + 320 * axis_place(value):.1f}" y="354" font-size="12" fill="{INK}">'
        f"{f'{value:+d}' if value else '0'}</text>"
        for value in range(-3, 4)
    )
    low, high = (localized(results[name], language) for name in ("low", "high"))
    return (
        _text(292, localized(results["ability"], language), 26, f'fill="{INK}"')
        + _text(314, f"95 %: {low} – {high}", 14, f'fill="{INK}"')
        + f'<line x1="40" y1="332" x2="360" y2="332" stroke="{INK}" stroke-width="2"/>'
        f'<line x1="{left:.1f}" y1="332" x2="{right:.1f}" y2="332" stroke="{GRAIN}" stroke-width="12" '
        f'stroke-linecap="round"/><circle cx="{centre:.1f}" cy="332" r="7" fill="{INK}"/>{ticks}'
    )


def _baked(badge: Mapping[str, Any]) -> str:
    text = json.dumps(badge, ensure_ascii=False).replace("]]>", "]]\\u003e")
    return f"<openbadges:credential><![CDATA[{text}]]></openbadges:credential>"


def unbake_svg(svg: str) -> str:
    """Take the credential out of a baked SVG picture.

    Raises
    ------
    ValueError
        When the picture holds none.
    """
    start = svg.find("<openbadges:credential")
    opened = svg.find("<![CDATA[", start)
    closed = svg.find("]]>", opened)
    if start < 0 or opened < 0 or closed < 0:
        raise ValueError("the picture holds no Open Badges credential")
    return svg[opened + len("<![CDATA[") : closed]
