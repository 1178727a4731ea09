"""What a person sees of an import: a report, and a map of all that was guessed, as a page and as GeoJSON."""

from __future__ import annotations

import json
from collections import Counter
from html import escape
from pathlib import Path
from typing import Any

from lumbung.city.importing.guesses import KINDS, Guess
from lumbung.city.importing.measured import GOOD_GEH, share_good
from lumbung.city.importing.model import Model
from lumbung.city.pictures import LINE, SOFT, STREET, svg

LANGUAGES = ("en", "id", "zh")
_SIGNAL, _MISSING, _GOOD, _BAD, _FIXED = "#0072b2", "#d55e00", "#009e73", "#cc3311", "#7a5195"
# Beyond so many rows of a kind, the page says how many more the table holds.
MOST_ROWS = 60
_WORDS: dict[str, tuple[str, str, str]] = {
    "title": (
        "What was guessed: {name}",
        "Yang harus ditebak: {name}",
        "导入时的推测：{name}",
    ),
    "network": (
        "{streets} streets of the map became {edges} directed streets with {signals} signals. People drive on the {side} ({why}).",
        "{streets} jalan pada peta menjadi {edges} ruas berarah dengan {signals} sinyal. Lalu lintas berjalan di sisi {side} ({why}).",
        "地图上的 {streets} 条道路转换为 {edges} 条有向路段，含 {signals} 处信号灯。车辆靠{side}行驶（{why}）。",
    ),
    "left": ("left", "kiri", "左"),
    "right": ("right", "kanan", "右"),
    "cut": (
        "{count} streets are cut by the extract's border.",
        "{count} jalan terpotong batas cuplikan peta.",
        "{count} 条道路被截取范围切断。",
    ),
    "guessed": (
        "Guessed, since the map does not say ({corrected} corrected by you):",
        "Ditebak karena tidak ada pada peta ({corrected} sudah Anda koreksi):",
        "地图未载明、由程序推测的内容（其中 {corrected} 项已由您更正）：",
    ),
    "side": ("side of the road", "sisi jalan", "行车方向"),
    "sidewalks": ("sidewalks and crossings", "trotoar dan penyeberangan", "人行道与过街横道"),
    "lanes": ("lanes", "jumlah lajur", "车道数"),
    "speed": ("speed limits", "batas kecepatan", "限速"),
    "signal": ("crossings that may lack a signal", "persimpangan yang mungkin bersinyal", "可能遗漏信号灯的路口"),
    "plan": ("signal plans", "rencana waktu sinyal", "信号配时方案"),
    "place": ("places of counting", "titik pencacahan", "流量观测点"),
    "counts": (
        "Counts: {rows} intervals at {places} places; {lost} places were not found; {gaps} gaps.",
        "Cacahan: {rows} selang waktu di {places} titik; {lost} titik tidak ditemukan; {gaps} data kosong.",
        "流量数据：{places} 个观测点、{rows} 个时段；{lost} 个点未能定位；缺测 {gaps} 处。",
    ),
    "no_end": (
        "no end of some intervals: {number:g} s, the step of the table",
        "sebagian selang tanpa waktu selesai: {number:g} detik, langkah tabel",
        "部分时段没有结束时间：取表格步长 {number:g} 秒",
    ),
    "twice": (
        "intervals that stand twice for a place, their mean taken: {number:g}",
        "selang yang tertulis dua kali untuk satu titik, diambil rata-ratanya: {number:g}",
        "同一观测点重复的时段（取均值）：{number:g}",
    ),
    "days": (
        "{number:g} days: their mean by time of day",
        "{number:g} hari: rata-ratanya menurut jam",
        "{number:g} 天：按时刻取均值",
    ),
    "demand": (
        "{vehicles} vehicles on {routes} routes explain the counts ({begin} to {end}). The routes are generated, not observed.",
        "{vehicles} kendaraan pada {routes} rute menjelaskan cacahan itu ({begin} sampai {end}). Rutenya data bangkitan, bukan hasil pengamatan.",
        "由 {routes} 条路径上的 {vehicles} 辆车拟合观测流量（{begin} 至 {end}）。路径为生成数据，非实测。",
    ),
    "no_counts": (
        "No counts were given: the {vehicles} vehicles ({begin} to {end}) are generated, {rate:.0f} an hour and lane of every way in. No figure from this model says anything about the town.",
        "Tidak ada cacahan: {vehicles} kendaraan ({begin} sampai {end}) adalah data bangkitan, {rate:.0f} per jam per lajur di setiap jalan masuk. Angka dari model ini belum menggambarkan kota yang sebenarnya.",
        "未提供流量数据：{vehicles} 辆车（{begin} 至 {end}）均为生成数据，每条驶入道路每车道每小时 {rate:.0f} 辆。本模型的任何数字都不代表该城市的实际情况。",
    ),
    "geh": (
        "The model carries what was counted: GEH below {limit:g} at {share:.0f} % of {count} places and hours (85 % is asked of a good model).",
        "Model memuat arus yang tercacah: GEH di bawah {limit:g} pada {share:.0f} % dari {count} titik-jam (model yang baik: 85 %).",
        "模型与观测流量的吻合度：{count} 个点·小时中 {share:.0f} % 的 GEH 低于 {limit:g}（良好模型要求 85 %）。",
    ),
    "geh_low": (
        "The model does NOT carry what was counted: GEH below {limit:g} at only {share:.0f} % of {count} places and hours, where 85 % is asked. See geh.csv; often a guessed plan, a missing lane or a wrong place stands behind it.",
        "Model TIDAK memuat arus yang tercacah: GEH di bawah {limit:g} hanya pada {share:.0f} % dari {count} titik-jam, padahal diminta 85 %. Lihat geh.csv; penyebabnya sering rencana sinyal tebakan, lajur yang kurang, atau titik yang keliru.",
        "模型未能再现观测流量：{count} 个点·小时中仅 {share:.0f} % 的 GEH 低于 {limit:g}，而要求为 85 %。详见 geh.csv；常见原因是推测的配时、缺少的车道或错误的观测点。",
    ),
    "buses": (
        "Buses of {day}: {vehicles} departures, {stops} stops; {off} trips have no two stops on the map.",
        "Bus pada {day}: {vehicles} keberangkatan, {stops} halte; {off} perjalanan tidak punya dua halte di peta.",
        "{day} 的公交：{vehicles} 班、{stops} 个站点；{off} 个班次在地图范围内不足两站。",
    ),
    "any_day": ("every day", "setiap hari", "每天"),
    "next": (
        "Correct guesses.csv (column corrected) and import again: corrections are kept. Then: lumbung city retime {folder}",
        "Koreksi guesses.csv (kolom corrected) lalu impor lagi: koreksi Anda dipertahankan. Setelah itu: lumbung city retime {folder}",
        "请在 guesses.csv 的 corrected 列中更正后重新导入，更正会被保留。然后运行：lumbung city retime {folder}",
    ),
    "credit": (
        "Map data © OpenStreetMap contributors, ODbL 1.0.",
        "Data peta © kontributor OpenStreetMap, ODbL 1.0.",
        "地图数据 © OpenStreetMap 贡献者，ODbL 1.0。",
    ),
    "legend_signal": ("signal, plan guessed", "sinyal, rencana ditebak", "信号灯（配时为推测）"),
    "legend_missing": ("signal missing?", "sinyal belum dipetakan?", "疑缺信号灯"),
    "legend_dashed": ("lanes or speed guessed", "lajur atau kecepatan ditebak", "车道或限速为推测"),
    "legend_fixed": ("corrected by you", "sudah Anda koreksi", "已由您更正"),
    "legend_good": ("counted, GEH below {limit:g}", "tercacah, GEH di bawah {limit:g}", "观测点，GEH 低于 {limit:g}"),
    "legend_bad": ("counted, GEH {limit:g} or more", "tercacah, GEH {limit:g} atau lebih", "观测点，GEH 不低于 {limit:g}"),
    "name": ("street", "jalan", "道路"),
    "guess": ("guessed", "tebakan", "推测值"),
    "correction": ("corrected", "koreksi", "更正"),
    "more": ("and {count} more in guesses.csv", "dan {count} lagi di guesses.csv", "另有 {count} 项见 guesses.csv"),
}  # fmt: skip


