"""The answer as a sheet a person can print: plain text in English, Indonesian or Chinese."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal

from lumbung.cooperation.rules.amounts import amount_text
from lumbung.cooperation.rules.answer import Answer, Granted, State
from lumbung.cooperation.rules.changes import Change
from lumbung.cooperation.rules.rule import Rule, Tier
from lumbung.cooperation.rules.rulebook import Rulebook
from lumbung.cooperation.sentences import colon, listed, said
from lumbung.proving.text import Language, Text

NOT_ADVICE = Text(
    en="This is information, not legal or tax advice. Rules change: before you rely on an answer, read the article named "
    "or ask the authority.",
    id="Lembar ini bersifat informasi, bukan nasihat hukum atau pajak. Peraturan dapat berubah: sebelum mengandalkan "
    "jawaban ini, baca pasal yang disebut atau tanyakan kepada instansi berwenang.",
    zh="本页仅供参考，不构成法律或税务意见。规定可能变动，据此行事前请查阅所列条款或咨询主管部门。",
)
STATES: dict[State, Text] = {
    "entitled": Text(en="Conditions met", id="Syarat terpenuhi", zh="符合条件"),
    "open": Text(en="More must be known", id="Perlu informasi tambahan", zh="尚需补充信息"),
    "refused": Text(en="Not met", id="Tidak memenuhi syarat", zh="不符合条件"),
    "unconfirmed": Text(
        en="Not confirmed: nothing computed", id="Belum dipastikan: tidak dihitung", zh="未经核实：不作计算"
    ),
}
DATA_STATES: dict[State, Text] = {
    **STATES,
    "entitled": Text(en="Applies", id="Berlaku", zh="适用"),
    "refused": Text(en="Does not apply", id="Tidak berlaku", zh="不适用"),
}
TIERS: dict[Tier, Text] = {
    "text": Text(en="text of the rule", id="naskah peraturan", zh="法规原文"),
    "reported": Text(en="as reported", id="menurut laporan", zh="据报道"),
}
_HEAD = Text(
    en="On {day}, {place}", id="Pada {day}, {place}", zh="{day}，{place}"
)  # fmt: skip
_EVERYWHERE = Text(en="all places", id="semua wilayah", zh="全部地区")
_ARTICLE = Text(en="article", id="dasar hukum", zh="依据")
_SOURCE = Text(en="source", id="sumber", zh="来源")
_SEEN = Text(en="seen {day}", id="dilihat {day}", zh="{day}查阅")
_VALID = Text(en="valid {first} to {last}", id="berlaku {first} sampai {last}", zh="有效期{first}至{last}")
_VALID_OPEN = Text(en="valid from {first}", id="berlaku sejak {first}", zh="自{first}起有效")
_AT_MOST = Text(
    en=" (ceiling; the authority decides)",
    id=" (batas atas; diputuskan instansi)",
    zh="（上限，由主管部门核定）",
)
_UNMET = Text(en="does not hold: {what}", id="tidak terpenuhi: {what}", zh="不满足：{what}")
_MISSING = Text(en="to be answered: {what}", id="perlu dijawab: {what}", zh="待回答：{what}")
_CHOOSE = Text(
    "choose one: not together with {what}",
    "pilih salah satu: tidak dapat digabung dengan {what}",
    "只能择一：不可与{what}同时享受",
)
_STEPS = Text(en="ways to a ground", id="jalan menuju dasar yang sah", zh="可行途径")
_WINDOWS = {
    "not-yet": Text(
        en="apply from {first} to {last}",
        id="pengajuan {first} sampai {last}",
        zh="申报时间{first}至{last}（未开始）",
    ),
    "open": Text(
        en="apply now, until {last}", id="ajukan sekarang, sampai {last}", zh="现可申报，截至{last}"
    ),
    "closed": Text(
        en="applications closed on {last}", id="pengajuan ditutup {last}", zh="申报已于{last}截止"
    ),
}
_TURNS = {
    "began": Text(en="began", id="mulai berlaku", zh="开始施行"),
    "ended": Text(en="ended", id="berakhir", zh="失效"),
    "replaced": Text(en="was replaced by", id="digantikan oleh", zh="由以下规定取代"),
    "unconfirmed": Text(
        en="is no longer computed here; see", id="tidak lagi dihitung di sini; lihat", zh="此后不再计算，参见"
    ),
    "answer-changed": Text(en="answers differently", id="jawabannya berubah", zh="结果变化"),
}
_PLACES = {
    "ID": Text(en="Indonesia", id="Indonesia", zh="印度尼西亚"),
    "CN": Text(en="China", id="Tiongkok", zh="中国"),
    "CN-GX-NNG": Text(en="Nanning", id="Nanning", zh="南宁"),
    "ASEAN": Text(en="ASEAN", id="ASEAN", zh="东盟"),
}
_MONTHS: dict[Language, tuple[str, ...]] = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    "id": ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"),
}  # fmt: skip


def day_text(day: date, language: Language) -> str:
    """Write a day the long way: 1 March 2025, 1 Maret 2025, 2025年3月1日."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[language][day.month - 1]} {day.year}"


