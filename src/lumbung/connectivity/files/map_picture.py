"""Draw coverage so that one picture answers: who is reached, by which tower, and where the hills are in the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.p1812.climate import SEA
from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand
from lumbung.connectivity.radio.coverage import CoverageMap, Reception, Site

Language = Literal["en", "id", "zh"]

# Level classes [dBm], strongest first, and their colours: one hue, darker where the signal is stronger, so
# that the picture also reads in grey and for the colour-blind.
_CLASSES = (-85.0, -95.0, -105.0, -115.0)
_COLOURS = ("#0b5345", "#1e8f73", "#6fc3a2", "#c9e8d5")
_SEA_COLOUR = "#dfeaf2"
_TOWER_COLOUR = "#b3202a"
_SERVED_COLOUR = "#ffffff"
_UNSERVED_COLOUR = "#e67e22"

_TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Coverage",
        "signal": "Signal (RSRP)",
        "or more": "{0:g} dBm or more",
        "tower": "Tower",
        "served": "Village served",
        "unserved": "Village not served",
        "terrain": "Terrain: {0}",
        "generated": "GENERATED TERRAIN",
        "generated word": "generated",
        "served people": "{0} of {1} people served ({2:.0f} %), {3} of {4} villages",
        "kilometres": "{0:g} km",
    },
    "id": {
        "title": "Cakupan",
        "signal": "Sinyal (RSRP)",
        "or more": "{0:g} dBm atau lebih",
        "tower": "Menara",
        "served": "Desa terlayani",
        "unserved": "Desa belum terlayani",
        "terrain": "Medan: {0}",
        "generated": "MEDAN BANGKITAN",
        "generated word": "data bangkitan",
        "served people": "{0} dari {1} jiwa terlayani ({2:.0f} %), {3} dari {4} desa",
        "kilometres": "{0:g} km",
    },
    "zh": {
        "title": "覆盖",
        "signal": "信号强度（RSRP）",
        "or more": "{0:g} dBm 及以上",
        "tower": "铁塔",
        "served": "已覆盖村庄",
        "unserved": "未覆盖村庄",
        "terrain": "地形：{0}",
        "generated": "生成地形（非实测）",
        "generated word": "生成数据（非实测）",
        "served people": "覆盖人口 {0} / {1}（{2:.0f} %），村庄 {3} / {4}",
        "kilometres": "{0:g} 公里",
    },
}
_CHINESE_FONTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "WenQuanYi Zen Hei", "SimHei", "Microsoft YaHei")


def draw_map(
    path: Path,
    ground: Terrain,
    coverage: CoverageMap,
    sites: Sequence[Site],
    demand: Demand | None = None,
    reception: Reception | None = None,
    *,
    title: str | None = None,
    language: Language = "en",
) -> None:
    """Draw signal classes over shaded ground, with towers, villages, a scale, a legend and the terrain's label, as PNG."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    words = _TEXTS[language]
    height, zone, rsrp, g = _frame(ground, coverage, demand)
    rows, columns = rsrp.shape
    stretch = 1.0 / math.cos(math.radians(g.north - 0.5 * rows * g.step_lat))
    shape = rows * g.step_lat * stretch / (columns * g.step_lon)
    wide = 10.0
    with mpl.rc_context({"font.family": _fonts(), "font.size": 9.5}):
        figure = Figure(figsize=(wide + 2.6, max(wide * shape, 4.5) + 0.9), dpi=150, facecolor="white")
        FigureCanvasAgg(figure)
        total = figure.get_figheight()
        axes = figure.add_axes(
            (0.35 / (wide + 2.6), 0.45 / total, wide / (wide + 2.6) * 0.985, (total - 0.95) / total)
        )
        extent = (
            g.west - 0.5 * g.step_lon,
            g.west + (columns - 0.5) * g.step_lon,
            g.north - (rows - 0.5) * g.step_lat,
            g.north + 0.5 * g.step_lat,
        )
        axes.imshow(_picture(height, zone, rsrp, g), extent=extent, interpolation="nearest")
        axes.set_aspect(stretch)
        _draw_places(axes, sites, demand, reception)
        _draw_scale(axes, extent, stretch, words)
        axes.set_xlim(extent[0], extent[1])
        axes.set_ylim(extent[2], extent[3])
        axes.set_xticks([])
        axes.set_yticks([])
        for side in axes.spines.values():
            side.set_color("#888888")
        axes.set_title(title or words["title"], loc="left", fontsize=14, fontweight="bold", color="#222222")
        if demand is not None and reception is not None:
            axes.set_title(_sum_up(demand, reception, words), loc="right", fontsize=10, color="#333333")
        _draw_legend(figure, axes, demand is not None, words)
        if coverage.generated:
            axes.text(
                0.012, 0.985, words["generated"], transform=axes.transAxes, va="top", fontsize=10,
                fontweight="bold", color="#7a1f1f",
                bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "#7a1f1f", "boxstyle": "round,pad=0.35"},
            )  # fmt: skip
        figure.text(
            0.35 / (wide + 2.6),
            0.16 / total,
            _terrain_words(ground, words),
            fontsize=8,
            color="#555555",
        )
        figure.savefig(path)


