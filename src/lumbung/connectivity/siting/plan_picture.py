"""One picture that answers the minister: where, whom it reaches, how it is connected, and how good it is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

import numpy as np

from lumbung.connectivity.siting.plan_files import _lines
from lumbung.connectivity.siting.study import Inputs, Plan

Language = Literal["en", "id", "zh"]

_SITE, _FIBRE, _STANDING = "#b3202a", "#1c6ab0", "#707070"
_NEW, _ALREADY, _MISSED = "#1e8f73", "#c4c4c4", "#e67e22"
_SEA, _PAPER = "#dfeaf2", "#f5f2ea"

_TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Where the next {0} towers should stand",
        "title one": "Where the next tower should stand",
        "site": "New site, in building order",
        "standing": "Standing tower",
        "fibre": "Fibre point",
        "hop": "Microwave hop",
        "new": "Village newly reached",
        "already": "Village reached already",
        "no": "Village not reached",
        "size": "Circles grow with people.",
        "result": "{0} people newly reached. No plan can reach more than {1} (gap {2}).",
        "result optimal": "{0} people newly reached. Proven: no plan can reach more.",
        "least": "{0} people newly reached for {1}. No plan that reaches the target costs less than {2}.",
        "least optimal": "{0} people newly reached for {1}. Proven: no plan that reaches the target is cheaper.",
        "generated": "GENERATED DATA",
        "kilometres": "{0:g} km",
    },
    "id": {
        "title": "Di mana {0} menara berikutnya sebaiknya berdiri",
        "title one": "Di mana menara berikutnya sebaiknya berdiri",
        "site": "Lokasi baru, menurut urutan pembangunan",
        "standing": "Menara yang sudah ada",
        "fibre": "Titik serat optik",
        "hop": "Lompatan gelombang mikro",
        "new": "Desa yang baru terjangkau",
        "already": "Desa yang sudah terjangkau",
        "no": "Desa belum terjangkau",
        "size": "Lingkaran lebih besar, penduduk lebih banyak.",
        "result": "{0} jiwa baru terjangkau. Tidak ada rencana yang dapat menjangkau lebih dari {1} (selisih {2}).",
        "result optimal": "{0} jiwa baru terjangkau. Terbukti: tidak ada rencana yang menjangkau lebih banyak.",
        "least": "{0} jiwa baru terjangkau dengan biaya {1}. Tidak ada rencana yang mencapai target di bawah {2}.",
        "least optimal": "{0} jiwa baru terjangkau dengan biaya {1}. Terbukti: tidak ada rencana yang lebih murah.",
        "generated": "DATA BANGKITAN",
        "kilometres": "{0:g} km",
    },
    "zh": {
        "title": "下一批 {0} 座铁塔的站址",
        "title one": "下一座铁塔的站址",
        "site": "新站址（按建设顺序编号）",
        "standing": "现有铁塔",
        "fibre": "光纤接入点",
        "hop": "微波链路",
        "new": "新增覆盖村庄",
        "already": "已覆盖村庄",
        "no": "未覆盖村庄",
        "size": "圆圈越大，人口越多。",
        "result": "新增覆盖 {0} 人。可以证明任何方案都不超过 {1} 人（差距 {2}）。",
        "result optimal": "新增覆盖 {0} 人。已证明没有更好的方案。",
        "least": "以 {1} 的费用新增覆盖 {0} 人。达到目标的任何方案费用都不低于 {2}。",
        "least optimal": "以 {1} 的费用新增覆盖 {0} 人。已证明没有更便宜的方案。",
        "generated": "生成数据（非实测）",
        "kilometres": "{0:g} 公里",
    },
}


def headline(plan: Plan, language: Language = "en") -> str:
    """Return the plan's result and its proof in one sentence."""
    words = _TEXTS[language]
    people = f"{plan.newly:,.0f}"
    if plan.goal.share is not None:
        key = "least optimal" if plan.ending == "optimal" else "least"
        return words[key].format(people, f"{plan.value:,.0f}", f"{plan.bound:,.0f}")
    if plan.ending == "optimal":
        return words["result optimal"].format(people)
    return words["result"].format(people, f"{plan.bound:,.0f}", f"{plan.gap:.2%}")


