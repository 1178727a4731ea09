"""The seven principles of the ASEAN Guide on AI Governance and Ethics (2024), and what a passport's figures say to each.

The principles and their order are the guide's (section on guiding principles). Which figures answer which principle, and
what no test covers, is ours: evidence shows how a model did on cases, not how an organisation governs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from lumbung.proving.passport import Passport, Tested
from lumbung.proving.text import Text


class Principle(msgspec.Struct, frozen=True):
    """One principle, how figures answer it and what they leave open.

    Attributes
    ----------
    code : str
    title : Text
    found : Text
        What the figures say, with places for the counts of `counts`.
    reason : Text
        Why these figures answer this principle.
    uncovered : Text
        What no test here covers.
    """

    code: str
    title: Text
    found: Text
    reason: Text
    uncovered: Text


PRINCIPLES: tuple[Principle, ...] = (
    Principle(
        "transparency",
        Text("Transparency and explainability", "Transparansi dan keterjelasan", "透明与可解释"),
        Text(
            "Judgings: {tests}, signed by so many nodes: {nodes}; each with judge, version and digests of its cases. On public "
            "cases, which anybody can judge again: {rerun}.",
            "{tests} penilaian oleh {nodes} simpul, masing-masing dengan penilai, versi, dan digest kasus ujinya; {rerun} "
            "memakai kasus uji publik yang dapat dinilai ulang oleh siapa pun.",
            "{nodes} 个节点完成 {tests} 次评测，均注明评测器、版本和测试用例摘要；其中 {rerun} 次使用公开用例，任何人都可重新评测。",
        ),
        Text(
            "Who can repeat a test need not believe it.",
            "Uji yang dapat diulang tidak perlu dipercaya begitu saja.",
            "能重做的测试，不必只凭信任。",
        ),
        Text(
            "whether the model explains its answers, or what it was trained on.",
            "apakah model menjelaskan jawabannya, dan dengan data apa model dilatih.",
            "模型能否解释自己的回答，以及用什么数据训练。",
        ),
    ),
    Principle(
        "fairness",
        Text("Fairness and equity", "Keadilan dan kesetaraan", "公平与公正"),
        Text(
            "Judgings that tell means by group, the weakest named beside the mean: {grouped}; of these, where the owner's rule "
            "hides what the groups are: {numbered}.",
            "{grouped} penilaian menyebut rata-rata per kelompok, dengan kelompok terlemah di samping rata-rata; pada {numbered} "
            "di antaranya aturan pemilik menyembunyikan nama kelompok.",
            "{grouped} 次评测给出分组均值，并在总均值旁标出最弱组；其中 {numbered} 次因数据所有方规则不公开组名。",
        ),
        Text(
            "A mean can hide that one language is served badly.",
            "Rata-rata dapat menutupi satu bahasa yang terlayani buruk.",
            "总均值可能掩盖某一语言表现很差。",
        ),
        Text(
            "differences between people, such as by gender, age or income.",
            "perbedaan antarkelompok orang, misalnya menurut gender, usia, atau pendapatan.",
            "人群之间的差异，例如性别、年龄或收入。",
        ),
    ),
    Principle(
        "safety",
        Text("Security and safety", "Keamanan dan keselamatan", "安全与保障"),
        Text(
            "Judged in an isolated sandbox: {boxed} of {tests}.",
            "{boxed} dari {tests} penilaian berjalan dalam kotak pasir (sandbox) terisolasi.",
            "{tests} 次评测中有 {boxed} 次在隔离沙箱中运行。",
        ),
        Text(
            "It shows how the test was guarded, not that the model is safe.",
            "Ini menunjukkan cara uji dijaga, bukan bahwa modelnya aman.",
            "这说明测试受到隔离保护，并不说明模型本身安全。",
        ),
        Text(
            "jailbreaks, injected instructions, leaks of private data, harmful answers.",
            "jailbreak, perintah sisipan, kebocoran data pribadi, dan jawaban berbahaya.",
            "越狱、指令注入、隐私泄露和有害回答。",
        ),
    ),
    Principle(
        "human-centricity",
        Text("Human-centricity", "Berpusat pada manusia", "以人为本"),
        Text(
            "No figure here speaks to it.",
            "Tidak ada angka di sini yang menjawabnya.",
            "此处没有任何数据涉及该原则。",
        ),
        Text(
            "Cases have no people in them who could be asked.",
            "Dalam kasus uji tidak ada orang yang dapat ditanya.",
            "测试用例中没有可以询问的真人。",
        ),
        Text(
            "what it does to the people who use it or are decided about.",
            "dampaknya bagi orang yang memakainya atau yang terkena keputusannya.",
            "对使用者以及受其决定影响者的作用。",
        ),
    ),
    Principle(
        "privacy",
        Text("Privacy and data governance", "Privasi dan tata kelola data", "隐私与数据治理"),
        Text(
            "Judged on private cases that did not leave their node: {private} of {tests}; what left is figures under the "
            "owner's rule.",
            "{private} dari {tests} penilaian memakai kasus uji tertutup yang tidak meninggalkan simpulnya; yang keluar hanya "
            "angka menurut aturan pemilik.",
            "{tests} 次评测中有 {private} 次使用未离开节点的保密用例；仅按数据所有方规则放出数据。",
        ),
        Text(
            "Cases that a team never saw cannot have been learned by heart.",
            "Kasus uji yang tidak pernah dilihat tim tidak mungkin dihafal.",
            "团队从未见过的用例，无从背诵。",
        ),
        Text(
            "whether the model was trained on data it had a right to, or repeats personal data.",
            "apakah model dilatih dengan data yang sah, atau mengulang data pribadi.",
            "训练数据是否合法取得，以及模型是否会复述个人信息。",
        ),
    ),
    Principle(
        "accountability",
        Text("Accountability and integrity", "Akuntabilitas dan integritas", "问责与诚信"),
        Text(
            "Nodes that signed: {nodes}. Judgings that contradict another on the same question: {contradicted} of {tests}.",
            "{nodes} simpul menandatangani {tests} penilaian; {contradicted} di antaranya bertentangan dengan penilaian lain atas "
            "pertanyaan yang sama.",
            "{nodes} 个节点签署了 {tests} 次评测；其中 {contradicted} 次与同一问题的其他评测不一致。",
        ),
        Text(
            "A signature names who answers for a figure.",
            "Tanda tangan menyebut siapa yang bertanggung jawab atas suatu angka.",
            "签名说明谁对数据负责。",
        ),
        Text(
            "who answers for the model once it is at work.",
            "siapa yang bertanggung jawab setelah model diterapkan.",
            "模型投入应用后由谁负责。",
        ),
    ),
    Principle(
        "robustness",
        Text("Robustness and reliability", "Ketangguhan dan keandalan", "稳健与可靠"),
        Text(
            "Ended in a full score: {scored} of {tests}; in a fault: {faulted}. The worst case is told in: {worst}.",
            "{scored} dari {tests} penilaian berakhir dengan nilai lengkap, {faulted} dengan kesalahan; {worst} menyebut kasus "
            "terburuk.",
            "{tests} 次评测中 {scored} 次得到完整评分，{faulted} 次出错；{worst} 次给出最差用例。",
        ),
        Text(
            "A run that failed says as much as one that scored.",
            "Penilaian yang gagal berbicara sama banyaknya dengan yang bernilai.",
            "失败的运行与成功的评分同样说明问题。",
        ),
        Text(
            "inputs unlike the cases, and whether it still holds in a year.",
            "masukan yang lain dari kasus uji, dan apakah hasilnya masih berlaku setahun lagi.",
            "与测试用例不同的输入，以及一年后是否依然有效。",
        ),
    ),
)

_COUNTED: dict[str, Callable[[Tested], bool]] = {
    "tests": lambda test: True,
    "rerun": lambda test: not test.private,
    "grouped": lambda test: len(test.groups) > 1,
    "numbered": lambda test: len(test.groups) > 1 and not test.groups_named,
    "boxed": lambda test: test.isolation.kind != "none",
    "private": lambda test: test.private,
    "contradicted": lambda test: bool(test.contradicts),
    "scored": lambda test: test.mean is not None,
    "faulted": lambda test: test.fault is not None,
    "worst": lambda test: test.worst is not None,
}


def counts(passport: Passport) -> dict[str, int]:
    """Return how many judgings are of each kind that the principles' sentences count, and ``nodes`` that signed."""
    told = {name: _number(map(holds, passport.tests)) for name, holds in _COUNTED.items()}
    return told | {"nodes": len({test.signer for test in passport.tests})}


def _number(found: Iterable[bool]) -> int:
    return sum(found)
