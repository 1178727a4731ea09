"""Stable partners where both sides take several: needs with places, offers with places.

Roth, A. E. (1984), Stability and polarization of interests in job matching, Econometrica 52:47-57: with preferences
over single partners and quotas on both sides, deferred acceptance still leaves no pair that both have, or would make,
room for each other.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from lumbung.cooperation.assignment.preferences import PreferenceError

Lists = Sequence[Sequence[int]]


def assign_many(
    needs: Lists, offers: Lists, need_places: Sequence[int], offer_places: Sequence[int]
) -> set[tuple[int, int]]:
    """Return the pairs (need, offer) of the need-optimal pairwise-stable assignment.

    Parameters
    ----------
    needs
        For each need, indices of offers, best first.
    offers
        For each offer, indices of needs, best first.
    need_places, offer_places
        How many partners each takes.

    Raises
    ------
    PreferenceError
        When lists and places differ in number.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> sorted(cooperation.assign_many(needs=[[0, 1], [0]], offers=[[1, 0], [0]], need_places=[2, 1], offer_places=[1, 1]))
    [(0, 1), (1, 0)]
    """
    if len(needs) != len(need_places) or len(offers) != len(offer_places):
        raise PreferenceError("there must be one number of places for each need and each offer")
    liking = [{need: place for place, need in enumerate(wanted)} for wanted in offers]
    held: list[list[tuple[int, int]]] = [
        [] for _ in offers
    ]  # heaps of (-place, need): the least liked on top
    has = [0] * len(needs)
    follows = [0] * len(needs)
    waiting = list(range(len(needs) - 1, -1, -1))
    while waiting:
        need = waiting.pop()
        while has[need] < need_places[need] and follows[need] < len(needs[need]):
            offer = needs[need][follows[need]]
            follows[need] += 1
            if need not in liking[offer] or offer_places[offer] == 0:
                continue
            entry = (-liking[offer][need], need)
            if len(held[offer]) < offer_places[offer]:
                heapq.heappush(held[offer], entry)
                has[need] += 1
            elif entry > held[offer][0]:
                _, out = heapq.heapreplace(held[offer], entry)
                has[need] += 1
                has[out] -= 1
                waiting.append(out)
    return {(need, offer) for offer, heap in enumerate(held) for _, need in heap}


def blocking_partners(
    needs: Lists,
    offers: Lists,
    need_places: Sequence[int],
    offer_places: Sequence[int],
    pairs: set[tuple[int, int]],
) -> list[tuple[int, int]]:
    """Return every pair, not together, of whom each has room or holds someone it likes less."""
    blocking = []
    for need, wanted in enumerate(needs):
        for offer in wanted:
            if (need, offer) in pairs or need not in offers[offer]:
                continue
            mine = [other for each, other in pairs if each == need]
            theirs = [other for other, each in pairs if each == offer]
            need_would = len(mine) < need_places[need] or any(
                wanted.index(other) > wanted.index(offer) for other in mine
            )
            liked = list(offers[offer])
            offer_would = len(theirs) < offer_places[offer] or any(
                liked.index(other) > liked.index(need) for other in theirs
            )
            if need_would and offer_would and need_places[need] and offer_places[offer]:
                blocking.append((need, offer))
    return blocking
