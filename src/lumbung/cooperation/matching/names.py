"""Names of countries, sizes, sectors and requirements in the reader's language."""

from __future__ import annotations

from lumbung.proving.text import Language, Text

_NAMES: dict[str, Text] = {
    "ID": Text("Indonesia", "Indonesia", "印度尼西亚"),
    "CN": Text("China", "Tiongkok", "中国"),
    "MY": Text("Malaysia", "Malaysia", "马来西亚"),
    "TH": Text("Thailand", "Thailand", "泰国"),
    "VN": Text("Viet Nam", "Vietnam", "越南"),
    "SG": Text("Singapore", "Singapura", "新加坡"),
    "PH": Text("the Philippines", "Filipina", "菲律宾"),
    "BN": Text("Brunei", "Brunei", "文莱"),
    "KH": Text("Cambodia", "Kamboja", "柬埔寨"),
    "LA": Text("Laos", "Laos", "老挝"),
    "MM": Text("Myanmar", "Myanmar", "缅甸"),
    "TL": Text("Timor-Leste", "Timor-Leste", "东帝汶"),
    "micro": Text("micro", "mikro", "微型企业"),
    "small": Text("small", "kecil", "小型企业"),
    "medium": Text("medium", "menengah", "中型企业"),
    "large": Text("large", "besar", "大型企业"),
    "public": Text("public body", "instansi publik", "公共机构"),
    "university": Text("university", "perguruan tinggi", "高校"),
    "farm": Text("farming", "pertanian", "农业"),
    "city": Text("smart city", "kota cerdas", "智慧城市"),
    "connectivity": Text("connectivity", "konektivitas", "网络连接"),
    "talent": Text("digital talent", "talenta digital", "数字人才"),
    "fisheries": Text("fisheries", "perikanan", "渔业"),
    "health": Text("health", "kesehatan", "医疗健康"),
    "logistics": Text("logistics", "logistik", "物流"),
    "compute": Text("computing", "komputasi", "算力"),
    "energy": Text("energy", "energi", "能源"),
    "finance": Text("finance", "keuangan", "金融"),
    "industry": Text("industry", "industri", "工业制造"),
    "language": Text("language technology", "teknologi bahasa", "语言技术"),
    "disaster": Text("disaster preparedness", "kesiapsiagaan bencana", "防灾减灾"),
    "environment": Text("environment", "lingkungan hidup", "生态环境"),
    "gpu": Text("GPUs", "GPU", "GPU算力"),
    "field-site": Text("a field site", "lokasi uji lapangan", "现场试验场地"),
    "on-premises": Text(
        "installation on the owner's premises", "pemasangan di tempat pemilik data", "本地部署"
    ),
    "data": Text("data", "data", "数据"),
    "training": Text("training of staff", "pelatihan staf", "人员培训"),
}

SECTORS = (
    "city", "farm", "connectivity", "talent", "fisheries", "health", "logistics", "compute", "energy", "finance",
    "industry", "language", "disaster", "environment",
)  # fmt: skip
"""The sectors a form offers, in this order."""
REQUIREMENTS = ("gpu", "field-site", "on-premises", "data", "training")
"""What a form lets a need require and an offer provide."""


def name_of(code: str, language: Language) -> str:
    """Name a country, size, sector or requirement; a code that is not in the table is written as it is."""
    return _NAMES[code].in_language(language) if code in _NAMES else code
