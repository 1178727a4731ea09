"""What crop patterns and rotation groups say on a terminal, in the person's language."""

from __future__ import annotations

from lumbung.cli.farm_words import WORDS as CALENDAR_WORDS
from lumbung.cli.language import language
from lumbung.proving.text import Text

WORDS = CALENDAR_WORDS | {
    "pattern": Text("pattern", "pola tanam", "种植模式"),
    "start": Text("begins", "mulai", "起始"),
    "crop": Text("crop", "tanaman", "作物"),
    "planted": Text("planted", "tanam", "播栽"),
    "share": Text("in years", "dari tahun", "年份占比"),
    "irrigation": Text("irrig. mm", "irigasi mm", "灌溉 毫米"),
    "value": Text("year, kg/ha", "setahun, kg/ha", "全年 公斤/公顷"),
    "margin": Text("margin a year/ha", "margin setahun/ha", "全年每公顷净收益"),
    "more": Text(
        "{count} more rows in the table of --out",
        "{count} baris lagi dalam tabel di --out",
        "另有 {count} 行，见 --out 中的表",
    ),
    "carried": Text(
        "water in the soil and between the bunds carries over from crop to crop; irrigation counts land preparation and seed-beds",
        "air di tanah dan di petak terbawa dari tanaman ke tanaman; irigasi termasuk pengolahan tanah dan persemaian",
        "土壤水与田面水由前茬带入后茬；灌溉量含整地泡田与秧田用水",
    ),
    "meaning": Text(
        "in years: how often there was water and time to plant; yield: mean, and the band that holds 8 of 10 coming crops, with the "
        "model's error; risk: chance of less than {failure} kg/ha; yields know no nitrogen, pests or floods",
        "dari tahun: seberapa sering ada air dan waktu untuk tanam; hasil: rata-rata, dan pita yang memuat 8 dari 10 musim mendatang, "
        "termasuk galat model; risiko: peluang hasil di bawah {failure} kg/ha; hasil tidak memperhitungkan nitrogen, hama, maupun banjir",
        "年份占比：有水且有时间播栽的年份比例；产量：均值，括号内区间涵盖未来十茬中的八茬（含模型误差）；风险：产量低于 {failure} 公斤/公顷"
        "的概率；产量未计氮素、病虫害与洪涝",
    ),
    "block": Text("block", "petak", "灌区地块"),
    "area": Text("ha", "ha", "公顷"),
    "group": Text("golongan", "golongan", "轮灌组"),
    "need": Text("need mm", "kebutuhan mm", "需水 毫米"),
    "unplanted": Text("no water this year", "tanpa air tahun ini", "本年无水"),
    "groups": Text(
        "{groups} golongan; {without} blocks get no water; no division could bring more than {gap} above this one",
        "{groups} golongan; {without} petak tidak mendapat air; tidak ada pembagian yang lebih baik dari ini lebih dari {gap}",
        "共 {groups} 个轮灌组；{without} 个地块无水；任何分组方案的收益至多比本方案高 {gap}",
    ),
    "met": Text(
        "with the weather of the record the supply suffices in {periods} of the ten-day periods with a need, and in every one of a year in "
        "{years} of years",
        "dengan cuaca dalam catatan, debit mencukupi pada {periods} dasarian yang membutuhkan air, dan pada semua dasarian dalam {years} tahun",
        "按记录中的气象，有需水的旬中 {periods} 供水充足；全年各旬均充足的年份占 {years}",
    ),
    "together": Text(
        "if every block began when it suits it best, the scheme would ask up to {share} times the supply",
        "bila setiap petak mulai pada waktu terbaiknya sendiri, kebutuhan mencapai {share} kali debit",
        "若各地块均按自身最佳时间起始，需水最高可达供水量的 {share} 倍",
    ),
    "no block": Text("no block could be grown", "tidak ada petak yang dapat ditanam", "没有可种植的地块"),
}  # fmt: skip


def say(word: str, /, **params: object) -> str:
    """Return one of `WORDS` in the person's language, filled in."""
    return WORDS[word].in_language(language()).format(**params)
