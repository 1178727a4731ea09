"""What a model's passport says on a terminal, in the person's language."""

from __future__ import annotations

from lumbung.cli.language import language
from lumbung.proving.text import Text

WORDS = {
    "head": Text(
        "model passport of submission {submission}",
        "paspor model untuk kiriman {submission}",
        "模型护照：提交 {submission}",
    ),
    "issued": Text(
        "issued {made} by {issuer}", "diterbitkan {made} oleh {issuer}", "{made} 由 {issuer} 签发"
    ),
    "chosen": Text(
        "the issuer chose which evidence is in it; what is not in it was not looked at",
        "penerbit memilih bukti yang dimuat; yang tidak dimuat tidak diperiksa",
        "其中的评测凭证由签发者选定；未收录的未经查看",
    ),
    "declared": Text(
        "declared by the issuer, tested by nobody: name {name}, licence {licence}",
        "pernyataan penerbit, tidak diuji: nama {name}, lisensi {licence}",
        "签发者声明，未经测试：名称 {name}，许可 {licence}",
    ),
    "nothing_said": Text("not said", "tidak disebut", "未说明"),
    "test": Text(
        "{challenge} version {version}, phase {phase}: {title}",
        "{challenge} versi {version}, babak {phase}: {title}",
        "{challenge} 第 {version} 版，阶段 {phase}：{title}",
    ),
    "judged": Text(
        "judged {day} in {country} by {judge} version {judge_version}, key {signer}…",
        "dinilai {day} di {country} oleh {judge} versi {judge_version}, kunci {signer}…",
        "{day} 于 {country} 由 {judge} 第 {judge_version} 版评测，密钥 {signer}…",
    ),
    "cases_private": Text(
        "{finished} of {count} private cases, {cases}",
        "{finished} dari {count} kasus uji tertutup, {cases}",
        "保密用例 {finished}/{count}，{cases}",
    ),
    "cases_public": Text(
        "{finished} of {count} public cases, {cases}",
        "{finished} dari {count} kasus uji publik, {cases}",
        "公开用例 {finished}/{count}，{cases}",
    ),
    "scored": Text(
        "{metric} {mean}{sure} ({better} is better)",
        "{metric} {mean}{sure} ({better} lebih baik)",
        "{metric} {mean}{sure}（{better}为优）",
    ),
    "higher": Text("higher", "lebih tinggi", "越高"),
    "lower": Text("lower", "lebih rendah", "越低"),
    "within": Text(
        ", {percent} interval {low} to {high}",
        ", selang kepercayaan {percent}: {low} sampai {high}",
        "，{percent} 置信区间 {low} 至 {high}",
    ),
    "few": Text(
        "; too few cases to tell how sure",
        "; kasus uji terlalu sedikit untuk tahu seberapa pasti",
        "；用例太少，无法判断把握",
    ),
    "worst": Text("worst case {worst}", "kasus uji terburuk {worst}", "最差用例 {worst}"),
    "weakest": Text(
        "weakest group {group}: {mean}; all: {groups}",
        "kelompok terlemah {group}: {mean}; semua: {groups}",
        "最弱组 {group}：{mean}；全部：{groups}",
    ),
    "numbered": Text(
        "the owner's rule hides what the groups are: they are numbers here",
        "aturan pemilik menyembunyikan nama kelompok: di sini hanya nomor",
        "数据所有方规则不公开组名：此处仅为编号",
    ),
    "failed": Text(
        "no score: {code} (fault of the {owner})",
        "tanpa nilai: {code} (kesalahan {owner})",
        "无评分：{code}（{owner}）",
    ),
    "submission": Text("submission", "kiriman", "提交方原因"),
    "challenge": Text("challenge", "tantangan", "赛题原因"),
    "platform": Text("platform", "platform", "平台原因"),
    "uncounted": Text("not counted: {code}", "tidak dihitung: {code}", "不计入：{code}"),
    "used": Text(
        "{wall} s, {memory} MiB, isolation {isolation}, {environment}",
        "{wall} dtk, {memory} MiB, isolasi {isolation}, {environment}",
        "{wall} 秒，{memory} MiB，隔离 {isolation}，{environment}",
    ),
    "environment": Text(
        "Python {python} on {machine}, environment {digest}",
        "Python {python} pada {machine}, lingkungan {digest}",
        "Python {python}，{machine}，环境 {digest}",
    ),
    "no_environment": Text(
        "the evidence does not name the environment",
        "bukti tidak menyebut lingkungannya",
        "评测凭证未注明环境",
    ),
    "agrees": Text(
        "other judgings of the same question that found the same: {count}",
        "{count} penilaian lain atas pertanyaan yang sama menghasilkan hal yang sama",
        "同一问题的另 {count} 次评测结果相同",
    ),
    "contradicts": Text(
        "CONTRADICTED by other judgings of the same question, shown here too: {count}",
        "BERTENTANGAN dengan {count} penilaian lain atas pertanyaan yang sama, yang juga tampil di sini",
        "与同一问题的另 {count} 次评测不一致，均列于此",
    ),
    "principles": Text(
        "by the principles of the ASEAN Guide on AI Governance and Ethics",
        "menurut prinsip Panduan ASEAN tentang Tata Kelola dan Etika AI",
        "按《东盟人工智能治理与伦理指南》的原则",
    ),
    "uncovered": Text(
        "no test here covers: {what}", "tidak ada uji di sini tentang: {what}", "此处没有测试涵盖：{what}"
    ),
    "holds": Text("{file}: holds", "{file}: berlaku", "{file}：有效"),
    "fails": Text("{file}: does NOT hold", "{file}: TIDAK berlaku", "{file}：无效"),
    "trusted_issuer": Text("you trust this issuer", "Anda memercayai penerbit ini", "您信任该签发者"),
    "any_issuer": Text(
        "nobody here said that they trust this issuer; the figures rest on the nodes' signatures alone",
        "belum ada yang menyatakan memercayai penerbit ini; angka-angkanya hanya bersandar pada tanda tangan simpul",
        "此处无人声明信任该签发者；数据仅以节点签名为据",
    ),
    "written": Text(
        "{file}: all that was given; judgings: {count}",
        "{file}: {count} penilaian, semua yang diberikan",
        "{file}：{count} 次评测，为给出的全部",
    ),
    "not_compared": Text(
        "only one was tested on this: nothing to compare",
        "hanya satu yang diuji pada ini: tidak ada pembanding",
        "仅有一个接受此项测试：无从比较",
    ),
    "not_tested": Text("not tested", "tidak diuji", "未测试"),
    "same_cases": Text(
        "side by side: the same challenge version, judge and cases",
        "berdampingan: versi tantangan, penilai, dan kasus ujinya sama",
        "并列：赛题版本、评测器和测试用例均相同",
    ),
}


def say(word: str, /, **params: object) -> str:
    """Return one of `WORDS` in the person's language, filled in."""
    return WORDS[word].in_language(language()).format(**params)
