"""Draw coverage so that one picture answers: who is reached, by which tower, and where the hills are in the way.

``draw_map`` draws signal; ``draw_speed`` what is left of it for each when everybody is there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class _Scale:
    """Classes of what is drawn, best first, their colours, and which words of ``_TEXTS`` name them and who has enough."""

    classes: tuple[float, ...]
    colours: tuple[str, ...]
    title: str
    legend: str
    least: str
    enough: str
    not_enough: str
    sum_up: str


# One hue, darker where there is more, so that the pictures also read in grey and for the colour-blind.
_SIGNAL = _Scale(
    (-85.0, -95.0, -105.0, -115.0), ("#0b5345", "#1e8f73", "#6fc3a2", "#c9e8d5"),
    "title", "signal", "or more", "served", "unserved", "served people",
)  # fmt: skip
_SPEED = _Scale(
    (100.0, 10.0, 2.0, 0.5), ("#1b2a6b", "#3f63b5", "#8fb0e0", "#d3e1f5"),
    "speed title", "speed", "speed or more", "fast", "slow", "fast people",
)  # fmt: skip
_MOST_DRAWN = 3000
"""Cells across that are drawn; the page is half as many pixels wide."""
_SEA_COLOUR = "#dfeaf2"
_TOWER_COLOUR = "#b3202a"
_SERVED_COLOUR = "#ffffff"
_UNSERVED_COLOUR = "#e67e22"
_DISPUTED_COLOUR = "#8a6bb1"

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
        "speed title": "Speed in the busy hour",
        "speed": "Speed for each user",
        "speed or more": "{0:g} Mbit/s or more",
        "fast": "Most people at {0:g} Mbit/s",
        "slow": "Fewer than half",
        "fast people": "{0} of {1} people at {5:g} Mbit/s or more ({2:.0f} %)",
        "disputed": "Two models differ by\nmore than 10 dB",
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
        "speed title": "Kecepatan pada jam sibuk",
        "speed": "Kecepatan tiap pengguna",
        "speed or more": "{0:g} Mbit/s atau lebih",
        "fast": "Kebanyakan warga {0:g} Mbit/s",
        "slow": "Kurang dari separuh",
        "fast people": "{0} dari {1} jiwa dengan {5:g} Mbit/s atau lebih ({2:.0f} %)",
        "disputed": "Dua model berbeda\nlebih dari 10 dB",
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
        "speed title": "忙时速率",
        "speed": "每位用户的速率",
        "speed or more": "{0:g} Mbit/s 及以上",
        "fast": "多数居民达到 {0:g} Mbit/s",
        "slow": "不足半数",
        "fast people": "达到 {5:g} Mbit/s 的人口 {0} / {1}（{2:.0f} %）",
        "disputed": "两种模型相差\n超过 10 dB",
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
    disputed: tuple[Grid, NDArray[np.bool_]] | None = None,
    title: str | None = None,
    language: Language = "en",
) -> None:
    """Draw signal classes over shaded ground, with towers, villages, a scale, a legend and the terrain's label, as PNG.

    disputed: where two models differ too much to trust one of them, on a grid of its own.
    """
    places = None
    if demand is not None and reception is not None:
        places = _Places(demand, reception.served, demand.people * reception.served, None)
    layer = _Layer(coverage.rsrp, coverage.grid, coverage.generated, _SIGNAL, disputed)
    _draw(path, ground, layer, sites, demand, places, title, language)


def draw_speed(
    path: Path,
    ground: Terrain,
    speed: NDArray[np.float32],
    grid: Grid,
    sites: Sequence[Site],
    demand: Demand,
    part: NDArray[np.float64],
    rate: float,
    *,
    title: str | None = None,
    language: Language = "en",
) -> None:
    """Draw classes of speed in the busy hour as ``draw_map`` draws those of signal.

    speed: raster [Mbit/s], NaN where there is none; part: of each place's people who get ``rate`` [Mbit/s] or more.
    """
    places = _Places(demand, part >= 0.5, demand.people * part, rate)
    layer = _Layer(speed, grid, ground.generated, _SPEED)
    _draw(path, ground, layer, sites, demand, places, title, language)


@dataclass(frozen=True)
class _Layer:
    values: NDArray[np.float32]
    grid: Grid
    generated: bool
    scale: _Scale
    disputed: tuple[Grid, NDArray[np.bool_]] | None = None


@dataclass(frozen=True)
class _Places:
    """Villages as they are marked: which have enough, how many of each one's people, and from what speed [Mbit/s]."""

    demand: Demand
    enough: NDArray[np.bool_]
    reached: NDArray[np.float64]
    rate: float | None


