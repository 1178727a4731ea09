"""Which egress rule fits a challenge's data: the data rules, read for a challenge owner.

The strongest fact comes first: a node that returns only scores and signed logs moves no personal data at all. So
*scores only* always fits; anything more needs a ground, and this module lists the grounds that hold, those that do
not yet, and what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from lumbung.cooperation.rules.answer import Answer, ask
from lumbung.cooperation.rules.rulebook import Rulebook
from lumbung.proving.text import Language, Text

Egress = Literal["scores-only", "data-allowed"]

ADVICE: dict[Egress, Text] = {
    "scores-only": Text(
        en="Keep the data on the node of their home country and let only scores and signed logs leave: then no personal "
        "data cross the border.",
        id="Simpan data di simpul negara asalnya dan keluarkan hanya skor serta catatan bertanda tangan: dengan begitu "
        "tidak ada data pribadi yang melintasi batas negara.",
        zh="数据保留在所在国节点，仅评分与签名日志出境：如此没有任何个人信息跨境。",
    ),
    "data-allowed": Text(
        en="The data themselves may leave on the grounds below; scores only remains the simpler choice.",
        id="Data itu sendiri boleh keluar dengan dasar di bawah ini; mengeluarkan skor saja tetap pilihan yang lebih sederhana.",
        zh="数据本身可依下列依据出境；仅评分出境仍是更简便的选择。",
    ),
}


class EgressAdvice(msgspec.Struct, frozen=True):
    """The egress rule that fits, and what it rests on.

    `grounds` let the data leave, `barriers` apply and are not yet met, `open` wait for facts, `unconfirmed` could
    matter and are not confirmed.
    """

    egress: Egress
    grounds: tuple[Answer, ...]
    barriers: tuple[Answer, ...]
    open: tuple[Answer, ...]
    unconfirmed: tuple[Answer, ...]

    def says(self, language: Language) -> str:
        """Return the advice as a sentence."""
        return ADVICE[self.egress].in_language(language)


def advise_egress(book: Rulebook, facts: Mapping[str, object], on: date) -> EgressAdvice:
    """Advise a challenge owner.

    The data may leave only when some ground of their home country holds and no rule that applies is left open or
    barred, except where another ground exempts them from it. Voluntary clauses are never a ground by themselves.

    Parameters
    ----------
    book
        The rules.
    facts
        `data_home` (ID, CN or other) and what else is known.
    on
        The day asked about.

    Raises
    ------
    BadFact
        When a fact is unknown to the book or of the wrong kind.
    """
    home = book.checked_facts(facts).get("data_home")
    place = str(home) if home in ("ID", "CN") else None
    answers = ask(book, facts, on, place, "data")
    ways = {each.rule.id: _way(each) for each in answers}
    grounds = tuple(each for each in answers if ways[each.rule.id] in ("allowed", "exempt"))
    barriers = tuple(each for each in answers if ways[each.rule.id] == "barred")
    waiting = tuple(each for each in answers if each.state == "open" and _has_way(each))
    exempt = any(ways[each.rule.id] == "exempt" for each in grounds)
    free = bool(grounds) and place is not None and (exempt or not (barriers or waiting))
    unconfirmed = tuple(each for each in answers if each.state == "unconfirmed")
    return EgressAdvice("data-allowed" if free else "scores-only", grounds, barriers, waiting, unconfirmed)


def _way(each: Answer) -> str | None:
    for granted in each.granted:
        if granted.result.id == "way":
            return str(granted.value)
    return None


def _has_way(each: Answer) -> bool:
    return any(result.id == "way" for result in each.rule.results)
