"""Whose fault it is when a run does not end in a score, and how to say so.

A fault has exactly one owner. The submission's fault is a verdict, shown to its team; the challenge's fault goes
to the challenge's owner; the platform's fault is ours and never counts against a team. Each fault is a code with
parameters, so that the reason can be read in any of the house's languages.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from lumbung.proving.text import Text

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
            "The solution ended before the case was over (exit code {exit_code}).",
            "Solusi selesai sebelum kasus uji berakhir (kode keluar {exit_code}).",
            "解决方案在测试用例结束前退出（退出码 {exit_code}）。",
        ),
        "timed_out": Text(
            "The solution took longer than the {limit_s} s allowed for {what}.",
            "Solusi melampaui batas {limit_s} detik untuk {what}.",
            "解决方案在“{what}”上超过了 {limit_s} 秒的时限。",
        ),
        "out_of_memory": Text(
            "The solution used more than the {limit_mb} MB of memory allowed.",
            "Solusi memakai memori lebih dari batas {limit_mb} MB.",
            "解决方案使用的内存超过了 {limit_mb} MB 的限制。",
        ),
        "malformed_message": Text(
            "The solution sent a message that cannot be read: {detail}",
            "Solusi mengirim pesan yang tidak dapat dibaca: {detail}",
            "解决方案发送了无法解读的消息：{detail}",
        ),
        "message_too_long": Text(
            "The solution sent a message of more than {limit_bytes} bytes.",
            "Solusi mengirim pesan yang lebih besar dari {limit_bytes} bita.",
            "解决方案发送的消息超过 {limit_bytes} 字节。",
        ),
        "log_flood": Text(
            "The solution wrote more than {limit_bytes} bytes to its log.",
            "Solusi menulis lebih dari {limit_bytes} bita ke log.",
            "解决方案写入的日志超过 {limit_bytes} 字节。",
        ),
        "no_entry_point": Text(
            "The submission has no entry point: {detail}",
            "Kiriman tidak memiliki titik masuk: {detail}",
            "提交内容缺少入口：{detail}",
        ),
        "not_readable": Text(
            "The submission cannot be read: {detail}",
            "Kiriman tidak dapat dibaca: {detail}",
            "提交内容无法读取：{detail}",
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
        # the challenge's
        "broken_challenge": Text(
            "The challenge has a fault at {where}: found {found}, expected {expected}.",
            "Tantangan bermasalah di {where}: ditemukan {found}, seharusnya {expected}.",
            "赛题在 {where} 处有问题：现为 {found}，应为 {expected}。",
        ),
        # the platform's
        "sandbox_unavailable": Text(
            "This machine cannot run submissions safely: {detail}",
            "Mesin ini tidak dapat menjalankan kiriman dengan aman: {detail}",
            "本机无法安全地运行提交内容：{detail}",
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


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


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
        return REASONS.text(self.code).in_language(language).format_map(_Blank(self.params))


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