def _draw(
    path: Path, ground: Terrain, layer: _Layer, sites: Sequence[Site], demand: Demand | None, places: _Places | None,
    title: str | None, language: Language,
) -> None:  # fmt: skip
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    words = _TEXTS[language]
    height, zone, values, g = _thinned(*_frame(ground, layer, demand))
    rows, columns = values.shape
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
        axes.imshow(_picture(height, zone, values, g, layer.scale), extent=extent, interpolation="nearest")
        if layer.disputed is not None:
            _mark_cells(axes, *layer.disputed)
        axes.set_aspect(stretch)
        _draw_places(axes, sites, places)
        _draw_scale(axes, extent, stretch, words)
        axes.set_xlim(extent[0], extent[1])
        axes.set_ylim(extent[2], extent[3])
        axes.set_xticks([])
        axes.set_yticks([])
        for side in axes.spines.values():
            side.set_color("#888888")
        axes.set_title(
            title or words[layer.scale.title], loc="left", fontsize=14, fontweight="bold", color="#222222"
        )
        if places is not None:
            axes.set_title(
                _sum_up(places, words[layer.scale.sum_up]), loc="right", fontsize=10, color="#333333"
            )
        _draw_legend(figure, axes, layer, places, words)
        if layer.generated:
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
    ground: Terrain, layer: _Layer, demand: Demand | None
) -> tuple[NDArray[np.float32], NDArray[np.int8], NDArray[np.float32], Grid]:
    """Return ground, zones and values of the part of the terrain that holds the layer and all villages.

    A layer coarser than the terrain is drawn in blocks.
    """
    g, c = ground.grid, layer.grid
    every = round(c.step_lat / g.step_lat)
    drawn = np.repeat(np.repeat(layer.values, every, axis=0), every, axis=1)
    rows, columns = ground.height.shape
    # A block's centre is its middle cell.
    first_row = round((g.north - c.north) / g.step_lat) - every // 2
    first_column = round((c.west - g.west) / g.step_lon) - every // 2
    top, bottom = first_row, first_row + drawn.shape[0]
    left, right = first_column, first_column + drawn.shape[1]
    if demand is not None:
        within = ground.contains(demand.latitude, demand.longitude)
        i, j = ground.cells(demand.latitude[within], demand.longitude[within])
        margin = max(rows, columns) // 60
        top, bottom = min(top, int(i.min()) - margin), max(bottom, int(i.max()) + margin)
        left, right = min(left, int(j.min()) - margin), max(right, int(j.max()) + margin)
    top, bottom, left, right = max(top, 0), min(bottom, rows), max(left, 0), min(right, columns)
    values = np.full((bottom - top, right - left), np.nan, np.float32)
    row, column = first_row - top, first_column - left
    values[row : row + drawn.shape[0], column : column + drawn.shape[1]] = drawn
    part = (slice(top, bottom), slice(left, right))
    grid = Grid(g.north - top * g.step_lat, g.west + left * g.step_lon, g.step_lat, g.step_lon)
    return ground.height[part], ground.zone[part], values, grid


