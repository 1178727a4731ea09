"""What the planting calendar says on a terminal, in the person's language."""

from __future__ import annotations

from lumbung.cli.language import language
from lumbung.proving.text import Text

WORDS = {
    "sites": Text("sites", "lokasi", "地点"),
    "site": Text("site", "lokasi", "地点"),
    "variety": Text("variety", "varietas", "品种"),
    "start": Text("best start", "awal terbaik", "最佳播期"),
    "window": Text("window", "jendela tanam", "窗口期"),
    "holds": Text("holds best", "memuat terbaik", "含最佳播期"),
    "yield": Text("yield kg/ha", "hasil kg/ha", "产量 公斤/公顷"),
    "risk": Text("risk", "risiko", "风险"),
    "irrigation": Text("irrig. mm", "irigasi mm", "灌溉 毫米"),
    "habit": Text("habit", "kebiasaan", "习惯播期"),
    "gain": Text("gain kg/ha", "tambahan kg/ha", "增产 公斤/公顷"),
    "gain money": Text("gain/ha", "tambahan/ha", "每公顷增收"),
    "margin": Text("margin/ha", "margin/ha", "每公顷净收益"),
    "loss": Text("loss", "rugi", "亏损概率"),
    "margins": Text(
        "margin: what the grain fetches at {moisture} moisture, less costs; loss: chance of earning less than {least} per hectare; the advice goes by margin",
        "margin: nilai gabah pada kadar air {moisture}, dikurangi biaya; rugi: peluang margin di bawah {least} per hektare; saran mengikuti margin",
        "净收益：含水率 {moisture} 的稻谷售价减成本；亏损概率：每公顷收益低于 {least} 的概率；建议按净收益给出",
    ),
    "years": Text("years", "tahun", "年数"),
    "more": Text(
        "{count} more sites in decisions.csv",
        "{count} lokasi lagi di decisions.csv",
        "另有 {count} 个地点，见 decisions.csv",
    ),
    "generated": Text(
        "* generated weather: nobody measured it",
        "* cuaca bangkitan: bukan hasil pengukuran",
        "* 生成气象数据（非实测）",
    ),
    "measured": Text("measured weather: {source}", "cuaca terukur: {source}", "实测气象：{source}"),
    "demo": Text(
        "no --weather given: Hyderabad, India, stands in for your sites; give your own records for advice",
        "--weather tidak diberikan: Hyderabad, India, menggantikan lokasi Anda; berikan catatan cuaca sendiri untuk saran",
        "未给出 --weather：以印度海得拉巴的气象代替您的地点；如需建议，请提供自己的气象记录",
    ),
    "filled": Text(
        "gaps filled in {name}: {what}; methods in weather.csv",
        "celah data yang diisi pada {name}: {what}; caranya di weather.csv",
        "{name} 已填补的缺测：{what}；方法见 weather.csv",
    ),
    "days": Text(
        "{variable} {days} days ({share})",
        "{variable} {days} hari ({share})",
        "{variable} {days} 天（{share}）",
    ),
    "hidden": Text(
        "and gaps in {count} more records, see weather.csv",
        "dan celah pada {count} catatan lain, lihat weather.csv",
        "另有 {count} 份记录存在缺测，见 weather.csv",
    ),
    "band": Text(
        "yield: mean, and the band that holds 8 of 10 coming seasons; it includes the error of the model, {error} kg/ha on trials "
        "it had not seen",
        "hasil: rata-rata, dan pita yang memuat 8 dari 10 musim mendatang; termasuk galat model, {error} kg/ha pada percobaan yang "
        "belum pernah dilihatnya",
        "产量：均值，括号内区间涵盖未来十季中的八季；其中含模型误差，即在未参与拟合的试验上的 {error} 公斤/公顷",
    ),
    "meaning": Text(
        "risk: chance of less than {failure} kg/ha; gain over habit, each year by advice from the others; intervals 90 percent; "
        "yields know no nitrogen, pests or floods",
        "risiko: peluang hasil di bawah {failure} kg/ha; tambahan terhadap kebiasaan, tiap tahun menurut saran dari tahun-tahun "
        "lain; selang 90 persen; hasil tidak memperhitungkan nitrogen, hama, maupun banjir",
        "风险：产量低于 {failure} 公斤/公顷的概率；增产相对习惯播期，每年均按其余年份给出的建议计算；区间为 90 %；产量未计氮素、病虫害与洪涝",
    ),
    "official": Text(
        "yields are at the level of official ones: times {low} to {high}, drawn to the mean of regions where years are few",
        "hasil disesuaikan dengan angka resmi: dikali {low} sampai {high}, ditarik ke rata-rata wilayah bila tahunnya sedikit",
        "产量已按官方单产校准：乘以 {low} 至 {high}；年份少的地区向各地区均值收缩",
    ),
    "or": Text(" or ", " atau ", " 或 "),
    "mind": Text("mind", "perhatikan", "请注意"),
    "header": Text("header", "kepala tabel", "表头"),
    "line": Text("line {line}", "baris {line}", "第 {line} 行"),
    "done": Text(
        "{done} of {all} sites done; {files} files in {out}",
        "{done} dari {all} lokasi selesai; {files} berkas di {out}",
        "{all} 个地点中完成 {done} 个；{out} 中有 {files} 个文件",
    ),
}


def say(word: str, /, **params: object) -> str:
    """Return one of `WORDS` in the person's language, filled in."""
    return WORDS[word].in_language(language()).format(**params)