def say(key: str, language: str, **values: object) -> str:
    """Return a sentence in one of `LANGUAGES`."""
    return _WORDS[key][LANGUAGES.index(language)].format(**values)


def write_pages(model: Model, language: str) -> list[Path]:
    """Write ``report.txt``, ``map.html`` and ``guesses.geojson`` into the model's folder."""
    report, page = model.folder / "report.txt", model.folder / "map.html"
    report.write_text("\n".join(report_lines(model, language)) + "\n", encoding="utf-8")
    page.write_text(_page(model, language), encoding="utf-8")
    places = model.folder / "guesses.geojson"
    places.write_text(json.dumps(_features(model), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [report, page, places]


def summary(model: Model) -> dict[str, Any]:
    """What an import came to, for machines."""
    demand = model.demand
    return {
        "configuration": str(model.configuration),
        "country": model.country.code,
        "side": _side(model),
        "streets": len(model.extract.streets),
        "edges": len(model.graph.edges),
        "signals": model.signals,
        "guesses": dict(Counter(g.kind for g in model.guesses)),
        "corrected": sum(bool(g.corrected) for g in model.guesses),
        "vehicles": model.vehicles,
        "routes": len(demand.routes),
        "generated": "routes" if model.table else "demand",
        "begin_s": demand.intervals[0][0],
        "end_s": demand.intervals[-1][1],
        "counted_places": len(demand.places),
        "places_not_found": model.lost_places,
        "gaps": len(model.table.gaps) if model.table else 0,
        "geh_below_5": round(share_good(model.matches), 4) if model.matches else None,
        "buses": model.buses.vehicles if model.buses else 0,
    }


def _side(model: Model) -> str:
    return next(g.corrected or g.guessed for g in model.guesses if g.kind == "side")


def report_lines(model: Model, language: str) -> list[str]:
    """Say what an import came to."""
    first = next(g for g in model.guesses if g.kind == "side")
    lines = [
        say(
            "network", language, streets=len(model.extract.streets), edges=len(model.graph.edges),
            signals=model.signals, side=say(_side(model), language), why=first.why,
        )
    ]  # fmt: skip
    if model.extract.cut:
        lines.append(say("cut", language, count=model.extract.cut))
    lines += _demand_lines(model, language)
    if model.buses:
        b = model.buses
        day = b.day or say("any_day", language)
        lines.append(say("buses", language, day=day, vehicles=b.vehicles, stops=b.stops, off=b.off_map))
    corrected = sum(bool(g.corrected) for g in model.guesses)
    lines += ["", say("guessed", language, corrected=corrected)]
    count = Counter(g.kind for g in model.guesses)
    lines += [f"  - {say(kind, language)}: {count[kind]}" for kind in KINDS if count[kind]]
    return [*lines, "", say("next", language, folder=model.folder), say("credit", language)]


def _demand_lines(model: Model, language: str) -> list[str]:
    from lumbung.city.importing.demand import GUESSED_PER_LANE

    demand, table = model.demand, model.table
    hours = {"begin": _clock(demand.intervals[0][0]), "end": _clock(demand.intervals[-1][1])}
    if table is None:
        return [say("no_counts", language, vehicles=model.vehicles, rate=GUESSED_PER_LANE, **hours)]
    lines = [
        say(
            "counts", language, rows=len(table.rows), places=len(demand.places) + model.lost_places,
            lost=model.lost_places, gaps=len(table.gaps),
        )
    ]  # fmt: skip
    lines += [f"  - {say(note, language, number=number)}" for note, number in table.notes]
    lines.append(say("demand", language, vehicles=model.vehicles, routes=len(demand.routes), **hours))
    share = share_good(model.matches)
    key = "geh" if share >= 0.85 else "geh_low"
    lines.append(say(key, language, limit=GOOD_GEH, share=100 * share, count=len(model.matches)))
    return lines


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600 % 24:02d}:{whole // 60 % 60:02d}"


def _worst_geh(model: Model) -> dict[str, float]:
    worst: dict[str, float] = {}
    for m in model.matches:
        worst[m.edge] = max(worst.get(m.edge, 0.0), m.geh)
    return worst


def _features(model: Model) -> dict[str, Any]:
    features = []
    for g in model.guesses:
        if g.lat is not None and g.lon is not None:
            told = {
                "kind": g.kind,
                "id": g.id,
                "name": g.name,
                "guessed": g.guessed,
                "corrected": g.corrected,
            }
            features.append(_point(g.lat, g.lon, {**told, "why": g.why}))
    for name, geh in _worst_geh(model).items():
        edge = model.graph.edges[name]
        lat, lon = model.graph.plane.degrees(*edge.shape[-1])
        features.append(
            _point(lat, lon, {"kind": "counted", "id": name, "name": edge.name, "geh": round(geh, 2)})
        )
    return {"type": "FeatureCollection", "features": features}


def _point(lat: float, lon: float, properties: dict[str, Any]) -> dict[str, Any]:
    where = {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]}
    return {"type": "Feature", "geometry": where, "properties": properties}


def draw_map(model: Model) -> str:
    """Draw the streets with what was guessed of them; names are in the tips."""
    graph = model.graph
    points = [p for edge in graph.edges.values() for p in edge.shape]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    scale = 920 / max(east - west, north - south, 1.0)
    height = (north - south) * scale + 40

    def place(x: float, y: float) -> tuple[float, float]:
        return 20 + (x - west) * scale, height - 20 - (y - south) * scale

    said = {(g.kind, g.id): g for g in model.guesses}
    body = []
    for edge in graph.edges.values():
        line = "L".join("{:.1f} {:.1f}".format(*place(*p)) for p in edge.shape)
        lanes, speed = said.get(("lanes", str(edge.way))), said.get(("speed", str(edge.way)))
        fixed = any(g and g.corrected for g in (lanes, speed))
        dashes = ' stroke-dasharray="5 3"' if (lanes or speed) and not fixed else ""
        colour = _FIXED if fixed else STREET if not (lanes or speed) else SOFT
        body.append(
            f'<path d="M{line}" fill="none" stroke="{colour}" stroke-width="{1 + 0.8 * edge.lanes:.1f}"{dashes}>'
            f"<title>{escape(edge.name)} ({escape(edge.id)}): {edge.lanes} × {edge.speed * 3.6:.0f} km/h</title></path>"
        )
    for name, geh in _worst_geh(model).items():
        x, y = place(*graph.edges[name].shape[-1])
        colour = _GOOD if geh < GOOD_GEH else _BAD
        body.append(
            f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}" stroke="#fff">'
            f"<title>{escape(graph.edges[name].name)} ({escape(name)}): GEH {geh:.1f}</title></rect>"
        )
    body += [_mark(g, *place(*graph.plane.place(g.lat, g.lon))) for g in model.guesses
             if g.kind in ("signal", "plan") and g.lat is not None and g.lon is not None]  # fmt: skip
    return svg((east - west) * scale + 40, height, body)