def _fonts() -> list[str]:
    """Return the default font and whichever Chinese font is installed, for names of places and for zh."""
    from matplotlib.font_manager import fontManager

    installed = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in _CHINESE_FONTS if name in installed)]


def _frame(
    ground: Terrain, coverage: CoverageMap, demand: Demand | None
) -> tuple[NDArray[np.float32], NDArray[np.int8], NDArray[np.float32], Grid]:
    """Return ground, zones and signal of the part of the terrain that holds the coverage and all villages."""
    g, c = ground.grid, coverage.grid
    rows, columns = ground.height.shape
    first_row = round((g.north - c.north) / g.step_lat)
    first_column = round((c.west - g.west) / g.step_lon)
    top, bottom = first_row, first_row + coverage.rsrp.shape[0]
    left, right = first_column, first_column + coverage.rsrp.shape[1]
    if demand is not None:
        within = ground.contains(demand.latitude, demand.longitude)
        i, j = ground.cells(demand.latitude[within], demand.longitude[within])
        margin = max(rows, columns) // 60
        top, bottom = min(top, int(i.min()) - margin), max(bottom, int(i.max()) + margin)
        left, right = min(left, int(j.min()) - margin), max(right, int(j.max()) + margin)
    top, bottom, left, right = max(top, 0), min(bottom, rows), max(left, 0), min(right, columns)
    rsrp = np.full((bottom - top, right - left), np.nan, np.float32)
    row, column = first_row - top, first_column - left
    rsrp[row : row + coverage.rsrp.shape[0], column : column + coverage.rsrp.shape[1]] = coverage.rsrp
    part = (slice(top, bottom), slice(left, right))
    grid = Grid(g.north - top * g.step_lat, g.west + left * g.step_lon, g.step_lat, g.step_lon)
    return ground.height[part], ground.zone[part], rsrp, grid


def _picture(
    height: NDArray[np.float32], zone: NDArray[np.int8], rsrp: NDArray[np.float32], grid: Grid
) -> NDArray[np.float64]:
    """Return an RGB image: land shaded from the north-west, sea in pale blue, signal classes over both."""
    from matplotlib.colors import LightSource, to_rgb

    known = np.nan_to_num(height, nan=0.0).astype(np.float64)
    metres = grid.step_lat * math.radians(1.0) * 6371000.0
    shade = LightSource(azdeg=315, altdeg=40).hillshade(known, vert_exag=2.5, dx=metres, dy=metres)
    base = np.repeat((0.62 + 0.38 * shade)[:, :, None], 3, axis=2)
    sea = zone == SEA
    base[sea] = to_rgb(_SEA_COLOUR)
    base[np.isnan(height)] = (1.0, 1.0, 1.0)
    strength = np.nan_to_num(rsrp, nan=-999.0)
    colour = np.zeros_like(base)
    alpha = np.zeros(strength.shape)
    for level, name in zip(reversed(_CLASSES), reversed(_COLOURS), strict=True):
        covered = strength >= level
        colour[covered] = to_rgb(name)
        alpha[covered] = 0.72
    alpha[sea] *= 0.55  # the sea's signal serves nobody; land must stand out
    tone = np.where(sea[:, :, None], 1.0, 0.55 + 0.45 * base)
    blended = base * (1.0 - alpha[:, :, None]) + colour * tone * alpha[:, :, None]
    return np.asarray(np.clip(blended, 0.0, 1.0))


