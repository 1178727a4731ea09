"""Pictures of a planting calendar: yield and risk by start date for a site, and a map of the best dates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lumbung.farm.calendar.boundaries import Outline, coast
from lumbung.farm.calendar.drawing import INK, LINE, PALETTE, SOFT, area, curve, line, nice_step, svg, text
from lumbung.farm.calendar.season import Decision, Ensemble, Outlook

MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "id": ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    "zh": tuple(f"{m}月" for m in range(1, 13)),
}
WORDS = {
    "en": {
        "yield": "yield, t/ha: mean, and the band of 80 % for a coming season, model error included",
        "risk": "chance of a yield below {failure:g} t/ha, with its 90 % interval",
        "window": "best window {first} – {last}",
        "habit": "habit {start}",
        "start": "start of the season",
        "best": "{variety}: {mean:.1f} t/ha ({low:.1f}–{high:.1f} in 8 of 10 seasons) from {start}, {years} years",
        "generated": "GENERATED WEATHER, nobody measured it",
        "measured": "measured weather: {source}",
        "map": "best start by site; larger: higher expected yield",
        "failed": "no result",
    },
    "id": {
        "yield": "hasil panen, t/ha: rata-rata, dan pita 80 % untuk musim mendatang, termasuk galat model",
        "risk": "peluang hasil panen di bawah {failure:g} t/ha, dengan selang 90 %",
        "window": "jendela tanam terbaik {first} – {last}",
        "habit": "kebiasaan {start}",
        "start": "awal musim tanam",
        "best": "{variety}: {mean:.1f} t/ha ({low:.1f}–{high:.1f} pada 8 dari 10 musim) mulai {start}, {years} tahun",
        "generated": "CUACA BANGKITAN, bukan hasil pengukuran",
        "measured": "cuaca terukur: {source}",
        "map": "awal tanam terbaik per lokasi; makin besar, makin tinggi hasil panen harapan",
        "failed": "tanpa hasil",
    },
    "zh": {
        "yield": "产量（吨/公顷）：均值；阴影为下一季的 80 % 预测区间（含模型误差）",
        "risk": "产量低于 {failure:g} 吨/公顷的概率，附 90 % 区间",
        "window": "最佳播种窗口期 {first} – {last}",
        "habit": "习惯播期 {start}",
        "start": "起始日期",
        "best": "{variety}：{start}起，{mean:.1f} 吨/公顷（十季有八季在 {low:.1f}–{high:.1f}），{years} 年",
        "generated": "生成气象数据（非实测）",
        "measured": "实测气象：{source}",
        "map": "各点最佳起始日期；圆点越大，期望产量越高",
        "failed": "无结果",
    },
}
# A wheel of hues around the year: neighbours in time look alike, December meets January.
_WHEEL = (
    "#3b6fb6", "#3f8fc4", "#46b0b8", "#4fb98a", "#7cbf55", "#b5bf3c",
    "#e0b13a", "#e8923a", "#e06a3c", "#cf4a53", "#a94a86", "#6f58a8",
)  # fmt: skip
Place = Callable[[float], float]
WARNING, LAND = "#b3261e", "#eef1e6"
_LEFT, _RIGHT, _WIDTH = 54.0, 20.0, 720.0


def start_name(period: int, language: str) -> str:
    """Return the first day of a ten-day period in a language."""
    day, month = period % 3 * 10 + 1, MONTHS[language][period // 3 % 12]
    return f"{month}{day}日" if language == "zh" else f"{day} {month}"


def site_picture(
    ensemble: Ensemble, decision: Decision, first_period: int, failure: float, language: str = "en"
) -> str:
    """Draw expected yield with its band, and the risk of failure, by start date.

    The best variety is drawn thick with its band, the others thin without.
    """
    words, outlook = WORDS[language], decision.outlook
    count = outlook.expected.shape[1]
    step = (_WIDTH - _LEFT - _RIGHT) / count

    def x(start: float) -> float:
        return float(_LEFT + (start + 0.5) * step)

    best, start = decision.variety, decision.start
    headline = words["best"].format(
        variety=ensemble.site.varieties[best].name,
        mean=outlook.expected[best, start] / 1e3,
        low=outlook.low[best, start] / 1e3,
        high=outlook.high[best, start] / 1e3,
        start=start_name(first_period + start, language),
        years=int(outlook.years[best, start]),
    )
    body = [
        text(_LEFT, 26, ensemble.site.name, extra='font-weight="700" font-size="17"'),
        text(_LEFT, 47, headline),
        _source(ensemble, words, _LEFT, 66),
    ]
    top, middle, low_top, low_bottom = 118.0, 336.0, 372.0, 470.0
    first, last = decision.window
    shade = f'<rect x="{x(first) - step / 2:.1f}" y="{top:g}" width="{(last - first + 1) * step:.1f}" '
    body.append(shade + f'height="{low_bottom - top:g}" fill="#e5f2ec"/>')
    body += _yields(outlook, ensemble, best, x, top, middle, words)
    body += _risks(outlook, best, x, step, low_top, low_bottom, words, failure)
    marks = words["window"].format(
        first=start_name(first_period + first, language), last=start_name(first_period + last, language)
    )
    middle_of_window = (x(first) + x(last)) / 2
    anchor = "start" if middle_of_window < 170 else ("end" if middle_of_window > _WIDTH - 170 else "middle")
    body.append(text(middle_of_window, top - 6, marks, anchor, "#1d6b4c", 'font-size="12"'))
    if decision.habitual is not None:
        at = x(decision.habitual)
        label = words["habit"].format(start=start_name(first_period + decision.habitual, language))
        body.append(line(at, top, at, low_bottom, SOFT, 1.4, 'stroke-dasharray="4 3"'))
        right = at < _WIDTH - 130
        body.append(
            text(
                at + (6 if right else -6),
                top + 14,
                label,
                "start" if right else "end",
                SOFT,
                'font-size="12"',
            )
        )
    body += _months(first_period, count, x, step, low_bottom, language)
    body.append(text(_WIDTH - _RIGHT, low_bottom + 42, words["start"], "end", SOFT, 'font-size="12"'))
    body += _varieties(ensemble, best, low_bottom + 42)
    return svg(_WIDTH, low_bottom + 56, body)


def _source(ensemble: Ensemble, words: Mapping[str, str], x: float, y: float) -> str:
    weather = ensemble.site.weather
    if weather.generated:
        return text(x, y, words["generated"], "start", WARNING, 'font-weight="700" font-size="12"')
    source = weather.source or weather.name
    shown = source if len(source) <= 96 else source[:95] + "…"
    return text(x, y, words["measured"].format(source=shown), "start", SOFT, 'font-size="12"')


def _yields(
    outlook: Outlook,
    ensemble: Ensemble,
    best: int,
    x: Place,
    top: float,
    bottom: float,
    words: Mapping[str, str],
) -> list[str]:
    most = float(np.nanmax(outlook.high[best])) if np.isfinite(outlook.high[best]).any() else 1.0
    most = max(most, float(np.nanmax(outlook.expected)), 100.0) / 1e3
    unit = nice_step(most / 4)
    ceiling = unit * math.ceil(most / unit - 1e-9)

    def y(value: float) -> float:
        return bottom - value / 1e3 / ceiling * (bottom - top)

    drawn, level = [], 0.0
    while level <= ceiling + 1e-9:
        drawn.append(line(_LEFT, y(level * 1e3), _WIDTH - _RIGHT, y(level * 1e3), LINE if level else SOFT))
        drawn.append(text(_LEFT - 8, y(level * 1e3) + 4, f"{level:g}", "end", SOFT))
        level += unit
    drawn.append(text(_LEFT, top - 26, words["yield"], "start", SOFT, 'font-size="12"'))
    for run in _runs(outlook.low[best]):
        edge = [(x(k), y(outlook.high[best, k])) for k in run]
        drawn.append(
            area([*edge, *((x(k), y(outlook.low[best, k])) for k in reversed(run))], PALETTE[best % 8], 0.18)
        )
    for v in range(len(ensemble.site.varieties)):
        for run in _runs(outlook.expected[v]):
            points = [(x(k), y(outlook.expected[v, k])) for k in run]
            drawn.append(curve(points, PALETTE[v % 8], 2.8 if v == best else 1.3))
    return drawn


def _runs(values: np.ndarray) -> list[list[int]]:
    """Return runs of starts that have a value: a gap is not drawn over."""
    runs: list[list[int]] = []
    for k in np.flatnonzero(np.isfinite(values)):
        if runs and runs[-1][-1] == k - 1:
            runs[-1].append(int(k))
        else:
            runs.append([int(k)])
    return runs


def _risks(
    outlook: Outlook,
    best: int,
    x: Place,
    step: float,
    top: float,
    bottom: float,
    words: Mapping[str, str],
    failure: float,
) -> list[str]:
    def y(share: float) -> float:
        return bottom - share * (bottom - top)

    drawn = []
    for share in (0.0, 0.5, 1.0):
        drawn.append(line(_LEFT, y(share), _WIDTH - _RIGHT, y(share), LINE if share else SOFT))
        drawn.append(text(_LEFT - 8, y(share) + 4, f"{share:.0%}", "end", SOFT))
    drawn.append(
        text(_LEFT, top - 6, words["risk"].format(failure=failure / 1e3), "start", SOFT, 'font-size="12"')
    )
    for k in map(int, np.flatnonzero(np.isfinite(outlook.risk[best]))):
        share = outlook.risk[best, k]
        drawn.append(
            f'<rect x="{x(k) - step * 0.32:.1f}" y="{y(share):.1f}" width="{step * 0.64:.1f}" '
            f'height="{max(bottom - y(share), 0.0):.1f}" fill="#d55e00" fill-opacity=".75"/>'
        )
        drawn.append(
            line(x(k), y(outlook.risk_low[best, k]), x(k), y(outlook.risk_high[best, k]), "#7a3a08", 1.0)
        )
    return drawn


def _months(first_period: int, count: int, x: Place, step: float, y: float, language: str) -> list[str]:
    drawn = []
    for k in range(count):
        period = first_period + k
        if period % 3 == 0:
            drawn.append(line(x(k) - step / 2, y, x(k) - step / 2, y + 6, SOFT))
            drawn.append(
                text(
                    x(k) + step, y + 18, MONTHS[language][period // 3 % 12], "middle", SOFT, 'font-size="12"'
                )
            )
    return drawn


def _varieties(ensemble: Ensemble, best: int, y: float) -> list[str]:
    drawn, at = [], _LEFT
    for v, variety in enumerate(ensemble.site.varieties):
        drawn.append(line(at, y - 4, at + 18, y - 4, PALETTE[v % 8], 2.8 if v == best else 1.3))
        drawn.append(text(at + 24, y, variety.name, "start", INK, 'font-size="12"'))
        at += 40 + 7.4 * len(variety.name)
    return drawn


WIDE = 4.0  # degrees; on a closer map the coarse coast would lie beside the real one


def map_picture(
    rows: Sequence[tuple[str, float, float, int | None, float]],
    generated: bool,
    language: str = "en",
    outlines: Sequence[Outline] = (),
) -> str:
    """Draw sites where they lie, coloured by the month of their best start.

    Parameters
    ----------
    rows
        Name, latitude, longitude, ten-day period of the best start (None: no result), expected yield [kg/ha].
    generated
        Whether any of the weather is.
    language
    outlines
        Coasts and boundaries to draw below the sites; those outside the map are left out. Without any, a map that spans WIDE
        degrees has our coarse coast.
    """
    words = WORDS[language]
    placed = [row for row in rows if np.isfinite(row[1]) and np.isfinite(row[2])]
    west, east = min(r[2] for r in placed), max(r[2] for r in placed)
    south, north = min(r[1] for r in placed), max(r[1] for r in placed)
    margin = max(east - west, north - south, 0.5) * 0.1
    west, east, south, north = west - margin, east + margin, south - margin, north + margin
    outlines = outlines or (coast() if max(east - west, north - south) >= WIDE else ())
    flat = math.cos(math.radians((south + north) / 2))
    scale = min(600.0 / ((east - west) * flat), 420.0 / (north - south))
    width, height = max((east - west) * flat * scale, 60.0), max((north - south) * scale, 60.0)
    left, top = 54 + (612 - width) / 2, 64.0

    def x(longitude: float) -> float:
        return left + (longitude - west) * flat * scale

    def y(latitude: float) -> float:
        return top + (north - latitude) * scale

    body = [text(54, 26, words["map"], extra='font-weight="600"')]
    if generated:
        body.append(text(54, 47, words["generated"], "start", WARNING, 'font-weight="700" font-size="12"'))
    body.append(
        f'<rect x="{left:.1f}" y="{top:g}" width="{width:.1f}" height="{height:.1f}" fill="#f4f7fa" stroke="{LINE}"/>'
    )
    body += _outlines(outlines, (west, east, south, north), x, y, (left, top, width, height))
    body += _graticule(west, east, south, north, x, y, left, top, width, height)
    most = max((r[4] for r in placed if np.isfinite(r[4])), default=1.0) or 1.0
    for _, latitude, longitude, period, expected in sorted(placed, key=lambda r: -np.nan_to_num(r[4])):
        fill = "#ffffff" if period is None else _WHEEL[period // 3 % 12]
        radius = 5.0 if period is None else 4.0 + 7.0 * math.sqrt(max(expected, 0.0) / most)
        radius *= 1.0 if len(placed) <= 60 else 0.45
        body.append(
            f'<circle cx="{x(longitude):.1f}" cy="{y(latitude):.1f}" r="{radius:.1f}" fill="{fill}" '
            f'stroke="{WARNING if period is None else INK}" stroke-width="1"/>'
        )
    spots = [(r[0], x(r[2]), y(r[1])) for r in placed]
    regions = [
        (o.name, x(float(middle[0])), y(float(middle[1])))
        for o in outlines
        if o.name
        for middle in [(o.line.min(axis=0) + o.line.max(axis=0)) / 2]
        if west < middle[0] < east and south < middle[1] < north
    ]
    body += _names(spots, regions, (left, top, left + width, top + height))
    return svg(720, top + height + 72, [*body, *_wheel(top + height + 34, language)])


def _outlines(
    outlines: Sequence[Outline],
    bounds: tuple[float, float, float, float],
    x: Place,
    y: Place,
    frame: tuple[float, float, float, float],
) -> list[str]:
    """Draw land and lines, cut at the frame; points closer than half a pixel are left out."""
    west, east, south, north = bounds
    left, top, width, height = frame
    drawn = []
    for outline in outlines:
        low, high = outline.line.min(axis=0), outline.line.max(axis=0)
        if high[0] < west or low[0] > east or high[1] < south or low[1] > north:
            continue
        points: list[tuple[float, float]] = []
        for longitude, latitude in outline.line:
            point = x(float(longitude)), y(float(latitude))
            if not points or max(abs(point[0] - points[-1][0]), abs(point[1] - points[-1][1])) >= 0.5:
                points.append(point)
        path = "M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in points) + ("Z" if outline.closed else "")
        drawn.append(
            f'<path d="{path}" fill="{LAND if outline.closed else "none"}" stroke="{SOFT}" stroke-width="0.7"/>'
        )
    if not drawn:
        return []
    window = f'<clipPath id="frame"><rect x="{left:.1f}" y="{top:g}" width="{width:.1f}" height="{height:.1f}"/></clipPath>'
    return [window, '<g clip-path="url(#frame)">', *drawn, "</g>"]


_AROUND = ((13, 4, "start"), (-13, 4, "end"), (0, -14, "middle"), (0, 23, "middle"))


def _names(
    spots: Sequence[tuple[str, float, float]],
    regions: Sequence[tuple[str, float, float]],
    frame: tuple[float, float, float, float],
) -> list[str]:
    """Write each name where it covers neither another name nor a site, sites before regions; else leave it out."""
    left, top, right, bottom = frame
    taken = [(px - 7, py - 7, px + 7, py + 7) for _, px, py in spots]
    drawn = []
    tried: list[tuple[str, float, float, Sequence[tuple[int, int, str]], str, str]]
    tried = [(name, px, py, _AROUND, INK, "") for name, px, py in spots]
    tried += [(name, px, py, ((0, 4, "middle"),), SOFT, ' font-style="italic"') for name, px, py in regions]
    for name, px, py, places, fill, style in tried:
        wide = sum(11.0 if ord(c) > 0x2E80 else 6.6 for c in name)
        for dx, dy, anchor in places:
            begin = px + dx - {"start": 0.0, "end": wide, "middle": wide / 2}[anchor]
            box = (begin, py + dy - 10, begin + wide, py + dy + 3)
            free = all(box[2] < o[0] or box[0] > o[2] or box[3] < o[1] or box[1] > o[3] for o in taken)
            if free and begin > left and box[2] < right and box[1] > top and box[3] < bottom:
                taken.append(box)
                drawn.append(text(px + dx, py + dy, name, anchor, fill, f'font-size="11"{style}'))
                break
    return drawn


def _graticule(
    west: float,
    east: float,
    south: float,
    north: float,
    x: Place,
    y: Place,
    left: float,
    top: float,
    width: float,
    height: float,
) -> list[str]:
    unit = nice_step(max(east - west, north - south) / 5)
    if max(east - west, north - south) / 5 < 1:
        unit = next(u for u in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if u * 6 >= max(east - west, north - south))
    drawn = []
    at = math.ceil(west / unit) * unit
    while at <= east:
        drawn.append(line(x(at), top, x(at), top + height, LINE))
        drawn.append(
            text(
                x(at),
                top + height + 14,
                f"{at:.2f}".rstrip("0").rstrip(".") + "°",
                "middle",
                SOFT,
                'font-size="11"',
            )
        )
        at += unit
    at = math.ceil(south / unit) * unit
    while at <= north:
        drawn.append(line(left, y(at), left + width, y(at), LINE))
        drawn.append(
            text(
                left - 6, y(at) + 4, f"{at:.2f}".rstrip("0").rstrip(".") + "°", "end", SOFT, 'font-size="11"'
            )
        )
        at += unit
    return drawn


def _wheel(y: float, language: str) -> list[str]:
    drawn = []
    for month in range(12):
        at = 54 + month * 51.0
        drawn.append(
            f'<rect x="{at:g}" y="{y - 10:g}" width="49" height="10" rx="2" fill="{_WHEEL[month]}"/>'
        )
        drawn.append(text(at + 24, y + 15, MONTHS[language][month], "middle", SOFT, 'font-size="12"'))
    return drawn
