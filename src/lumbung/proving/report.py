"""The report of a contest: one self-contained HTML file, in three languages, that needs no network and no script.

It shows the standing with its intervals, the means per group, the judge's pictures, and the evidence with what to
type to verify it.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from lumbung.proving.challenge import Challenge
from lumbung.proving.faults import Fault
from lumbung.proving.judge import Picture
from lumbung.proving.standing import Row, Standing
from lumbung.proving.text import LANGUAGES, Text

STYLE = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")

_WORDS = {
    "standing": Text("Standing", "Peringkat", "名次"),
    "rank": Text("Rank", "Peringkat", "名次"),
    "range": Text("Rank range", "Rentang peringkat", "名次区间"),
    "solution": Text("Solution", "Solusi", "解决方案"),
    "interval": Text(
        "Mean with {percent} % interval", "Rata-rata dengan selang {percent} %", "均值与 {percent} % 置信区间"
    ),
    "few": Text("too few cases to tell", "kasus uji terlalu sedikit", "用例太少，无法判断"),
    "few_note": Text(
        "Where there are too few cases, they cannot tell how sure the mean is. An interval stands there only where the "
        "metric itself is bounded, and is the widest that fits what was seen.",
        "Bila kasus ujinya terlalu sedikit, belum dapat diketahui seberapa pasti rata-ratanya. Selang hanya ditampilkan bila "
        "metriknya sendiri berbatas, dan itulah selang terlebar yang cocok dengan hasil yang terlihat.",
        "用例太少时，无法判断均值有多可靠。仅当指标自身有上下界时才给出区间，且为与所见结果相符的最宽区间。",
    ),
    "worst": Text("Worst case", "Kasus terburuk", "最差用例"),
    "cases": Text("Cases", "Kasus uji", "用例数"),
    "groups": Text("Mean per group", "Rata-rata per kelompok", "各组均值"),
    "pictures": Text("Pictures", "Gambar", "图示"),
    "faulted": Text("Without a score", "Tanpa skor", "未获评分"),
    "evidence": Text("Evidence", "Bukti", "评测凭证"),
    "verify": Text(
        "Every figure above is computed from these signed records alone. To check one yourself:",
        "Setiap angka di atas dihitung hanya dari catatan bertanda tangan ini. Untuk memeriksanya sendiri:",
        "以上所有数字均只由这些已签名的记录计算得出。您可以自行验证：",
    ),
    "share": Text(
        "Solutions share a rank when the cases cannot tell them apart: they were compared pairwise on the same cases, "
        "for all pairs at once at {percent} % confidence. {better}",
        "Solusi berbagi peringkat bila kasus uji tidak dapat membedakannya: semua pasangan dibandingkan sekaligus pada "
        "kasus uji yang sama dengan tingkat kepercayaan {percent} %. {better}",
        "若用例无法区分若干解决方案，它们并列同一名次：所有方案两两在相同用例上同时比较，置信水平 {percent} %。{better}",
    ),
    "lower": Text("Lower is better.", "Makin kecil makin baik.", "数值越小越好。"),
    "higher": Text("Higher is better.", "Makin besar makin baik.", "数值越大越好。"),
    "geometric": Text(
        "The mean is geometric, so that no group outweighs another by its scale.",
        "Rata-ratanya rata-rata geometrik, agar tidak ada kelompok yang mendominasi karena skalanya.",
        "均值为几何平均，任何一组都不会因量级而占优。",
    ),
    "partial": Text(
        "This is a short run over a part of the cases.",
        "Ini penilaian singkat atas sebagian kasus uji.",
        "这是仅覆盖部分用例的简短评测。",
    ),
}


class Entry(msgspec.Struct, frozen=True):
    """One solution of the report: where its evidence lies, and its fault if it has no score."""

    name: str
    evidence: str
    fault: Fault | None = None


def write_report(
    challenge: Challenge,
    standing: Standing,
    metric: Text,
    entries: Sequence[Entry],
    pictures: Sequence[Picture],
    *,
    signer: str,
    made: datetime,
    partial: bool,
    language: str = "en",
) -> str:
    """Return the report as HTML.

    Parameters
    ----------
    challenge : Challenge
    standing : Standing
    metric : Text
        The ranking metric with its unit.
    entries : sequence of Entry
    pictures : sequence of Picture
        SVG from the judge, embedded as it is: judges are trusted code.
    signer : str
        Id of the key that signed.
    made : datetime
    partial : bool
        Whether only a part of the challenge's cases was judged.
    language : str
        Shown first; the others are a click away.
    """
    percent = f"{standing.confidence * 100:g}"
    sections = [
        f"<section><h2>{_say('standing')}</h2>{_standing(standing, metric, percent)}"
        f"<p class=note>{_explain(challenge, standing, percent)}</p></section>",
        f"<section><h2>{_say('groups')} · {_all(metric)}</h2>{_groups(standing)}</section>"
        if standing.rows
        else "",
        _faults(entries),
        _pictures(pictures),
        _evidence(entries, signer),
    ]
    note = f"<p class=label>{_say('partial')}</p>" if partial else ""
    chosen = language if language in LANGUAGES else "en"
    switches = "".join(
        f"<input type=radio name=language id=show-{code}{' checked' if code == chosen else ''}>"
        f"<label for=show-{code} lang={code}>{name}</label>"
        for code, name in (("en", "English"), ("id", "Indonesia"), ("zh", "中文"))
    )
    return (
        f"<!doctype html><html lang={chosen}><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(challenge.title.in_language(chosen))}</title><style>{STYLE}</style></head><body>"
        f"<nav>{switches}</nav><main><header><p class=brand>Lumbung</p><h1>{_all(challenge.title)}</h1>"
        f"<p>{_all(challenge.summary)}</p>{note}</header>{''.join(sections)}"
        f"<footer>{html.escape(challenge.id)} · v{challenge.version} · {html.escape(challenge.judge)} "
        f"v{challenge.judge_version} · {made:%Y-%m-%d %H:%M} UTC</footer></main></body></html>\n"
    )


def figure(value: float) -> str:
    """Write a figure for people: one decimal from ten on, three significant digits below."""
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.3g}"


def _all(text: Text) -> str:
    """Give a text in every language; the style shows one."""
    return "".join(f"<span lang={code}>{html.escape(text.in_language(code))}</span>" for code in LANGUAGES)


def _say(word: str, **params: object) -> str:
    return _all(_WORDS[word].format(**params) if params else _WORDS[word])


def _explain(challenge: Challenge, standing: Standing, percent: str) -> str:
    better = _WORDS[standing.better]
    parts = {
        code: _WORDS["share"].in_language(code).format(percent=percent, better=better.in_language(code))
        for code in LANGUAGES
    }
    if challenge.ranking.mean == "geometric":
        parts = {code: f"{text} {_WORDS['geometric'].in_language(code)}" for code, text in parts.items()}
    if any(row.few for row in standing.rows):
        parts = {code: f"{text} {_WORDS['few_note'].in_language(code)}" for code, text in parts.items()}
    return _all(Text(**parts))


def _standing(standing: Standing, metric: Text, percent: str) -> str:
    place = _scale(standing.rows)
    head = "".join(
        f"<th>{cell}</th>"
        for cell in (
            _say("rank"),
            _say("range"),
            _say("solution"),
            _all(metric),
            _say("interval", percent=percent),
            _say("worst"),
            _say("cases"),
        )
    )
    body = "".join(_standing_row(row, place) for row in standing.rows)
    return f"<div class=wide><table class=standing><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _standing_row(row: Row, place: Callable[[float], float]) -> str:
    span = f"{row.rank_low}–{row.rank_high}" if row.rank_low != row.rank_high else str(row.rank_low)
    worst = "–" if row.worst is None else f"{figure(row.worst)} <small>{html.escape(row.worst_case)}</small>"
    bounds = (
        ""
        if row.low is None or row.high is None
        else f"<small>{figure(row.low)} – {figure(row.high)}</small>"
    ) + (f"<small class=few>{_say('few')}</small>" if row.few else "")
    return (
        f"<tr><td class=rank>{row.rank}</td><td>{span}</td><td class=name>{html.escape(row.name)}</td>"
        f"<td class=figure>{figure(row.mean)}</td><td>{_bar(row, place)}{bounds}</td><td>{worst}</td><td>{row.cases}</td></tr>"
    )


def _scale(rows: Sequence[Row]) -> Callable[[float], float]:
    figures = [f for row in rows for f in (row.low, row.mean, row.high) if f is not None]
    low, high = (min(figures), max(figures)) if figures else (0.0, 1.0)
    width = (high - low) or 1.0
    return lambda value: 6 + 228 * (value - low) / width


def _bar(row: Row, place: Callable[[float], float]) -> str:
    low, high = row.mean if row.low is None else row.low, row.mean if row.high is None else row.high
    return (
        '<svg class=bar viewBox="0 0 240 16" width=240 height=16 aria-hidden=true>'
        "<line x1=0 x2=240 y1=8 y2=8 class=axis />"
        f'<line x1="{place(low):.1f}" x2="{place(high):.1f}" y1=8 y2=8 class=range />'
        f'<line x1="{place(low):.1f}" x2="{place(low):.1f}" y1=3 y2=13 class=end />'
        f'<line x1="{place(high):.1f}" x2="{place(high):.1f}" y1=3 y2=13 class=end />'
        f'<circle cx="{place(row.mean):.1f}" cy=8 r=3 /></svg>'
    )


def _groups(standing: Standing) -> str:
    names = list(dict.fromkeys(group for row in standing.rows for group in row.groups))
    pick = min if standing.better == "lower" else max
    best = {name: pick(row.groups[name] for row in standing.rows if name in row.groups) for name in names}
    head = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join(
        f"<tr><td class=name>{html.escape(row.name)}</td>"
        + "".join(
            f"<td class='figure{' best' if row.groups.get(name) == best[name] else ''}'>{figure(row.groups.get(name, float('nan')))}</td>"
            for name in names
        )
        + "</tr>"
        for row in standing.rows
    )
    return (
        f"<div class=wide><table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _faults(entries: Sequence[Entry]) -> str:
    faulted = [(entry.name, entry.fault) for entry in entries if entry.fault is not None]
    if not faulted:
        return ""
    items = "".join(
        f"<li><b>{html.escape(name)}</b>: {_all(Text(*(fault.reason(code) for code in LANGUAGES)))}</li>"
        for name, fault in faulted
    )
    return f"<section><h2>{_say('faulted')}</h2><ul>{items}</ul></section>"


def _pictures(pictures: Sequence[Picture]) -> str:
    by_group: Mapping[str, list[Picture]] = {p.group: [] for p in pictures}
    for picture in pictures:
        by_group[picture.group].append(picture)
    sections = []
    for group, members in by_group.items():
        heading = html.escape(group) if group else _say("pictures")
        figures = "".join(
            f"<figure>{p.svg}<figcaption>{_all(p.title)}</figcaption></figure>" for p in members
        )
        sections.append(f"<section><h2>{heading}</h2><div class=figures>{figures}</div></section>")
    return "".join(sections)


def _evidence(entries: Sequence[Entry], signer: str) -> str:
    items = "".join(
        f"<li>{html.escape(entry.name)}: <code>lumbung verify {html.escape(entry.evidence)}</code></li>"
        for entry in entries
    )
    return f"<section><h2>{_say('evidence')}</h2><p>{_say('verify')}</p><ul>{items}</ul><p class=note><code>{signer}</code></p></section>"
