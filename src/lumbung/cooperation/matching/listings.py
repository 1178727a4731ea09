"""Who seeks and who offers what: organisations, their needs and offers, and what they have proven."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from lumbung.proving.standing import Standing

Size = Literal["micro", "small", "medium", "large", "public", "university"]


class Written(msgspec.Struct, frozen=True):
    """A text and the language it is written in, as a code such as ``en``, ``id``, ``zh``, ``ms``, ``th`` or ``vi``.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> cooperation.Written("信号配时优化", "zh").language
    'zh'
    """

    text: str
    language: str


class Organisation(msgspec.Struct, frozen=True):
    """A company, university or public body.

    Attributes
    ----------
    id, name, country
        `country` is an ISO 3166 code.
    size
        For the fairness report, never for ranking.
    group
        Who owns it, where that matters: organisations of one group have a conflict of interest.
    conflicts
        Others it declared a conflict of interest with.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> cooperation.Organisation("ugm", "Universitas Contoh", "ID", "university").country
    'ID'
    """

    id: str
    name: str
    country: str
    size: Size
    group: str | None = None
    conflicts: frozenset[str] = frozenset()


class Need(msgspec.Struct, frozen=True):
    """What an organisation looks for.

    Attributes
    ----------
    countries
        Where a partner must come from; empty for anywhere.
    requires
        What a partner must bring, as short names (``gpu``, ``field-site``, ``on-premises``).
    places
        How many partners it can work with.
    budget
        What it can spend, in whole units of the centre's currency; 0 when money is no matter.
    challenge
        The challenge of the proving ground that states the same problem, if any.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> words = cooperation.Written("Pemantauan oksigen tambak udang pada malam hari.", "id")
    >>> cooperation.Need("shrimp", "cooperative", words, sector="fisheries", requires=frozenset({"field-site"})).places
    1
    """

    id: str
    organisation: str
    words: Written
    sector: str
    countries: frozenset[str] = frozenset()
    requires: frozenset[str] = frozenset()
    places: int = 1
    budget: int = 0
    challenge: str | None = None


class Offer(msgspec.Struct, frozen=True):
    """What an organisation brings.

    Attributes
    ----------
    sectors
        Where it works; empty for anywhere.
    countries
        Whom it may serve; empty for anyone.
    provides
        What it brings, as the short names that needs require.
    places
        How many partners it can take on.
    price
        What one engagement costs, in the same unit as budgets.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> words = cooperation.Written("对虾养殖溶解氧监测与预警", "zh")
    >>> cooperation.Offer(
    ...     "oxygen", "company", words, sectors=frozenset({"fisheries"}), provides=frozenset({"field-site"})
    ... ).places
    1
    """

    id: str
    organisation: str
    words: Written
    sectors: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    provides: frozenset[str] = frozenset()
    places: int = 1
    price: int = 0


class Proof(msgspec.Struct, frozen=True):
    """What an organisation's solution has shown on the proving ground, from a standing.

    Attributes
    ----------
    rank_low, rank_high
        The range of ranks the evidence allows.
    field
        How many solutions were ranked.
    cases
        On how many cases.
    """

    organisation: str
    challenge: str
    sector: str
    rank_low: int
    rank_high: int
    field: int
    cases: int

    @property
    def strength(self) -> float:
        """From 0 (no better than last) to 1 (surely first): the share of the field surely not better.

        The worst rank the evidence allows counts, so a lucky run on few cases earns little.
        """
        return (self.field - self.rank_high) / (self.field - 1) if self.field > 1 else 0.0


def proofs_from_standing(standing: Standing, sector: str, owners: Mapping[str, str]) -> tuple[Proof, ...]:
    """Read proofs out of a standing.

    Parameters
    ----------
    standing
        Computed from evidence by the proving ground.
    sector
        The sector of its challenge.
    owners
        The organisation behind each submission digest; submissions of nobody here (reference solutions) are left out
        but still count as the field.
    """
    return tuple(
        Proof(
            owners[row.submission_digest],
            standing.challenge,
            sector,
            row.rank_low,
            row.rank_high,
            len(standing.rows),
            row.cases,
        )
        for row in standing.rows
        if row.submission_digest in owners
    )
