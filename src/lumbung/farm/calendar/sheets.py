"""A sheet per site to print and pin up: what is advised, how sure that is, and what the figures do not know. One file, nothing fetched."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from lumbung.farm.calendar.margins import Prices
from lumbung.farm.calendar.pictures import site_picture, start_name
from lumbung.farm.calendar.season import STARTS, Decision, Ensemble, within_horizon

WORDS = {
    "en": {
        "title": "Planting advice: {site}",
        "plant": "Begin {start} with {variety}",
        "window": "The window is {first} to {last}.",
        "horizon": "The season was to begin between {first} and {last}.",
        "yield": "Expected yield {mean} kg/ha; in 8 of 10 coming seasons between {low} and {high} kg/ha.",
        "risk": "Chance of less than {failure} kg/ha: {risk} (between {low} and {high}).",
        "margin": "Expected margin {mean} per hectare; in 8 of 10 coming seasons between {low} and {high}. Chance of earning less than {least}: {loss}.",
        "water": "Irrigation, land preparation included: {irrigation} mm. Rain of the season: {rain} mm.",
        "habit": "Against the habitual start, {start}: {gain} {unit} (90 % interval {low} to {high}).",
        "unsure": "The interval holds nought: the record does not show that moving the date pays.",
        "starts": "Starts compared ({variety})",
        "start": "start", "mean": "yield kg/ha", "band": "8 of 10 seasons", "chance": "risk", "irrigation": "irrigation mm",
        "years": "years", "marks": "Bold: in the window. Grey: outside the horizon.",
        "source": "Weather: {source}. {years} years. Soil: {soil}.",
        "generated": "GENERATED WEATHER, nobody measured it",
        "unknown": "These figures know no nitrogen, pests, weeds, floods or typhoons. They are to compare dates and varieties, and promise no harvest.",
        "kg": "kg/ha", "money": "per hectare",
    },
    "id": {
        "title": "Saran tanam: {site}",
        "plant": "Mulai {start} dengan {variety}",
        "window": "Jendela tanam {first} sampai {last}.",
        "horizon": "Musim diminta mulai antara {first} dan {last}.",
        "yield": "Hasil panen harapan {mean} kg/ha; pada 8 dari 10 musim mendatang antara {low} dan {high} kg/ha.",
        "risk": "Peluang hasil di bawah {failure} kg/ha: {risk} (antara {low} dan {high}).",
        "margin": "Margin harapan {mean} per hektare; pada 8 dari 10 musim mendatang antara {low} dan {high}. Peluang margin di bawah {least}: {loss}.",
        "water": "Irigasi, termasuk pengolahan tanah: {irrigation} mm. Hujan selama musim: {rain} mm.",
        "habit": "Dibanding kebiasaan mulai {start}: {gain} {unit} (selang 90 %: {low} sampai {high}).",
        "unsure": "Selang ini memuat nol: catatan cuaca belum menunjukkan bahwa menggeser tanggal menguntungkan.",
        "starts": "Awal tanam yang dibandingkan ({variety})",
        "start": "mulai", "mean": "hasil kg/ha", "band": "8 dari 10 musim", "chance": "risiko", "irrigation": "irigasi mm",
        "years": "tahun", "marks": "Tebal: dalam jendela tanam. Abu-abu: di luar rentang.",
        "source": "Cuaca: {source}. {years} tahun. Tanah: {soil}.",
        "generated": "CUACA BANGKITAN, bukan hasil pengukuran",
        "unknown": "Angka-angka ini tidak memperhitungkan nitrogen, hama, gulma, banjir, maupun topan. Gunanya membandingkan tanggal dan varietas, bukan menjanjikan panen.",
        "kg": "kg/ha", "money": "per hektare",
    },
    "zh": {
        "title": "播种建议：{site}",
        "plant": "{start}起，品种 {variety}",
        "window": "播种窗口期：{first}至{last}。",
        "horizon": "要求起始于{first}至{last}之间。",
        "yield": "期望产量 {mean} 公斤/公顷；未来十季中有八季在 {low} 至 {high} 公斤/公顷之间。",
        "risk": "产量低于 {failure} 公斤/公顷的概率：{risk}（{low} 至 {high}）。",
        "margin": "期望净收益每公顷 {mean}；未来十季中有八季在 {low} 至 {high} 之间。低于 {least} 的概率：{loss}。",
        "water": "灌溉（含整地泡田）：{irrigation} 毫米。季内降水：{rain} 毫米。",
        "habit": "与习惯播期 {start} 相比：{gain} {unit}（90 % 区间 {low} 至 {high}）。",
        "unsure": "该区间包含零：现有记录不足以说明改变播期有利。",
        "starts": "各起始日期比较（{variety}）",
        "start": "起始", "mean": "产量 公斤/公顷", "band": "十季中八季", "chance": "风险", "irrigation": "灌溉 毫米",
        "years": "年数", "marks": "粗体：窗口期内。灰色：要求范围之外。",
        "source": "气象：{source}。{years} 年。土壤：{soil}。",
        "generated": "生成气象数据（非实测）",
        "unknown": "上述数字未计氮素、病虫草害、洪涝与台风，用于比较日期与品种，并非收成承诺。",
        "kg": "公斤/公顷", "money": "每公顷",
    },
}  # fmt: skip
_LANGUAGES = {"en": "en", "id": "id", "zh": "zh-Hans"}
_STYLE = """@page{size:A4;margin:14mm}body{font:11pt/1.45 system-ui,"Noto Sans","Noto Sans CJK SC",sans-serif;color:#1c2430;max-width:180mm;
margin:auto}h1{font-size:17pt;margin:0 0 2mm}h2{font-size:12pt;margin:5mm 0 1mm}.do{font-size:15pt;font-weight:700;color:#1d6b4c;margin:0 0 2mm}
p{margin:0 0 1.5mm}table{border-collapse:collapse;font-size:8.5pt;width:100%}td,th{padding:.4mm 2mm;text-align:right;border-bottom:1px solid #d9dee5}
td:first-child,th:first-child{text-align:left}tr.in td{font-weight:700}tr.out td{color:#8a94a3}.warn{color:#b3261e;font-weight:700}
.small{font-size:9pt;color:#5b6675}svg{width:100%;height:auto}"""


def sheet(
    ensemble: Ensemble,
    decision: Decision,
    first_period: int,
    failure: float,
    language: str = "en",
    prices: Prices | None = None,
    least_margin: float = 0.0,
) -> str:
    """Return a site's sheet as a whole HTML page for A4.

    Parameters
    ----------
    ensemble, decision, first_period, failure
        As for the picture.
    language
        "en", "id" or "zh".
    prices, least_margin
        As the decision was made with.
    """
    words, outlook, site = WORDS[language], decision.outlook, ensemble.site
    at = decision.variety, decision.start

    def date(start: int) -> str:
        return start_name((first_period + start) % STARTS, language)

    said = [words["window"].format(first=date(decision.window[0]), last=date(decision.window[1]))]
    if site.within is not None:
        first, last = (start_name(period, language) for period in site.within)
        said.append(words["horizon"].format(first=first, last=last))
    said += [
        words["yield"].format(mean=_whole(outlook.expected[at]), low=_whole(outlook.low[at]), high=_whole(outlook.high[at])),
        words["risk"].format(
            failure=f"{failure:g}", risk=f"{outlook.risk[at]:.0%}", low=f"{outlook.risk_low[at]:.0%}", high=f"{outlook.risk_high[at]:.0%}"
        ),
    ]  # fmt: skip
    if prices is not None:
        said.append(
            words["margin"].format(
                mean=_whole(outlook.margin[at]), low=_whole(outlook.margin_low[at]), high=_whole(outlook.margin_high[at]),
                least=_whole(least_margin), loss=f"{outlook.loss[at]:.0%}",
            )
        )  # fmt: skip
    said.append(
        words["water"].format(irrigation=_whole(outlook.irrigation[at]), rain=_whole(outlook.rain[at]))
    )
    if decision.habitual is not None and np.isfinite(decision.gain):
        unit = words["kg" if prices is None else "money"]
        said.append(
            words["habit"].format(
                start=date(decision.habitual), gain=f"{decision.gain:+,.0f}", unit=unit,
                low=f"{decision.gain_low:+,.0f}", high=f"{decision.gain_high:+,.0f}",
            )
        )  # fmt: skip
        if decision.gain_low <= 0.0 <= decision.gain_high:
            said.append(words["unsure"])
    source = words["source"].format(
        source=site.weather.source or site.weather.name, years=int(outlook.years[at]), soil=site.soil.name
    )
    warning = f'<p class="warn">{escape(words["generated"])}</p>' if site.weather.generated else ""
    title = escape(words["title"].format(site=site.name))
    advice = words["plant"].format(start=date(decision.start), variety=site.varieties[decision.variety].name)
    return (
        f'<!doctype html><html lang="{_LANGUAGES[language]}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>{warning}"
        f'<p class="do">{escape(advice)}</p>{_paragraphs(said)}'
        f"{site_picture(ensemble, decision, first_period, failure, language)}"
        f"<h2>{escape(words['starts'].format(variety=site.varieties[decision.variety].name))}</h2>"
        f"{_starts(ensemble, decision, first_period, language)}"
        f'<p class="small">{escape(words["marks"])} {escape(source)}</p><p class="small">{escape(words["unknown"])}</p></body></html>'
    )


def _whole(value: float) -> str:
    return f"{value:,.0f}" if np.isfinite(value) else "–"


def _paragraphs(texts: Sequence[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts)


def _starts(ensemble: Ensemble, decision: Decision, first_period: int, language: str) -> str:
    """Return the table of all starts of the advised variety."""
    words, outlook, best = WORDS[language], decision.outlook, decision.variety
    allowed = within_horizon(ensemble.site.within, first_period, outlook.expected.shape[1])
    head = "".join(
        f"<th>{escape(words[name])}</th>"
        for name in ("start", "mean", "band", "chance", "irrigation", "years")
    )
    rows = []
    for start in range(outlook.expected.shape[1]):
        if not np.isfinite(outlook.expected[best, start]):
            continue
        inside = decision.window[0] <= start <= decision.window[1]
        mark = "in" if inside else ("" if allowed[start] else "out")
        cells = (
            start_name((first_period + start) % STARTS, language),
            _whole(outlook.expected[best, start]),
            f"{_whole(outlook.low[best, start])}–{_whole(outlook.high[best, start])}",
            f"{outlook.risk[best, start]:.0%}",
            _whole(outlook.irrigation[best, start]),
            str(int(outlook.years[best, start])),
        )
        rows.append(f'<tr class="{mark}">' + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
