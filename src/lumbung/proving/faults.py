"""Whose fault it is when a run does not end in a score, and how to say so.

A fault has exactly one owner. The submission's fault is a verdict, shown to its team; the challenge's fault goes
to the challenge's owner; the platform's fault is ours and never counts against a team. Each fault is a code with
parameters, so that the reason can be read in any of the house's languages.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from lumbung.proving.text import Text
from lumbung.sandbox.legible import legible

Param = str | int | float


class Owner(StrEnum):
    """Who must act on a fault."""

    SUBMISSION = "submission"
    CHALLENGE = "challenge"
    PLATFORM = "platform"


class _Reasons(dict[str, Text]):
    def text(self, code: str) -> Text:
        return self[code] if code in self else self["unknown"]


REASONS = _Reasons(
    {
        # the submission's
        "crashed": Text(
            "The solution crashed ({signal}).",
            "Solusi berhenti mendadak ({signal}).",
            "解决方案崩溃（{signal}）。",
        ),
        "raised": Text(
            "The solution raised an error: {error}",
            "Solusi memunculkan galat: {error}",
            "解决方案抛出异常：{error}",
        ),
        "exited": Text(
            "The solution ended by itself before the case was over (exit code {exit_code}).",
            "Solusi berhenti sendiri sebelum kasus uji berakhir (kode keluar {exit_code}).",
            "解决方案在测试用例结束前自行退出（退出码 {exit_code}）。",
        ),
        "timed_out": Text(
            "The solution took longer than the {seconds} s allowed for {which}.",
            "Solusi melampaui batas {seconds} detik untuk {which}.",
            "解决方案在{which}上超过了 {seconds} 秒的时限。",
        ),
        "out_of_memory": Text(
            "The solution used more than the {limit} of memory allowed.",
            "Solusi memakai memori lebih dari batas {limit}.",
            "解决方案使用的内存超过了 {limit} 的限制。",
        ),
        "malformed_message": Text(
            "The solution sent a message that cannot be read: {reason}",
            "Solusi mengirim pesan yang tidak dapat dibaca: {reason}",
            "解决方案发送了无法解读的消息：{reason}",
        ),
        "message_too_long": Text(
            "The solution sent a message of more than {limit}.",
            "Solusi mengirim pesan yang lebih besar dari {limit}.",
            "解决方案发送的消息超过 {limit}。",
        ),
        "log_flood": Text(
            "The solution wrote more than {limit} to its log.",
            "Solusi menulis lebih dari {limit} ke log.",
            "解决方案写入的日志超过 {limit}。",
        ),
        "no_entry_point": Text(
            "The submission has no entry point: {reason}",
            "Kiriman tidak memiliki titik masuk: {reason}",
            "提交内容缺少入口：{reason}",
        ),
        "not_readable": Text(
            "The submission cannot be read: {reason}",
            "Kiriman tidak dapat dibaca: {reason}",
            "提交内容无法读取：{reason}",
        ),
        "illegal_action": Text(
            "Illegal action at {where}: found {found}, expected {expected}.",
            "Tindakan tidak sah di {where}: ditemukan {found}, seharusnya {expected}.",
            "{where} 的动作不合法：收到 {found}，应为 {expected}。",
        ),
        "wrong_format": Text(
            "Wrong format at {where}: found {found}, expected {expected}.",
            "Format keliru di {where}: ditemukan {found}, seharusnya {expected}.",
            "{where} 的格式不正确：收到 {found}，应为 {expected}。",
        ),
        "environment_unusable": Text(
            "The declared environment cannot be used, at {where}: found {found}, expected {expected}.",
            "Lingkungan yang dinyatakan tidak dapat dipakai, di {where}: ditemukan {found}, seharusnya {expected}.",
            "声明的运行环境无法使用，位置 {where}：现为 {found}，应为 {expected}。",
        ),
        "program_unusable": Text(
            "The program cannot be run, {where}: found {found}, expected {expected}.",
            "Program tidak dapat dijalankan, {where}: ditemukan {found}, seharusnya {expected}.",
            "程序无法运行，{where}：现为 {found}，应为 {expected}。",
        ),
        # the challenge's
        "broken_challenge": Text(
            "The challenge has a fault at {where}: found {found}, expected {expected}.",
            "Tantangan bermasalah di {where}: ditemukan {found}, seharusnya {expected}.",
            "赛题在 {where} 处有问题：现为 {found}，应为 {expected}。",
        ),
        "judge_raised": Text(
            "The judge failed at {where}: {error}. The challenge's owner must mend it; it does not count against the "
            "team's quota.",
            "Penilai gagal di {where}: {error}. Pemilik tantangan perlu memperbaikinya; kuota tim tidak berkurang.",
            "评测器在 {where} 处出错：{error}。须由赛题发起方修正，不计入团队配额。",
        ),
        "judge_timed_out": Text(
            "The judge did not finish {where} within {seconds} s. The challenge's owner must mend it; it does not "
            "count against the team's quota.",
            "Penilai tidak menyelesaikan {where} dalam {seconds} detik. Pemilik tantangan perlu memperbaikinya; kuota "
            "tim tidak berkurang.",
            "评测器未能在 {seconds} 秒内完成 {where}。须由赛题发起方修正，不计入团队配额。",
        ),
        "judge_out_of_memory": Text(
            "The judge used more memory than it may at {where} ({limit}). The challenge's owner must mend it; it does "
            "not count against the team's quota.",
            "Penilai memakai memori melebihi batas di {where} ({limit}). Pemilik tantangan perlu memperbaikinya; kuota "
            "tim tidak berkurang.",
            "评测器在 {where} 处使用的内存超过限制（{limit}）。须由赛题发起方修正，不计入团队配额。",
        ),
        "judge_ended": Text(
            "The judge's process ended at {where} ({how}). The challenge's owner must mend it; it does not count "
            "against the team's quota.",
            "Proses penilai berhenti di {where} ({how}). Pemilik tantangan perlu memperbaikinya; kuota tim tidak "
            "berkurang.",
            "评测器进程在 {where} 处终止（{how}）。须由赛题发起方修正，不计入团队配额。",
        ),
        "judge_result": Text(
            "The judge {judge} returned what cannot be taken: case {case}, {field}: found {found}, expected {expected}.",
            "Hasil penilai {judge} tidak dapat diterima: kasus uji {case}, {field}: ditemukan {found}, seharusnya "
            "{expected}.",
            "评测器 {judge} 返回的结果无法采用：用例 {case}，{field}：收到 {found}，应为 {expected}。",
        ),
        "judge_pictures": Text(
            "The pictures of the judge {judge} cannot be shown: {field}: found {found}, expected {expected}.",
            "Gambar dari penilai {judge} tidak dapat ditampilkan: {field}: ditemukan {found}, seharusnya {expected}.",
            "评测器 {judge} 的图无法显示：{field}：收到 {found}，应为 {expected}。",
        ),
        # the platform's
        "judge_missing": Text(
            "This machine cannot judge the challenge: {where}: found {found}, expected {expected}.",
            "Mesin ini tidak dapat menilai tantangan: {where}: ditemukan {found}, seharusnya {expected}.",
            "本机无法评测该赛题：{where}：现为 {found}，应为 {expected}。",
        ),
        "job_refused": Text(
            "The node did not take the job: {detail}",
            "Simpul tidak menerima pekerjaan ini: {detail}",
            "节点未接受该任务：{detail}",
        ),
        "unsignable": Text(
            "The result could not be signed: {detail}",
            "Hasilnya tidak dapat ditandatangani: {detail}",
            "结果无法签名：{detail}",
        ),
        "result_refused": Text(
            "The centre did not accept the node's result: {detail}. This is not the team's fault and does not count "
            "against its quota.",
            "Pusat tidak menerima hasil dari simpul: {detail}. Ini bukan kesalahan tim dan tidak mengurangi kuotanya.",
            "中心未接受节点的结果：{detail}。这不是团队的责任，也不计入配额。",
        ),
        "sandbox_unavailable": Text(
            "This machine cannot run submissions safely: {detail}",
            "Mesin ini tidak dapat menjalankan kiriman dengan aman: {detail}",
            "本机无法安全地运行提交内容：{detail}",
        ),
        "weights_missing": Text(
            "The weights {name} ({digest}) are not on this machine, or were damaged: lumbung weights add FILE",
            "Bobot {name} ({digest}) tidak ada di mesin ini, atau rusak: lumbung weights add FILE",
            "本机没有权重文件 {name}（{digest}），或文件已损坏：lumbung weights add FILE",
        ),
        "environment_unavailable": Text(
            "The environment that the submission declares cannot be had on this machine: {detail}",
            "Lingkungan yang dinyatakan kiriman tidak tersedia di mesin ini: {detail}",
            "本机无法提供该提交声明的运行环境：{detail}",
        ),
        "judge_failed": Text(
            "The judge itself failed ({error}). This is not the team's fault and does not count against its quota.",
            "Penilai sendiri yang gagal ({error}). Ini bukan kesalahan tim dan tidak mengurangi kuotanya.",
            "评测器自身出错（{error}）。这不是团队的责任，也不计入配额。",
        ),
        "interrupted": Text(
            "The run was stopped before it ended; finished cases are kept.",
            "Proses penilaian dihentikan sebelum selesai; kasus yang sudah selesai tetap tersimpan.",
            "评测任务在结束前被中断；已完成的用例已保留。",
        ),
        "disk_full": Text(
            "There is no room left on the disk of this machine ({where}).",
            "Ruang penyimpanan mesin ini penuh ({where}).",
            "本机磁盘空间不足（{where}）。",
        ),
        "unwritable": Text(
            "This machine cannot write {where}: {detail}",
            "Mesin ini tidak dapat menulis {where}: {detail}",
            "本机无法写入 {where}：{detail}",
        ),
        "no_node": Text(
            "No node that holds the cases of this challenge took the run in time.",
            "Tidak ada simpul pemegang kasus uji tantangan ini yang mengambil proses penilaian tepat waktu.",
            "没有持有该赛题用例的节点按时领取此评测任务。",
        ),
        "egress_refused": Text(
            "The owner's egress rule lets nothing of this run leave the node: {detail}.",
            "Aturan keluar data pemilik tidak mengizinkan apa pun dari proses penilaian ini keluar dari simpul: {detail}.",
            "数据所有方的出境规则不允许此评测任务的任何内容离开节点：{detail}。",
        ),
        "no_improvement": Text(
            "Judged, and not better than your team's best on these private cases by more than chance may bring. By the "
            "owner's rule its figures stay at the node; your best stands.",
            "Sudah dinilai, tetapi tidak lebih baik daripada hasil terbaik tim Anda pada kasus uji tertutup ini melebihi "
            "pengaruh kebetulan. Menurut aturan pemilik, angkanya tetap di simpul; hasil terbaik tim tetap berlaku.",
            "已评测，但与贵团队在这些保密用例上的最好成绩相比，提升未超出偶然误差。按数据所有方的规则，其数值留在节点；原最好成绩保留。",
        ),
        "share_spent": Text(
            "The team, the person who handed it in, or one of their organisations has been told as much about these private "
            "cases as their owner allows. The result stays at the node; what was published before stands.",
            "Tim, orang yang mengirim, atau salah satu organisasinya sudah menerima informasi tentang kasus uji tertutup ini "
            "sebanyak yang diizinkan pemiliknya. Hasilnya tetap di simpul; yang sudah terbit tetap berlaku.",
            "该团队、提交人或其所属机构从这些保密用例获得的信息，已达到数据所有方允许的上限。结果留在节点；此前已公布的成绩保留。",
        ),
        "budget_spent": Text(
            "As much has been told about the private cases of this challenge as their owner allows in all. The result stays "
            "at the node until the owner raises the budget; it does not count against the team's quota.",
            "Informasi tentang kasus uji tertutup tantangan ini sudah keluar sebanyak yang diizinkan pemiliknya secara "
            "keseluruhan. Hasilnya tetap di simpul sampai pemilik menaikkan anggarannya; kuota tim tidak berkurang.",
            "该赛题保密用例对外透露的信息总量已达数据所有方允许的上限。在发起方提高预算之前，结果留在节点；不计入团队配额。",
        ),
        "vetoed": Text(
            "The owner of the data did not release the result.",
            "Pemilik data tidak merilis hasilnya.",
            "数据所有方未放行该结果。",
        ),
        "hold_expired": Text(
            "The submission was judged, and the owner of the data gave no word on the result within half a year.",
            "Kiriman sudah dinilai, tetapi pemilik data tidak memberi keputusan atas hasilnya dalam setengah tahun.",
            "该提交已评测，但数据所有方半年内未对结果作出决定。",
        ),
        "lost": Text(
            "The node that ran this submission did not answer again in time.",
            "Simpul yang menjalankan kiriman ini tidak menjawab lagi tepat waktu.",
            "运行该提交的节点未能按时恢复响应。",
        ),
        "unknown": Text(
            "The run failed for a reason this version has no words for.",
            "Proses penilaian gagal karena alasan yang belum dikenal versi ini.",
            "评测任务因本版本尚未收录的原因失败。",
        ),
    }
)


# The same without parameters: evidence carries a fault's code alone, since parameters could carry private data.
BRIEF = {
    "crashed": Text("The solution crashed.", "Solusi berhenti mendadak.", "解决方案崩溃。"),
    "raised": Text("The solution raised an error.", "Solusi memunculkan galat.", "解决方案抛出异常。"),
    "exited": Text(
        "The solution ended by itself before the case was over.",
        "Solusi berhenti sendiri sebelum kasus uji berakhir.",
        "解决方案在测试用例结束前自行退出。",
    ),
    "timed_out": Text(
        "The solution took longer than allowed.", "Solusi melampaui batas waktu.", "解决方案超过了时限。"
    ),
    "out_of_memory": Text(
        "The solution used more memory than allowed.",
        "Solusi memakai memori melebihi batas.",
        "解决方案使用的内存超过限制。",
    ),
    "malformed_message": Text(
        "The solution sent a message that cannot be read.",
        "Solusi mengirim pesan yang tidak dapat dibaca.",
        "解决方案发送了无法解读的消息。",
    ),
    "message_too_long": Text(
        "The solution sent a message that is too long.",
        "Solusi mengirim pesan yang terlalu panjang.",
        "解决方案发送的消息过长。",
    ),
    "log_flood": Text(
        "The solution wrote too much to its log.",
        "Solusi menulis terlalu banyak ke log.",
        "解决方案写入的日志过多。",
    ),
    "no_entry_point": Text(
        "The submission has no entry point: neither solution.py nor an executable called solution, and its submission.toml "
        "names no other program.",
        "Kiriman tidak memiliki titik masuk: tidak ada solution.py ataupun berkas program bernama solution, dan "
        "submission.toml tidak menyebut program lain.",
        "提交内容缺少入口：既没有 solution.py，也没有名为 solution 的可执行文件，submission.toml 也未指定其他程序。",
    ),
    "not_readable": Text(
        "The submission cannot be read.", "Kiriman tidak dapat dibaca.", "提交内容无法读取。"
    ),
    "illegal_action": Text(
        "The solution answered with an action the rules do not allow.",
        "Solusi menjawab dengan tindakan yang tidak diizinkan aturan.",
        "解决方案给出了规则不允许的动作。",
    ),
    "wrong_format": Text(
        "The solution's answer does not have the form asked for.",
        "Bentuk jawaban solusi tidak sesuai dengan yang diminta.",
        "解决方案的回答不符合要求的格式。",
    ),
    "environment_unusable": Text(
        "The environment that the submission declares cannot be used.",
        "Lingkungan yang dinyatakan kiriman tidak dapat dipakai.",
        "该提交声明的运行环境无法使用。",
    ),
    "program_unusable": Text(
        "The submission's program cannot run on the machine: made for another one, not whole, or not all there.",
        "Program kiriman tidak dapat berjalan di mesin penilai: dibuat untuk mesin lain, tidak utuh, atau ada bagian "
        "yang tidak disertakan.",
        "该提交的程序无法在评测机器上运行：架构不符、文件不完整，或缺少所需部分。",
    ),
    "broken_challenge": Text(
        "The challenge has a fault; its owner must mend it.",
        "Tantangan bermasalah; pemiliknya perlu memperbaikinya.",
        "赛题有问题，须由发起方修正。",
    ),
    "judge_raised": Text(
        "The judge failed; the challenge's owner must mend it. It does not count against the team's quota.",
        "Penilainya gagal; pemilik tantangan perlu memperbaikinya. Kuota tim tidak berkurang.",
        "评测器出错，须由赛题发起方修正。不计入团队配额。",
    ),
    "judge_timed_out": Text(
        "The judge took longer than it may; the challenge's owner must mend it. It does not count against the team's "
        "quota.",
        "Penilai melampaui batas waktunya; pemilik tantangan perlu memperbaikinya. Kuota tim tidak berkurang.",
        "评测器超过了时限，须由赛题发起方修正。不计入团队配额。",
    ),
    "judge_out_of_memory": Text(
        "The judge used more memory than it may; the challenge's owner must mend it. It does not count against the "
        "team's quota.",
        "Penilai memakai memori melebihi batas; pemilik tantangan perlu memperbaikinya. Kuota tim tidak berkurang.",
        "评测器使用的内存超过限制，须由赛题发起方修正。不计入团队配额。",
    ),
    "judge_ended": Text(
        "The judge's process ended before the case was over; the challenge's owner must mend it. It does not count "
        "against the team's quota.",
        "Proses penilai berhenti sebelum kasus uji selesai; pemilik tantangan perlu memperbaikinya. Kuota tim tidak "
        "berkurang.",
        "评测器进程在用例结束前终止，须由赛题发起方修正。不计入团队配额。",
    ),
    "judge_result": Text(
        "The judge returned a result that cannot be taken; the challenge's owner must mend it. It does not count "
        "against the team's quota.",
        "Penilai memberi hasil yang tidak dapat diterima; pemilik tantangan perlu memperbaikinya. Kuota tim tidak "
        "berkurang.",
        "评测器返回的结果无法采用，须由赛题发起方修正。不计入团队配额。",
    ),
    "judge_pictures": Text(
        "The judge's pictures cannot be shown; the challenge's owner must mend it. Scores are not affected.",
        "Gambar dari penilai tidak dapat ditampilkan; pemilik tantangan perlu memperbaikinya. Skor tidak terpengaruh.",
        "评测器的图无法显示，须由赛题发起方修正。评分不受影响。",
    ),
    "egress_refused": Text(
        "The owner's egress rule lets nothing of this run leave the node.",
        "Aturan keluar data pemilik tidak mengizinkan apa pun dari proses penilaian ini keluar dari simpul.",
        "数据所有方的出境规则不允许此评测任务的任何内容离开节点。",
    ),
    "judge_missing": Text(
        "The machine lacks the judge of this challenge, or has another version of it.",
        "Mesin tidak memiliki penilai tantangan ini, atau versinya berbeda.",
        "机器缺少该赛题的评测器，或版本不同。",
    ),
    "job_refused": Text(
        "The node did not take the job: it is not what its owner accepted, or did not arrive whole.",
        "Simpul tidak menerima pekerjaan ini: isinya bukan yang disetujui pemiliknya, atau tidak tiba utuh.",
        "节点未接受该任务：与其所有方认可的内容不符，或未完整送达。",
    ),
    "unsignable": Text(
        "The result could not be signed.", "Hasilnya tidak dapat ditandatangani.", "结果无法签名。"
    ),
    "result_refused": Text(
        "The centre did not accept the node's result. This is not the team's fault and does not count against its "
        "quota.",
        "Pusat tidak menerima hasil dari simpul. Ini bukan kesalahan tim dan tidak mengurangi kuotanya.",
        "中心未接受节点的结果。这不是团队的责任，也不计入配额。",
    ),
    "sandbox_unavailable": Text(
        "The machine could not run the submission safely.",
        "Mesin tidak dapat menjalankan kiriman dengan aman.",
        "机器无法安全地运行该提交。",
    ),
    "weights_missing": Text(
        "The machine does not have the weights that the submission names.",
        "Mesin tidak memiliki bobot yang disebut kiriman.",
        "机器上没有该提交所指定的权重文件。",
    ),
    "environment_unavailable": Text(
        "The machine cannot provide the environment that the submission declares.",
        "Mesin tidak dapat menyediakan lingkungan yang dinyatakan kiriman.",
        "机器无法提供该提交声明的运行环境。",
    ),
    "judge_failed": Text(
        "The judge itself failed. This is not the team's fault and does not count against its quota.",
        "Penilai sendiri yang gagal. Ini bukan kesalahan tim dan tidak mengurangi kuotanya.",
        "评测器自身出错。这不是团队的责任，也不计入配额。",
    ),
    "disk_full": Text(
        "The machine has no room left on its disk.", "Ruang penyimpanan mesin penuh.", "机器磁盘空间不足。"
    ),
    "unwritable": Text(
        "The machine could not write what it had to.",
        "Mesin tidak dapat menulis data yang diperlukan.",
        "机器无法写入所需数据。",
    ),
}

WHICH = {
    "start": Text("starting", "memulai", "启动"),
    "message": Text("one answer", "satu jawaban", "单次回答"),
    "total": Text("the whole case", "seluruh kasus uji", "整个用例"),
    "cpu": Text("computing", "komputasi", "计算"),
}


class _Shown(dict[str, object]):
    """Parameters as a sentence shows them; what is missing shows as a question mark, never as an error."""

    def __missing__(self, key: str) -> str:
        return "?"


def _shown(params: dict[str, Param], language: str) -> _Shown:
    # What a parameter says may come from a stranger's submission: it is read in terminals and pages.
    shown = _Shown({name: legible(said) if isinstance(said, str) else said for name, said in params.items()})
    if params.get("which") in WHICH:
        shown["which"] = WHICH[str(params["which"])].in_language(language)
    if "limit_bytes" in params:
        size = float(params["limit_bytes"])
        shown["limit"] = f"{size / 2**20:g} MiB" if size >= 2**20 else f"{size / 2**10:g} KiB"
    return shown


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a run, or one case of it, has no score.

    Attributes
    ----------
    owner : Owner
        Who must act.
    code : str
        A key of ``REASONS``.
    params : dict of str to str, int or float
        What the reason names: the limit, the place, what was found.
    """

    owner: Owner
    code: str
    params: dict[str, Param] = {}

    def reason(self, language: str = "en") -> str:
        """Return the reason as a sentence in *language* (``en``, ``id`` or ``zh``)."""
        if not self.params and self.code in BRIEF:
            return BRIEF[self.code].in_language(language)
        return REASONS.text(self.code).in_language(language).format_map(_shown(self.params, language))


