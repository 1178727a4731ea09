"""Who gets found: how often organisations of each country and size are shown and matched, against how many there are.

A desk that always finds the same large firms is unfair even when every single match is right. The report compares
each group's share of places near the top with its share of the offers that could have been there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from lumbung.cooperation.matching.candidates import Pool
from lumbung.cooperation.matching.listings import Organisation
from lumbung.cooperation.matching.names import name_of
from lumbung.cooperation.sentences import said
from lumbung.proving.text import Language, Text

By = Literal["country", "size"]

_FEW = 5
_LINE = Text(
    "{group} — offers: {offers}; share of the top {top}: {shown}; share by chance: {possible}; ratio: {ratio}; "
    "matched: {matched}{few}",
    "{group} — penawaran: {offers}; porsi {top} besar: {shown}; porsi bila acak: {possible}; rasio: {ratio}; "
    "dipasangkan: {matched}{few}",
    "{group}——供给：{offers}；前{top}名占比：{shown}；随机占比：{possible}；比值：{ratio}；已匹配：{matched}{few}",
)
_TOO_FEW = Text(" (too few to judge)", " (terlalu sedikit untuk dinilai)", "（样本过少，不宜判断）")


class Share(msgspec.Struct, frozen=True):
    """How one group fares.

    Attributes
    ----------
    group
        Country code or size.
    offers
        How many offers it has.
    shown
        Its share of all places in the top.
    possible
        Its share of all (need, offer) pairs that break no constraint: what blind chance would give it.
    ratio
        `shown` / `possible`; 1 is parity, NaN where it could not be shown at all.
    matched
        How many of its offers were matched.
    few
        Whether it has too few offers for its ratio to mean anything.
    """

    group: str
    offers: int
    shown: float
    possible: float
    ratio: float
    matched: int
    few: bool


def fairness(
    pool: Pool, matched: Iterable[tuple[int, int]] = (), by: By = "country", top: int = 3
) -> tuple[Share, ...]:
    """Report how groups of offering organisations fare.

    Parameters
    ----------
    pool
        What was compared.
    matched
        Pairs of indices (need, offer) that were matched.
    by
        Group by country or by size.
    top
        How many candidates of each need a person is shown.

    Returns
    -------
    tuple of Share
        By group name. Shares sum to 1 over the groups.
    """
    key: Callable[[Organisation], str] = (lambda o: o.country) if by == "country" else (lambda o: o.size)
    group = [key(pool.organisations[offer.organisation]) for offer in pool.offers]
    index = {offer.id: place for place, offer in enumerate(pool.offers)}
    shown: dict[str, int] = defaultdict(int)
    possible: dict[str, float] = defaultdict(float)
    for need in range(len(pool.needs)):
        ranked = pool.candidates(need)
        for candidate in ranked:
            # each need shows min(top, candidates) places, spread evenly by blind chance
            possible[group[index[candidate.offer.id]]] += min(top, len(ranked)) / len(ranked)
        for candidate in ranked[:top]:
            shown[group[index[candidate.offer.id]]] += 1
    places, chances = sum(shown.values()), sum(possible.values())
    counts: dict[str, int] = defaultdict(int)
    for _, offer in matched:
        counts[group[offer]] += 1
    shares = []
    for name in sorted(set(group)):
        share = shown[name] / places if places else 0.0
        chance = possible[name] / chances if chances else 0.0
        ratio = share / chance if chance else float("nan")
        offers = group.count(name)
        shares.append(Share(name, offers, share, chance, ratio, counts[name], offers < _FEW))
    return tuple(shares)


def fairness_lines(shares: Iterable[Share], top: int, language: Language) -> list[str]:
    """Write the report, one line a group."""
    return [
        said(
            _LINE,
            language,
            group=name_of(each.group, language),
            offers=each.offers,
            top=top,
            shown=f"{each.shown:.0%}",
            possible=f"{each.possible:.0%}",
            ratio=_ratio_text(each.ratio, language),
            matched=each.matched,
            few=_TOO_FEW.in_language(language) if each.few else "",
        )
        for each in shares
    ]


def _ratio_text(ratio: float, language: Language) -> str:
    if math.isnan(ratio):
        return "–"
    text = f"{ratio:.2f}"
    return text.replace(".", ",") if language == "id" else text
