"""Why a run ended, in sentences that need no parameters.

What a node reports is a fault's owner and code alone, since parameters could carry private data; the sentences of
``lumbung.proving.faults`` would show question marks in their place. The team's log has the details where it may.
"""

from __future__ import annotations

from lumbung.proving.faults import Fault
from lumbung.proving.text import Text

PLAIN = {
    "crashed": Text("The solution crashed.", "Solusi berhenti mendadak.", "解决方案崩溃。"),
    "raised": Text("The solution raised an error.", "Solusi memunculkan galat.", "解决方案抛出异常。"),
    "exited": Text(
        "The solution ended by itself before the case was over.",
        "Solusi berhenti sendiri sebelum kasus uji berakhir.",
        "解决方案在测试用例结束前自行退出。",
    ),
    "timed_out": Text(
        "The solution took longer than the challenge's limits allow.",
        "Solusi melampaui batas waktu tantangan.",
        "解决方案超过了赛题的时限。",
    ),
    "out_of_memory": Text(
        "The solution used more memory than the challenge allows.",
        "Solusi memakai memori lebih dari batas tantangan.",
        "解决方案使用的内存超过了赛题的限制。",
    ),
    "malformed_message": Text(
        "The solution sent a message that cannot be read.",
        "Solusi mengirim pesan yang tidak dapat dibaca.",
        "解决方案发送了无法解读的消息。",
    ),
    "message_too_long": Text(
        "The solution sent a message that is too long.",
        "Solusi mengirim pesan yang terlalu besar.",
        "解决方案发送的消息过长。",
    ),
    "log_flood": Text(
        "The solution wrote too much to its log.",
        "Solusi menulis terlalu banyak ke log.",
        "解决方案写入的日志过多。",
    ),
    "no_entry_point": Text(
        "The submission has no entry point.", "Kiriman tidak memiliki titik masuk.", "提交内容缺少入口。"
    ),
    "not_readable": Text(
        "The submission cannot be read.", "Kiriman tidak dapat dibaca.", "提交内容无法读取。"
    ),
    "program_unusable": Text(
        "The program cannot run on the node: made for another machine, not whole, or not all there.",
        "Program tidak dapat berjalan di simpul: dibuat untuk mesin lain, tidak utuh, atau ada bagian yang tidak disertakan.",
        "程序无法在节点上运行：架构不符、文件不完整，或缺少所需部分。",
    ),
    "illegal_action": Text(
        "The solution chose an action that is not allowed.",
        "Solusi memilih tindakan yang tidak sah.",
        "解决方案采取了不合法的动作。",
    ),
    "wrong_format": Text(
        "The answer does not have the format the challenge asks for.",
        "Format jawaban tidak sesuai dengan yang diminta tantangan.",
        "回答的格式不符合赛题要求。",
    ),
    "broken_challenge": Text(
        "The challenge itself has a fault.", "Tantangannya sendiri bermasalah.", "赛题本身有问题。"
    ),
    "sandbox_unavailable": Text(
        "The node cannot run submissions safely.",
        "Simpul tidak dapat menjalankan kiriman dengan aman.",
        "节点无法安全地运行提交内容。",
    ),
    "judge_failed": Text(
        "The judge itself failed.", "Penilai sendiri yang gagal.", "评测器自身出错。"
    ),
    "disk_full": Text(
        "There is no room left on the node's disk.", "Ruang penyimpanan simpul penuh.", "节点磁盘空间不足。"
    ),
    "unwritable": Text(
        "The node cannot write to its disk.",
        "Simpul tidak dapat menulis ke penyimpanannya.",
        "节点无法写入磁盘。",
    ),
}  # fmt: skip


def reason_of(fault: Fault, language: str) -> str:
    """Return why a run has no score, as a sentence in *language*."""
    if fault.params or fault.code not in PLAIN:
        return fault.reason(language)
    return PLAIN[fault.code].in_language(language)
