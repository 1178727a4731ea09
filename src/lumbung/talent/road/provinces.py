"""The 38 provinces of Indonesia and their populations.

Source: decree of the Minister of Home Affairs (Kepmendagri) 300.2.2-2138 of 2025, population by province.
"""

from __future__ import annotations

PROVINCES: tuple[tuple[str, str, int], ...] = (
    ("11", "Aceh", 5_623_479),
    ("12", "Sumatera Utara", 15_640_905),
    ("13", "Sumatera Barat", 5_820_359),
    ("14", "Riau", 7_099_297),
    ("15", "Jambi", 3_834_439),
    ("16", "Sumatera Selatan", 9_064_690),
    ("17", "Bengkulu", 2_127_957),
    ("18", "Lampung", 9_144_263),
    ("19", "Kepulauan Bangka Belitung", 1_549_562),
    ("21", "Kepulauan Riau", 2_271_890),
    ("31", "DKI Jakarta", 11_038_216),
    ("32", "Jawa Barat", 51_316_378),
    ("33", "Jawa Tengah", 38_430_645),
    ("34", "DI Yogyakarta", 3_743_365),
    ("35", "Jawa Timur", 41_919_906),
    ("36", "Banten", 12_881_374),
    ("51", "Bali", 4_375_263),
    ("52", "Nusa Tenggara Barat", 5_751_295),
    ("53", "Nusa Tenggara Timur", 5_700_772),
    ("61", "Kalimantan Barat", 5_646_268),
    ("62", "Kalimantan Tengah", 2_825_290),
    ("63", "Kalimantan Selatan", 4_305_281),
    ("64", "Kalimantan Timur", 4_123_303),
    ("65", "Kalimantan Utara", 770_627),
    ("71", "Sulawesi Utara", 2_645_291),
    ("72", "Sulawesi Tengah", 3_219_494),
    ("73", "Sulawesi Selatan", 9_528_276),
    ("74", "Sulawesi Tenggara", 2_824_589),
    ("75", "Gorontalo", 1_250_960),
    ("76", "Sulawesi Barat", 1_466_741),
    ("81", "Maluku", 1_935_586),
    ("82", "Maluku Utara", 1_394_231),
    ("91", "Papua", 1_102_360),
    ("92", "Papua Barat", 576_255),
    ("93", "Papua Selatan", 562_220),
    ("94", "Papua Tengah", 1_369_112),
    ("95", "Papua Pegunungan", 1_470_518),
    ("96", "Papua Barat Daya", 623_186),
)
POPULATION = 284_973_643
SOURCE = "Kepmendagri 300.2.2-2138/2025, population by province"

# The Chinese names, in the order above, as Chinese maps and the embassy's notices write them.
_CHINESE = (
    "亚齐",
    "北苏门答腊",
    "西苏门答腊",
    "廖内",
    "占碑",
    "南苏门答腊",
    "明古鲁",
    "楠榜",
    "邦加—勿里洞",
    "廖内群岛",
    "雅加达首都特区",
    "西爪哇",
    "中爪哇",
    "日惹特区",
    "东爪哇",
    "万丹",
    "巴厘",
    "西努沙登加拉",
    "东努沙登加拉",
    "西加里曼丹",
    "中加里曼丹",
    "南加里曼丹",
    "东加里曼丹",
    "北加里曼丹",
    "北苏拉威西",
    "中苏拉威西",
    "南苏拉威西",
    "东南苏拉威西",
    "哥伦打洛",
    "西苏拉威西",
    "马鲁古",
    "北马鲁古",
    "巴布亚",
    "西巴布亚",
    "南巴布亚",
    "中巴布亚",
    "高地巴布亚",
    "西南巴布亚",
)
NAMES_IN_CHINESE = {number: name for (number, _name, _people), name in zip(PROVINCES, _CHINESE, strict=True)}


def name_in(language: str, number: str) -> str:
    """Name a province for readers of a language; Indonesian names stand in English too.

    Raises
    ------
    KeyError
        For a number that is no province's.
    """
    if language == "zh":
        return NAMES_IN_CHINESE[number]
    return {known: name for known, name, _people in PROVINCES}[number]