def _mark(g: Guess, x: float, y: float) -> str:
    colour = _FIXED if g.corrected else _MISSING if g.kind == "signal" else _SIGNAL
    fill = "#fff" if g.kind == "signal" and not g.corrected else colour
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{fill}" stroke="{colour}" stroke-width="2.5">'
        f"<title>{escape(g.name)} ({escape(g.id)}): {escape(g.corrected or g.guessed)}</title></circle>"
    )


_STYLE = (
    "p{margin:.4rem 0}body{font-family:system-ui,'Noto Sans','Noto Sans CJK SC',sans-serif;max-width:62rem;margin:1.5rem auto;"
    "padding:0 1rem;color:#1c2430;background:#fff;line-height:1.45}svg{width:100%;height:auto;border:1px solid "
    f"{LINE};border-radius:4px}}.wide{{overflow-x:auto}}table{{border-collapse:collapse;width:100%;font-size:.9rem}}"
    f"td,th{{border-bottom:1px solid {LINE};padding:.25rem .5rem;text-align:left;vertical-align:top}}"
    "ul.key{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}ul.key b{display:inline-block;"
    "width:.85em;height:.85em;margin-right:.4em;border:2.5px solid;border-radius:50%;vertical-align:-.1em}"
    "ul.key b.square{border-radius:0}"
    "@media (prefers-color-scheme:dark){body{background:#14181f;color:#e6e9ee}td,th{border-color:#3a424e}}"
    "@media print{body{margin:0}}"
)


