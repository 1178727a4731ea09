"""What retiming hands to an engineer: programs for SUMO, one table, one printable page per junction, one map."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from lumbung.city.engine.episode import Settings
from lumbung.city.engine.plans import plan_program
from lumbung.city.engine.programs import ProgramPhase
from lumbung.city.engine.topology import Junction, Topology
from lumbung.city.pictures import INK, LINE, SOFT, STREET, svg
from lumbung.city.retiming.retime import Difference, Period, Retiming, export
from lumbung.city.signals import file_name, served_by

LANGUAGES = ("en", "id", "zh")
_GREEN, _GIVES_WAY, _YELLOW, _RED = "#1a9850", "#a6d96a", "#fee08b", "#d73027"
_WORDS: dict[str, tuple[str, str, str]] = {
    "junction": ("Junction {name}", "Persimpangan {name}", "路口 {name}"),
    "from_to": ("{begin} to {end}", "{begin} sampai {end}", "{begin} 至 {end}"),
    "cycle": (
        "cycle {cycle} s, offset {offset} s",
        "siklus {cycle} detik, ofset {offset} detik",
        "周期 {cycle} 秒，相位差 {offset} 秒",
    ),
    "starts": ("starts [s]", "mulai [detik]", "开始［秒］"),
    "lasts": ("lasts [s]", "lama [detik]", "时长［秒］"),
    "on_foot": ("on foot over {streets}", "pejalan kaki melintasi {streets}", "行人过 {streets}"),
    "green_for": ("green for", "hijau untuk", "放行"),
    "lost": (
        "Lost on its approaches: {before:.2f} vehicle-hours per hour today, {after:.2f} with this plan "
        "(change {low:+.2f} to {high:+.2f}, 95 %, seeds {first} to {last}).",
        "Waktu yang hilang di pendekatnya: sekarang {before:.2f} kendaraan-jam per jam, dengan rencana ini {after:.2f} "
        "(perubahan {low:+.2f} sampai {high:+.2f}, 95 %, benih acak {first} sampai {last}).",
        "进口道损失：现行每小时 {before:.2f} 车·小时，本方案 {after:.2f}（变化 {low:+.2f} 至 {high:+.2f}，95 %，随机种子 {first} 至 {last}）。",
    ),
    "worse": (
        "This junction LOSES by the new plan.",
        "Persimpangan ini DIRUGIKAN oleh rencana baru.",
        "新方案使本路口变差。",
    ),
    "better": (
        "The new plans are better than today's: mean delay {after:.1f} s against {before:.1f} s ({change:+.1f} %; 95 % "
        "interval of the difference {low:+.1f} to {high:+.1f} s), seeds {first} to {last}, on none of which they were chosen.",
        "Rencana baru lebih baik daripada yang berlaku: tundaan rata-rata {after:.1f} detik, sekarang {before:.1f} detik "
        "({change:+.1f} %; selang 95 % selisihnya {low:+.1f} sampai {high:+.1f} detik), benih acak {first} sampai {last}, yang "
        "tidak satu pun dipakai untuk memilih.",
        "新方案优于现行方案：平均延误 {after:.1f} 秒，现行 {before:.1f} 秒（{change:+.1f} %；差值的 95 % 区间 {low:+.1f} 至 "
        "{high:+.1f} 秒），随机种子 {first} 至 {last}，均未用于选择方案。",
    ),
    "not_better": (
        "No plan was written: none that was found is surely better than today's. The best had a mean delay of {after:.1f} s "
        "against {before:.1f} s ({change:+.1f} %; 95 % interval of the difference {low:+.1f} to {high:+.1f} s), seeds {first} "
        "to {last}.",
        "Tidak ada rencana yang ditulis: tidak ditemukan yang pasti lebih baik daripada yang berlaku. Yang terbaik tundaannya "
        "{after:.1f} detik, sekarang {before:.1f} detik ({change:+.1f} %; selang 95 % selisihnya {low:+.1f} sampai {high:+.1f} "
        "detik), benih acak {first} sampai {last}.",
        "未写出任何方案：所找到的方案均不能确定优于现行方案。最好者平均延误 {after:.1f} 秒，现行 {before:.1f} 秒（{change:+.1f} %；"
        "差值的 95 % 区间 {low:+.1f} 至 {high:+.1f} 秒），随机种子 {first} 至 {last}。",
    ),
    "losers": ("Junctions that lose:", "Persimpangan yang dirugikan:", "变差的路口："),
    "none": ("none surely", "tidak ada yang pasti", "无确定变差者"),
    "notes": (
        "Of your configuration, this did not run as written:",
        "Bagian konfigurasi Anda yang tidak dijalankan apa adanya:",
        "您的配置中下列内容未按原样运行：",
    ),
    "diagram": (
        "Greens through the cycle, by approach; the light part of a green gives way.",
        "Hijau sepanjang siklus, menurut pendekat; bagian yang terang harus memberi jalan.",
        "各进口道在一个周期内的绿灯；浅色表示须让行。",
    ),
}


def say(key: str, language: str, **values: object) -> str:
    """Return a sentence in one of `LANGUAGES`."""
    return _WORDS[key][LANGUAGES.index(language)].format(**values)


def write_retiming(
    topology: Topology, retiming: Retiming, settings: Settings, notes: Sequence[str], out: Path, language: str
) -> list[Path]:
    """Write the report, and the plans where they are better than today's.

    Parameters
    ----------
    topology : Topology
    retiming : Retiming
    settings : Settings
    notes : sequence of str
        Of the scenario.
    out : Path
        Folder; what an earlier run wrote there is replaced or removed.
    language : str
        Of the pages.

    Returns
    -------
    list of Path
        ``report.txt``, ``junctions.csv``, ``map.svg``; and, where exported, ``programs.add.xml``, ``plans.csv`` and
        ``pages/JUNCTION.html``.
    """
    out.mkdir(parents=True, exist_ok=True)
    for old in ("programs.add.xml", "plans.csv"):
        (out / old).unlink(missing_ok=True)
    for name in topology.junctions:
        (out / "pages" / f"{file_name(name)}.html").unlink(missing_ok=True)
    written = [
        _report(out / "report.txt", retiming, notes, language),
        _junctions(out / "junctions.csv", retiming),
    ]
    (out / "map.svg").write_text(draw_map(topology, retiming.junctions), encoding="utf-8")
    written.append(out / "map.svg")
    if not retiming.exported:
        return written
    (out / "programs.add.xml").write_text(export(topology, retiming.periods, settings), encoding="utf-8")
    written += [out / "programs.add.xml", _table(out / "plans.csv", topology, retiming, settings)]
    (out / "pages").mkdir(exist_ok=True)
    for name, junction in topology.junctions.items():
        page = out / "pages" / f"{file_name(name)}.html"
        page.write_text(_page(junction, retiming, settings, language), encoding="utf-8")
        written.append(page)
    return written


def _verdict(retiming: Retiming, language: str) -> str:
    d = retiming.delay
    return say(
        "better" if retiming.exported else "not_better",
        language,
        before=d.before,
        after=d.after,
        low=d.low,
        high=d.high,
        change=100 * (d.after / d.before - 1) if d.before else 0.0,
        first=retiming.unseen[0],
        last=retiming.unseen[-1],
    )


def _report(path: Path, retiming: Retiming, notes: Sequence[str], language: str) -> Path:
    losers = [name for name, d in retiming.junctions.items() if d.worse]
    lines = [_verdict(retiming, language), ""]
    lines.append(say("losers", language) + " " + (", ".join(losers) or say("none", language)))
    if notes:
        lines += ["", say("notes", language), *(f"  - {note}" for note in notes)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _junctions(path: Path, retiming: Retiming) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["junction", "before_veh_h_per_h", "after_veh_h_per_h", "change_low", "change_high"])
        for name, d in retiming.junctions.items():
            writer.writerow([name, *(f"{v:.3f}" for v in (d.before, d.after, d.low, d.high))])
    return path


def _table(path: Path, topology: Topology, retiming: Retiming, settings: Settings) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["junction", "from", "to", "cycle_s", "offset_s", "starts_s", "lasts_s", "state", "green_for"]
        )
        for name, junction in topology.junctions.items():
            for period in retiming.periods:
                steps = plan_program(junction, period.plans[name], settings.rules)
                cycle = sum(step.duration for step in steps)
                start = 0
                for step in steps:
                    head = [
                        name,
                        clock(period.begin),
                        clock(period.end),
                        cycle,
                        period.plans[name].offset % cycle,
                    ]
                    writer.writerow(
                        [*head, start, step.duration, step.state, served_by(junction, step.state)]
                    )
                    start += step.duration
    return path


def clock(seconds: float) -> str:
    """Write a simulated time as a clock shows it."""
    whole = round(seconds)
    return f"{whole // 3600 % 24:02d}:{whole // 60 % 60:02d}"


def _page(junction: Junction, retiming: Retiming, settings: Settings, language: str) -> str:
    d = retiming.junctions[junction.id]
    lost = say(
        "lost", language, before=d.before, after=d.after, low=d.low, high=d.high,
        first=retiming.unseen[0], last=retiming.unseen[-1],
    )  # fmt: skip
    title = escape(say("junction", language, name=junction.id))
    parts = [f"<h1>{title}</h1>", f"<p>{escape(lost)}</p>"]
    if d.worse:
        parts.append(f"<p><strong>{escape(say('worse', language))}</strong></p>")
    parts += [_plan_part(junction, period, settings, language) for period in retiming.periods]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title><style>'
        "body{font-family:system-ui,'Noto Sans','Noto Sans CJK SC',sans-serif;max-width:46rem;margin:1.5rem auto;"
        f"padding:0 1rem;color:{INK}}}table{{border-collapse:collapse;width:100%}}td,th{{border-bottom:1px solid {LINE};"
        "padding:.25rem .5rem;text-align:left;vertical-align:top}code{font-size:.8rem;overflow-wrap:anywhere}"
        "svg{width:100%;height:auto}@media print{body{margin:0}}</style></head><body>"
        + "".join(parts)
        + "</body></html>\n"
    )


def _plan_part(junction: Junction, period: Period, settings: Settings, language: str) -> str:
    plan = period.plans[junction.id]
    steps = plan_program(junction, plan, settings.rules)
    cycle = sum(step.duration for step in steps)
    on_foot = say("on_foot", language, streets="{streets}")
    rows, start = [], 0
    for step in steps:
        rows.append(
            f"<tr><td>{start}</td><td>{step.duration}</td><td>{escape(served_by(junction, step.state, on_foot))}"
            f"<br><code>{step.state}</code></td></tr>"
        )
        start += step.duration
    heads = "".join(f"<th>{escape(say(k, language))}</th>" for k in ("starts", "lasts", "green_for"))
    hours = say("from_to", language, begin=clock(period.begin), end=clock(period.end))
    length = say("cycle", language, cycle=cycle, offset=plan.offset % cycle)
    return (
        f"<h2>{escape(hours)}: {escape(length)}</h2>{draw_plan(junction, steps)}"
        f"<p>{escape(say('diagram', language))}</p><table><tr>{heads}</tr>{''.join(rows)}</table>"
    )


def draw_plan(junction: Junction, steps: Sequence[ProgramPhase]) -> str:
    """Draw who has green when: one bar per movement and crossing, time to the right."""
    cycle = max(sum(step.duration for step in steps), 1)
    rows = [(f"{m.edge_in} > {m.edge_out}", m.links) for m in junction.movements]
    rows += [(" + ".join(c.streets), (c.index,)) for c in junction.crossings]
    left, width, row = 230.0, 760.0, 18.0
    scale = (width - left - 20) / cycle
    body = []
    for number, (label, links) in enumerate(rows):
        y = 10 + number * row
        short = label if len(label) <= 34 else label[:33] + "…"
        body.append(
            f'<text x="{left - 8}" y="{y + 12}" text-anchor="end" font-size="11">{escape(short)}</text>'
        )
        x = left
        for step in steps:
            letters = {step.state[i] for i in links}
            colour = _GREEN if "G" in letters else _GIVES_WAY if "g" in letters else _RED
            if colour == _RED and "y" in letters:
                colour = _YELLOW
            tall = 4 if colour == _RED else 12
            body.append(
                f'<rect x="{x:.1f}" y="{y + 8 - tall / 2:.1f}" width="{step.duration * scale:.1f}" height="{tall}" '
                f'fill="{colour}"/>'
            )
            x += step.duration * scale
    bottom = 16 + len(rows) * row
    for second in range(0, cycle + 1, 10):
        x = left + second * scale
        body.append(
            f'<text x="{x:.1f}" y="{bottom + 10}" text-anchor="middle" font-size="10" fill="{SOFT}">{second}</text>'
        )
    return svg(width, bottom + 18, body)


def draw_map(topology: Topology, junctions: Mapping[str, Difference]) -> str:
    """Draw the network with its signals: green where the new plan is better, red where it loses, grey undecided."""
    points = [p for lane in topology.lanes.values() for p in lane.shape]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    scale = 720 / max(east - west, north - south, 1.0)
    height = (north - south) * scale + 60

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return 20 + (point[0] - west) * scale, height - 30 - (point[1] - south) * scale

    body = []
    for lane in topology.lanes.values():
        path = "L".join("{:.1f} {:.1f}".format(*place(p)) for p in lane.shape)
        body.append(f'<path d="M{path}" fill="none" stroke="{STREET}" stroke-width="1.5"/>')
    for name, junction in topology.junctions.items():
        d = junctions[name]
        x, y = place((junction.x, junction.y))
        colour = _GREEN if d.better else _RED if d.worse else SOFT
        size = 4 + 3 * math.sqrt(max(d.before, 0.0))
        body.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{min(size, 18):.1f}" fill="{colour}" fill-opacity=".75">'
            f"<title>{escape(name)}: {d.before:.2f} → {d.after:.2f}</title></circle>"
        )
    return svg((east - west) * scale + 40, height, body)