def draw_plan(path: Path, inputs: Inputs, plan: Plan, source: str, language: Language = "en") -> None:
    """Draw the plan over shaded ground (plain paper where there is no terrain) as PNG."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from lumbung.connectivity.files.map_picture import _fonts

    words = _TEXTS[language]
    west, east, south, north = _frame(inputs, plan)
    stretch = 1.0 / math.cos(math.radians(0.5 * (south + north)))
    shape = (north - south) * stretch / (east - west)
    wide, high = 9.6, min(max(9.6 * shape, 4.2), 12.0)
    wide = min(wide, max(high / shape, 6.0))
    with mpl.rc_context({"font.family": _fonts(), "font.size": 9.5}):
        figure = Figure(figsize=(wide + 3.1, high + 1.25), dpi=150, facecolor="white")
        FigureCanvasAgg(figure)
        total_w, total_h = figure.get_size_inches()
        axes = figure.add_axes((0.3 / total_w, 0.5 / total_h, wide / total_w, high / total_h))
        axes.set_facecolor(_PAPER)
        _ground(axes, inputs, (west, east, south, north))
        _places(axes, inputs, plan)
        axes.set_xlim(west, east)
        axes.set_ylim(south, north)
        axes.set_aspect(stretch)
        axes.set_xticks([])
        axes.set_yticks([])
        for side in axes.spines.values():
            side.set_color("#888888")
        title = words["title one"] if len(plan.built) == 1 else words["title"].format(len(plan.built))
        figure.text(0.3 / total_w, 1 - 0.33 / total_h, title, fontsize=15, fontweight="bold", color="#222222")
        figure.text(
            0.3 / total_w, 1 - 0.6 / total_h, headline(plan, language), fontsize=10.5, color="#222222"
        )
        figure.text(0.3 / total_w, 0.14 / total_h, source, fontsize=8, color="#555555")
        _scale(axes, (west, east, south, north), stretch, words)
        _legend(figure, axes, inputs, plan, words, total_w, total_h, wide, high)
        if inputs.generated:
            axes.text(
                0.012, 0.985, words["generated"], transform=axes.transAxes, va="top", fontsize=10,
                fontweight="bold", color="#7a1f1f",
                bbox={"facecolor": "white", "alpha": 0.85, "edgecolor": "#7a1f1f", "boxstyle": "round,pad=0.35"},
            )  # fmt: skip
        figure.savefig(path)


def _frame(inputs: Inputs, plan: Plan) -> tuple[float, float, float, float]:
    places = [site.place for site in plan.built] + list(inputs.standing)
    longitude = np.concatenate([inputs.demand.longitude, [p.longitude for p in places]])
    latitude = np.concatenate([inputs.demand.latitude, [p.latitude for p in places]])
    pad = 0.04 * max(float(np.ptp(longitude)), float(np.ptp(latitude)), 0.02)
    west, east = float(longitude.min()) - pad, float(longitude.max()) + pad
    south, north = float(latitude.min()) - pad, float(latitude.max()) + pad
    if inputs.ground is not None:
        edges = inputs.ground.bounds
        # No blank paper around the terrain, unless places lie out there.
        west = max(west, min(edges[0], float(longitude.min())))
        south = max(south, min(edges[1], float(latitude.min())))
        east = min(east, max(edges[2], float(longitude.max())))
        north = min(north, max(edges[3], float(latitude.max())))
    return west, east, south, north


def _ground(axes: Any, inputs: Inputs, frame: tuple[float, float, float, float]) -> None:
    ground = inputs.ground
    if ground is None:
        return
    from matplotlib.colors import LightSource, to_rgb

    from lumbung.connectivity.engine.p1812.climate import SEA

    west, south, east, north = ground.bounds
    known = np.nan_to_num(ground.height, nan=0.0).astype(np.float64)
    shade = LightSource(azdeg=315, altdeg=40).hillshade(
        known, vert_exag=2.5, dx=ground.cell_metres, dy=ground.cell_metres
    )
    picture = np.repeat((0.66 + 0.32 * shade)[:, :, None], 3, axis=2)
    picture[ground.zone == SEA] = to_rgb(_SEA)
    picture[np.isnan(ground.height)] = 1.0
    axes.imshow(np.clip(picture, 0, 1), extent=(west, east, south, north), interpolation="nearest")


def _places(axes: Any, inputs: Inputs, plan: Plan) -> None:
    import matplotlib.patheffects as effects

    demand = inputs.demand
    many = demand.size > 3000
    size = (2.0 if many else 7.0) + (14.0 if many else 30.0) * np.sqrt(
        demand.people / max(float(demand.people.max(initial=0.0)), 1.0)
    )
    kinds = np.where(plan.standing, 0, np.where(plan.reached, 2, 1))
    for kind, colour in ((0, _ALREADY), (1, _MISSED), (2, _NEW)):
        which = kinds == kind
        axes.scatter(
            demand.longitude[which], demand.latitude[which], s=size[which], c=colour,
            edgecolors="white" if many else "#333333", linewidths=0.1 if many else 0.4, zorder=3,
        )  # fmt: skip
    for _, _, start, end in _lines(inputs, plan):
        axes.plot([start[0], end[0]], [start[1], end[1]], color=_FIBRE, linewidth=1.4, zorder=4)
    for places, marker, colour, extent in (
        (inputs.standing, "^", _STANDING, 45),
        (inputs.fibre, "s", _FIBRE, 40),
    ):
        axes.scatter(
            [p.longitude for p in places], [p.latitude for p in places], marker=marker, s=extent, c=colour,
            edgecolors="white", linewidths=0.8, zorder=5,
        )  # fmt: skip
    axes.scatter(
        [site.place.longitude for site in plan.built], [site.place.latitude for site in plan.built], marker="^",
        s=110, c=_SITE, edgecolors="white", linewidths=1.1, zorder=6,
    )  # fmt: skip
    if len(plan.built) <= 60:
        for site in plan.built:
            axes.annotate(
                str(site.order), (site.place.longitude, site.place.latitude), xytext=(6, 4),
                textcoords="offset points", fontsize=9, fontweight="bold", color="#4a0d11", zorder=7,
                path_effects=[effects.withStroke(linewidth=2.2, foreground="white")],
            )  # fmt: skip


def _scale(
    axes: Any, frame: tuple[float, float, float, float], stretch: float, words: dict[str, str]
) -> None:
    west, east, south, north = frame
    kilometre = stretch / (math.radians(1.0) * 6371.0)
    span = (east - west) / kilometre
    length = next(
        step for step in (500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5) if step <= span / 4 or step == 0.5
    )
    left, y = east - length * kilometre, south - 0.018 * (north - south)
    axes.plot([left, east], [y, y], color="#222222", linewidth=3, solid_capstyle="butt", clip_on=False)
    axes.text(
        left - 0.008 * (east - west), y, words["kilometres"].format(length), ha="right", va="center", fontsize=9,
        color="#222222",
    )  # fmt: skip


def _legend(  # type: ignore[no-untyped-def]
    figure: Any, axes: Any, inputs: Inputs, plan: Plan, words: dict[str, str], total_w, total_h, wide, high
) -> None:
    from matplotlib.lines import Line2D

    def mark(marker: str, colour: str, size: float, label: str) -> Any:
        return Line2D(
            [], [], linestyle="none", marker=marker, markerfacecolor=colour, markeredgecolor="#444444",
            markeredgewidth=0.4, markersize=size, label=label,
        )  # fmt: skip

    handles = [mark("^", _SITE, 10, words["site"])]
    if inputs.standing:
        handles.append(mark("^", _STANDING, 7, words["standing"]))
    if inputs.fibre:
        handles.append(mark("s", _FIBRE, 7, words["fibre"]))
    if any(site.route.hops for site in plan.built):
        handles.append(Line2D([], [], color=_FIBRE, linewidth=1.4, label=words["hop"]))
    handles.append(mark("o", _NEW, 7, words["new"]))
    if plan.standing.any():
        handles.append(mark("o", _ALREADY, 7, words["already"]))
    handles.append(mark("o", _MISSED, 7, words["no"]))
    left = (0.3 + wide + 0.12) / total_w
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(left, (0.5 + high) / total_h), frameon=False,
        alignment="left", labelspacing=0.8, borderaxespad=0.2,
    )  # fmt: skip
    figure.text(left + 0.1 / total_w, 0.55 / total_h, words["size"], fontsize=8.5, color="#555555")
