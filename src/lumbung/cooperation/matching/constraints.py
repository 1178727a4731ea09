"""What must hold for a match, whatever the texts say: sector, country, capacity, conflict of interest, requirements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from lumbung.cooperation.matching.listings import Need, Offer, Organisation
from lumbung.cooperation.matching.names import name_of
from lumbung.cooperation.sentences import listed, said
from lumbung.proving.text import Language, Text

Kind = Literal[
    "same-organisation",
    "conflict",
    "sector",
    "country-of-need",
    "country-of-offer",
    "full",
    "requirement",
    "price",
]

_SAYS: dict[Kind, Text] = {
    "same-organisation": Text(
        "need and offer come from the same organisation",
        "kebutuhan dan penawaran berasal dari organisasi yang sama",
        "需求与供给来自同一机构",
    ),
    "conflict": Text("conflict of interest", "ada konflik kepentingan", "存在利益冲突"),
    "sector": Text(
        "does not work in this sector ({what})",
        "tidak bergerak di sektor ini ({what})",
        "不从事该领域（{what}）",
    ),
    "country-of-need": Text(
        "partners must come from {what}", "mitra harus berasal dari {what}", "合作方须来自{what}"
    ),
    "country-of-offer": Text("may not serve {what}", "tidak dapat melayani {what}", "不能服务{what}"),
    "full": Text("has no place left", "sudah tidak ada tempat", "名额已满"),
    "requirement": Text("does not bring: {what}", "belum menyediakan: {what}", "尚未提供：{what}"),
    "price": Text(
        "costs {what}, more than the budget", "biayanya {what}, melebihi anggaran", "费用为{what}，超出预算"
    ),
}


class Barrier(msgspec.Struct, frozen=True):
    """A hard constraint that a pair breaks, with what it is about."""

    kind: Kind
    about: tuple[str, ...] = ()

    def says(self, language: Language) -> str:
        """Return the barrier as a phrase."""
        return said(
            _SAYS[self.kind],
            language,
            what=listed([name_of(each, language) for each in self.about], language),
        )


def barriers(
    need: Need,
    offer: Offer,
    organisations: Mapping[str, Organisation],
    taken: Mapping[str, int] | None = None,
) -> tuple[Barrier, ...]:
    """Return every hard constraint that the pair breaks; an empty tuple means it may be matched.

    Parameters
    ----------
    need, offer
        The pair.
    organisations
        By id; both organisations must be there.
    taken
        How many places of each need and offer (by id) are already taken.
    """
    seeker, giver = organisations[need.organisation], organisations[offer.organisation]
    taken = taken or {}
    found = []
    if seeker.id == giver.id:
        found.append(Barrier("same-organisation"))
    elif in_conflict(seeker, giver):
        found.append(Barrier("conflict"))
    if offer.sectors and need.sector not in offer.sectors:
        found.append(Barrier("sector", (need.sector,)))
    if need.countries and giver.country not in need.countries:
        found.append(Barrier("country-of-need", tuple(sorted(need.countries))))
    if offer.countries and seeker.country not in offer.countries:
        found.append(Barrier("country-of-offer", (seeker.country,)))
    if taken.get(need.id, 0) >= need.places or taken.get(offer.id, 0) >= offer.places:
        found.append(Barrier("full"))
    lacking = need.requires - offer.provides
    if lacking:
        found.append(Barrier("requirement", tuple(sorted(lacking))))
    if need.budget and offer.price > need.budget:
        found.append(Barrier("price", (f"{offer.price:,}",)))
    return tuple(found)


def in_conflict(one: Organisation, other: Organisation) -> bool:
    """Whether two organisations share an owner or one declared a conflict with the other."""
    same_group = one.group is not None and one.group == other.group
    return same_group or other.id in one.conflicts or one.id in other.conflicts
