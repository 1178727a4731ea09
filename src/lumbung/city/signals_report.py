"""The page beside new signal plans: whether they are better than today's, on which seeds, and what was not as written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

LANGUAGES = ("en", "id", "zh")

_BETTER = {
    "en": "The fixed plans are no worse than today's: mean delay {after:.1f} s against {before:.1f} s ({change:+.1f} %), seeds {first} to {last}. They are in programs.add.xml and sheets/.",
    "id": "Rencana tetap ini tidak lebih buruk daripada yang berlaku sekarang: tundaan rata-rata {after:.1f} detik, sekarang {before:.1f} detik ({change:+.1f} %), benih acak {first} sampai {last}. Berkasnya programs.add.xml dan sheets/.",
    "zh": "固定配时不劣于现行方案：平均延误 {after:.1f} 秒，现行 {before:.1f} 秒（{change:+.1f} %），随机种子 {first} 至 {last}。方案见 programs.add.xml 与 sheets/。",
}
_WORSE = {
    "en": "No plan was written: condensed into fixed plans, what the controller did would be WORSE than today's plans, mean delay {after:.1f} s against {before:.1f} s ({change:+.1f} %), seeds {first} to {last}. Keep today's plans, or run the controller live.",
    "id": "Tidak ada rencana yang ditulis: bila diringkas menjadi rencana tetap, hasilnya LEBIH BURUK daripada yang berlaku sekarang, tundaan rata-rata {after:.1f} detik, sekarang {before:.1f} detik ({change:+.1f} %), benih acak {first} sampai {last}. Pertahankan rencana yang berlaku, atau jalankan pengendalinya langsung.",
    "zh": "未写出任何方案：若将控制器的行为归纳为固定配时，结果将劣于现行方案，平均延误 {after:.1f} 秒，现行 {before:.1f} 秒（{change:+.1f} %），随机种子 {first} 至 {last}。请保留现行方案，或实时运行该控制器。",
}
_NOTES = {
    "en": "Of your configuration, this did not run as written:",
    "id": "Bagian konfigurasi Anda yang tidak dijalankan apa adanya:",
    "zh": "您的配置中下列内容未按原样运行：",
}
_FAULTS = {
    "en": "Today's plans break rules that new plans keep:",
    "id": "Rencana yang berlaku sekarang melanggar aturan yang dipatuhi rencana baru:",
    "zh": "现行方案违反了新方案所遵守的规则：",
}


def write_report(
    path: Path, seeds: range, before: float, after: float, notes: Sequence[str], faults: Sequence[str]
) -> Path:
    """Write the page, one part per language.

    Parameters
    ----------
    path : Path
    seeds : range
        Of the simulations compared.
    before, after : float
        Mean delay of today's plans and of the fixed plans [s].
    notes, faults : sequence of str
        What of the configuration was overridden or not honoured; where today's plans break the rules.
    """
    verdict = _BETTER if after <= before else _WORSE
    change = 100 * (after / before - 1) if before else 0.0
    parts = []
    for language in LANGUAGES:
        lines = [
            verdict[language].format(
                after=after, before=before, change=change, first=seeds[0], last=seeds[-1]
            )
        ]
        for heading, items in ((_NOTES, notes), (_FAULTS, faults)):
            if items:
                lines += ["", heading[language], *(f"  - {item}" for item in items)]
        parts.append("\n".join(lines))
    path.write_text("\n\n----\n\n".join(parts) + "\n", encoding="utf-8")
    return path