class RunFault(Exception):
    """Raised where a run cannot go on; carries the fault. Use one of the three subclasses."""

    owner = Owner.PLATFORM

    def __init__(self, code: str, **params: Param) -> None:
        self.fault = Fault(self.owner, code, params)
        super().__init__(self.fault.reason())

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.fault.code, self.fault.params))


def _rebuild(kind: type[RunFault], code: str, params: dict[str, Param]) -> RunFault:
    return kind(code, **params)


class SubmissionFault(RunFault):
    """The team's: a verdict. A judge raises it, e.g. ``SubmissionFault("illegal_action", where=…, …)``."""

    owner = Owner.SUBMISSION


class ChallengeFault(RunFault):
    """The challenge owner's: its data or options are broken."""

    owner = Owner.CHALLENGE


class PlatformFault(RunFault):
    """Ours: never shown as the team's, never counted against its quota."""

    owner = Owner.PLATFORM


def fault_error(fault: Fault) -> RunFault:
    """Return the error that carries a fault, to raise it again where it came back as data."""
    kinds = {
        Owner.SUBMISSION: SubmissionFault,
        Owner.CHALLENGE: ChallengeFault,
        Owner.PLATFORM: PlatformFault,
    }
    return kinds[fault.owner](fault.code, **fault.params)