def _thinned(
    height: NDArray[np.float32], zone: NDArray[np.int8], values: NDArray[np.float32], g: Grid
) -> tuple[NDArray[np.float32], NDArray[np.int8], NDArray[np.float32], Grid]:
    """Return of every so many cells the middle one, so that no more are drawn than a page can show."""
    every = math.ceil(max(values.shape) / _MOST_DRAWN)
    if every == 1:
        return height, zone, values, g
    middle = slice(every // 2, None, every)
    grid = Grid(
        g.north - (every // 2) * g.step_lat,
        g.west + (every // 2) * g.step_lon,
        g.step_lat * every,
        g.step_lon * every,
    )
    return height[middle, middle], zone[middle, middle], values[middle, middle], grid


def _picture(
    height: NDArray[np.float32],
    zone: NDArray[np.int8],
    values: NDArray[np.float32],
    grid: Grid,
    scale: _Scale,
) -> NDArray[np.float64]:
    """Return an RGB image: land shaded from the north-west, sea in pale blue, classes over both."""
    from matplotlib.colors import LightSource, to_rgb

    known = np.nan_to_num(height, nan=0.0).astype(np.float64)
    metres = grid.step_lat * math.radians(1.0) * 6371000.0
    shade = LightSource(azdeg=315, altdeg=40).hillshade(known, vert_exag=2.5, dx=metres, dy=metres)
    base = np.repeat((0.62 + 0.38 * shade)[:, :, None], 3, axis=2)
    sea = zone == SEA
    base[sea] = to_rgb(_SEA_COLOUR)
    base[np.isnan(height)] = (1.0, 1.0, 1.0)
    strength = np.nan_to_num(values, nan=-999.0)
    colour = np.zeros_like(base)
    alpha = np.zeros(strength.shape)
    for level, name in zip(reversed(scale.classes), reversed(scale.colours), strict=True):
        covered = strength >= level
        colour[covered] = to_rgb(name)
        alpha[covered] = 0.72
    alpha[sea] *= 0.55  # the sea's signal serves nobody; land must stand out
    tone = np.where(sea[:, :, None], 1.0, 0.55 + 0.45 * base)
    blended = base * (1.0 - alpha[:, :, None]) + colour * tone * alpha[:, :, None]
    return np.asarray(np.clip(blended, 0.0, 1.0))


def _mark_cells(axes: Any, grid: Grid, disputed: NDArray[np.bool_]) -> None:
    """Colour the cells of a grid that are marked."""
    from matplotlib.colors import ListedColormap

    rows, columns = disputed.shape
    axes.pcolormesh(
        grid.west + (np.arange(columns + 1) - 0.5) * grid.step_lon,
        grid.north - (np.arange(rows + 1) - 0.5) * grid.step_lat,
        np.ma.masked_where(~disputed, disputed.astype(float)), cmap=ListedColormap([_DISPUTED_COLOUR]), zorder=2,
    )  # fmt: skip


def _draw_places(axes: Any, sites: Sequence[Site], places: _Places | None) -> None:
    import matplotlib.patheffects as effects

    if places is not None:
        demand = places.demand
        size = 9.0 + 26.0 * np.sqrt(demand.people / max(float(demand.people.max()), 1.0))
        for served, face, edge in ((False, _UNSERVED_COLOUR, "#5d2e05"), (True, _SERVED_COLOUR, "#063d30")):
            which = places.enough == served
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


def _draw_legend(
    figure: Any, axes: Any, layer: _Layer, places: _Places | None, words: dict[str, str]
) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    scale = layer.scale
    classes = [
        Patch(facecolor=colour, edgecolor="#666666", linewidth=0.5, label=words[scale.least].format(level))
        for level, colour in zip(scale.classes, scale.colours, strict=True)
    ]
    if layer.disputed is not None:
        classes.append(
            Patch(facecolor=_DISPUTED_COLOUR, edgecolor="#666666", linewidth=0.5, label=words["disputed"])
        )
    marks = [_mark(Line2D, "^", _TOWER_COLOUR, "white", 11, words["tower"])]
    if places is not None:
        rate = places.rate or 0.0
        marks.append(_mark(Line2D, "o", _SERVED_COLOUR, "#063d30", 7, words[scale.enough].format(rate)))
        marks.append(_mark(Line2D, "o", _UNSERVED_COLOUR, "#5d2e05", 7, words[scale.not_enough].format(rate)))
    beside = axes.get_position()
    figure.legend(
        handles=[*classes, *marks], loc="upper left", bbox_to_anchor=(beside.x1 + 0.008, beside.y1 + 0.01),
        frameon=False, title=words[scale.legend], alignment="left", labelspacing=0.7, borderaxespad=0.2,
    )  # fmt: skip


def _mark(line: Any, marker: str, face: str, edge: str, size: float, label: str) -> Any:
    return line(
        [], [], linestyle="none", marker=marker, markerfacecolor=face, markeredgecolor=edge, markersize=size, label=label
    )  # fmt: skip


def _terrain_words(ground: Terrain, words: dict[str, str]) -> str:
    name = f"{ground.source} ({words['generated word']})" if ground.generated else ground.source
    return words["terrain"].format(name)


def _sum_up(places: _Places, sentence: str) -> str:
    people = float(places.demand.people.sum())
    reached = float(places.reached.sum())
    share = 100.0 * reached / people if people else 0.0
    villages = int(places.enough.sum()), places.demand.size
    return sentence.format(f"{reached:,.0f}", f"{people:,.0f}", share, *villages, places.rate or 0.0)