def _page(model: Model, language: str) -> str:
    title = escape(say("title", language, name=model.extract.path.name))
    told = "".join(
        f"<p>• {escape(line[4:])}</p>" if line.startswith("  - ") else f"<p>{escape(line)}</p>"
        for line in report_lines(model, language)
        if line
    )
    keys = [
        ("legend_signal", _SIGNAL, _SIGNAL, ""),
        ("legend_missing", _MISSING, "#fff", ""),
        ("legend_fixed", _FIXED, _FIXED, ""),
    ]
    if model.matches:
        keys += [("legend_good", _GOOD, _GOOD, "square"), ("legend_bad", _BAD, _BAD, "square")]
    legend = f"<li>╌╌ {escape(say('legend_dashed', language))}</li>" + "".join(
        f'<li><b class="{shape}" style="border-color:{ink};background:{fill}"></b>'
        f"{escape(say(key, language, limit=GOOD_GEH))}</li>"
        for key, ink, fill, shape in keys
    )
    tables = "".join(_table(model, kind, language) for kind in KINDS)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>'
        f'{told}<ul class="key">{legend}</ul>{draw_map(model)}{tables}</body></html>\n'
    )


def _table(model: Model, kind: str, language: str) -> str:
    rows = [g for g in model.guesses if g.kind == kind]
    if not rows:
        return ""
    rows.sort(key=lambda g: not g.corrected)
    heads = "".join(
        f"<th>{escape(text)}</th>"
        for text in ("id", *(say(key, language) for key in ("name", "guess", "correction")))
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td>{escape(text)}</td>" for text in (g.id, g.name, g.guessed, g.corrected))
        + "</tr>"
        for g in rows[:MOST_ROWS]
    )
    more = (
        f"<p>{escape(say('more', language, count=len(rows) - MOST_ROWS))}</p>"
        if len(rows) > MOST_ROWS
        else ""
    )
    name = escape(say(kind, language))
    return f'<h2>{name} ({len(rows)})</h2><div class="wide"><table><tr>{heads}</tr>{body}</table></div>{more}'