def moment_text(moment: datetime, language: Language) -> str:
    """Write a moment on its own wall clock: 1 March 2025, 10:30, 1 Maret 2025, 10.30, 2025年3月1日10:30."""
    clock = moment.strftime("%H.%M" if language == "id" else "%H:%M")
    return f"{day_text(moment.date(), language)}{'' if language == 'zh' else ', '}{clock}"


def place_text(place: str | None, language: Language) -> str:
    """Name a jurisdiction; an unknown code is written as it is."""
    if place is None:
        return _EVERYWHERE.in_language(language)
    return _PLACES[place].in_language(language) if place in _PLACES else place


def granted_text(granted: Granted, language: Language) -> str:
    """Write one thing a rule grants: label, exact amount, and whether it is only a ceiling."""
    result, value = granted.result, granted.value
    if isinstance(value, Decimal):
        shown = amount_text(value, result.unit, language)
    else:
        shown = (result.words or {})[value].in_language(language) if value in (result.words or {}) else value
    joint = colon(language)
    return (
        result.label.in_language(language)
        + joint
        + shown
        + (_AT_MOST.in_language(language) if result.ceiling else "")
    )


def state_text(each: Answer, language: Language) -> str:
    """Name the state of an answer; a data rule *applies* where an incentive's conditions are *met*."""
    return (DATA_STATES if each.rule.sort == "data" else STATES)[each.state].in_language(language)


def validity_text(rule: Rule, language: Language) -> str:
    """Write the validity of a rule."""
    first = day_text(rule.valid.first, language)
    if rule.valid.last is None:
        return said(_VALID_OPEN, language, first=first)
    return said(_VALID, language, first=first, last=day_text(rule.valid.last, language))


def answer_lines(
    each: Answer, book: Rulebook, language: Language, entitled: Collection[str] = ()
) -> list[str]:
    """Write one answer: title and state first, then amounts, what is missing, article, validity and sources.

    `entitled` are the rules whose conditions are met too: of those that exclude each other one must be chosen.
    """
    rule = each.rule
    lines = [f"[{state_text(each, language)}] {rule.title.in_language(language)}"]
    lines += [granted_text(granted, language) for granted in each.granted]
    rivals = [book.rules[name].title.in_language(language) for name in rule.excludes if name in entitled]
    if each.state == "entitled" and rivals:
        lines.append(said(_CHOOSE, language, what=listed(rivals, language)))
    lines += [said(_UNMET, language, what=condition.says.in_language(language)) for condition in each.unmet]
    lines += [
        said(_MISSING, language, what=book.facts[name].question.in_language(language))
        for name in each.missing
    ]
    if each.state == "entitled" and rule.steps:
        lines.append(
            _STEPS.in_language(language)
            + colon(language)
            + " ".join(says.in_language(language) for _, says in rule.steps)
        )
    if rule.applies is not None and each.window in _WINDOWS and rule.applies.last is not None:
        days = {
            "first": day_text(rule.applies.first, language),
            "last": day_text(rule.applies.last, language),
        }
        lines.append(said(_WINDOWS[each.window], language, **days))
    if rule.note is not None:
        lines.append(rule.note.in_language(language))
    joint = colon(language)
    lines.append(
        f"{_ARTICLE.in_language(language)}{joint}{rule.article.in_language(language)} · {validity_text(rule, language)}"
    )
    sources = [
        f"{source.title} ({TIERS[source.tier].in_language(language)}, {said(_SEEN, language, day=source.seen.isoformat())})"
        for source in rule.sources
    ]
    lines.append(f"{_SOURCE.in_language(language)}{joint}{listed(sources, language)}")
    return [lines[0], *("    " + line for line in lines[1:])]


def sheet(answers: Iterable[Answer], book: Rulebook, on: date, place: str | None, language: Language) -> str:
    """Write the whole printable answer. That it is not legal advice is said once, at the end."""
    lines = [said(_HEAD, language, day=day_text(on, language), place=place_text(place, language)), ""]
    answers = tuple(answers)
    entitled = frozenset(each.rule.id for each in answers if each.state == "entitled")
    for each in answers:
        lines += [*answer_lines(each, book, language, entitled), ""]
    return "\n".join([*lines, NOT_ADVICE.in_language(language)])


def change_lines(change: Change, book: Rulebook, language: Language) -> list[str]:
    """Write one change between two days."""
    lines = [
        f"{day_text(change.day, language)}  {change.rule.title.in_language(language)} — {_TURNS[change.turn].in_language(language)}"
    ]
    if change.successor is not None:
        title, article = (
            text.in_language(language) for text in (change.successor.title, change.successor.article)
        )
        lines.append(f"    {title}（{article}）" if language == "zh" else f"    {title} ({article})")
    for each in (change.before, change.after):
        if each is not None and (each.granted or change.turn == "answer-changed"):
            shown = [granted_text(granted, language) for granted in each.granted]
            lines.append(
                f"    {day_text(each.on, language)}: " + "; ".join([state_text(each, language), *shown])
            )
    return lines