def _draw_places(
    axes: Any, sites: Sequence[Site], demand: Demand | None, reception: Reception | None
) -> None:
    import matplotlib.patheffects as effects

    if demand is not None and reception is not None:
        size = 9.0 + 26.0 * np.sqrt(demand.people / max(float(demand.people.max()), 1.0))
        for served, face, edge in ((False, _UNSERVED_COLOUR, "#5d2e05"), (True, _SERVED_COLOUR, "#063d30")):
            which = reception.served == served
            axes.scatter(
                demand.longitude[which], demand.latitude[which], s=size[which], c=face, edgecolors=edge,
                linewidths=0.8, zorder=3,
            )  # fmt: skip
    axes.scatter(
        [site.longitude for site in sites], [site.latitude for site in sites], marker="^", s=120,
        c=_TOWER_COLOUR, edgecolors="white", linewidths=1.2, zorder=4,
    )  # fmt: skip
    if len(sites) <= 40:
        for site in sites:
            axes.annotate(
                site.id, (site.longitude, site.latitude), xytext=(6, 5), textcoords="offset points",
                fontsize=8.5, fontweight="bold", color="#4a0d11", zorder=5,
                path_effects=[effects.withStroke(linewidth=2.2, foreground="white")],
            )  # fmt: skip


def _draw_scale(
    axes: Any, extent: tuple[float, float, float, float], stretch: float, words: dict[str, str]
) -> None:
    west, east, south, north = extent
    kilometre = stretch / (math.radians(1.0) * 6371.0)
    span = (east - west) / kilometre
    length = next(step for step in (200, 100, 50, 20, 10, 5, 2, 1, 0.5) if step <= span / 4 or step == 0.5)
    # Below the map, where it covers nothing.
    left = east - length * kilometre
    y = south - 0.016 * (north - south)
    axes.plot([left, east], [y, y], color="#222222", linewidth=3, solid_capstyle="butt", clip_on=False)
    axes.text(
        left - 0.008 * (east - west), y, words["kilometres"].format(length), ha="right", va="center",
        fontsize=9, color="#222222",
    )  # fmt: skip


def _draw_legend(figure: Any, axes: Any, with_villages: bool, words: dict[str, str]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    classes = [
        Patch(facecolor=colour, edgecolor="#666666", linewidth=0.5, label=words["or more"].format(level))
        for level, colour in zip(_CLASSES, _COLOURS, strict=True)
    ]
    marks = [_mark(Line2D, "^", _TOWER_COLOUR, "white", 11, words["tower"])]
    if with_villages:
        marks.append(_mark(Line2D, "o", _SERVED_COLOUR, "#063d30", 7, words["served"]))
        marks.append(_mark(Line2D, "o", _UNSERVED_COLOUR, "#5d2e05", 7, words["unserved"]))
    beside = axes.get_position()
    figure.legend(
        handles=[*classes, *marks], loc="upper left", bbox_to_anchor=(beside.x1 + 0.008, beside.y1 + 0.01),
        frameon=False, title=words["signal"], alignment="left", labelspacing=0.7, borderaxespad=0.2,
    )  # fmt: skip


def _mark(line: Any, marker: str, face: str, edge: str, size: float, label: str) -> Any:
    return line(
        [], [], linestyle="none", marker=marker, markerfacecolor=face, markeredgecolor=edge, markersize=size, label=label
    )  # fmt: skip


def _terrain_words(ground: Terrain, words: dict[str, str]) -> str:
    name = f"{ground.source} ({words['generated word']})" if ground.generated else ground.source
    return words["terrain"].format(name)


def _sum_up(demand: Demand, reception: Reception, words: dict[str, str]) -> str:
    people = float(demand.people.sum())
    reached = float(demand.people[reception.served].sum())
    share = 100.0 * reached / people if people else 0.0
    return words["served people"].format(
        f"{reached:,.0f}", f"{people:,.0f}", share, int(reception.served.sum()), demand.size
    )
