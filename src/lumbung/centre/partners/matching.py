"""The matching desk's view of the directory: who fits whom, why, and who gets found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from lumbung.centre.members.access import NotFound
from lumbung.centre.members.models import Organisation
from lumbung.centre.partners.listings import open_needs, open_offers
from lumbung.centre.partners.models import Conflict, Need, Offer, Project
from lumbung.centre.partners.proofs import proofs_of_all
from lumbung.centre.partners.vectors import by_model, means_for, written
from lumbung.cooperation.matching import listings as records
from lumbung.cooperation.matching.candidates import Candidate, Pool, compare
from lumbung.cooperation.matching.desk import propose
from lumbung.cooperation.matching.explanation import Explanation, barred_text, explain
from lumbung.cooperation.matching.fairness import By, Share, fairness
from lumbung.proving.text import Language

SHOWN = 3


class Desk(NamedTuple):
    """Everything that was compared: the pool, and the rows behind its needs and offers, in the same order."""

    pool: Pool
    needs: Sequence[Need]
    offers: Sequence[Offer]
    by_model: bool

    def place_of(self, need: Need) -> int:
        """The need's number in the pool."""
        for place, each in enumerate(self.needs):
            if each.pk == need.pk:
                return place
        raise NotFound


class Shown(NamedTuple):
    """One candidate as staff see it."""

    offer: Offer
    place: int
    score: float
    why: Explanation


def size_of(organisation: Organisation) -> records.Size:
    """Universities and public bodies are sizes of their own in the fairness report."""
    if organisation.kind in ("university", "public"):
        return organisation.kind  # type: ignore[return-value]
    return organisation.size  # type: ignore[return-value]


def organisation_record(organisation: Organisation, conflicts: Iterable[str] = ()) -> records.Organisation:
    """An organisation as cooperation knows it."""
    return records.Organisation(
        organisation.slug, organisation.name, organisation.country, size_of(organisation),
        conflicts=frozenset(conflicts),
    )  # fmt: skip


def need_record(need: Need) -> records.Need:
    """A need as cooperation knows it."""
    return records.Need(
        f"n{need.pk}", need.organisation.slug, written(need), need.sector, frozenset(need.countries),
        frozenset(need.requires), need.places, need.budget, need.challenge or None,
    )  # fmt: skip


def offer_record(offer: Offer) -> records.Offer:
    """An offer as cooperation knows it."""
    return records.Offer(
        f"o{offer.pk}", offer.organisation.slug, written(offer), frozenset(offer.sectors),
        frozenset(offer.countries), frozenset(offer.provides), offer.places, offer.price,
    )  # fmt: skip


def desk(now: datetime, *, counting_places: bool = True) -> Desk:
    """Compare every open need with every open offer.

    Parameters
    ----------
    now : datetime
    counting_places : bool
        Whether places that projects take are taken.
    """
    needs, offers = list(open_needs().order_by("pk")), list(open_offers().order_by("pk"))
    means = means_for([written(each) for each in [*needs, *offers]])
    organisations = [*(each.organisation for each in needs), *(each.organisation for each in offers)]
    pool = compare(
        [need_record(each) for each in needs],
        [offer_record(each) for each in offers],
        _organisations(organisations),
        means,
        proofs_of_all(organisations, now),
        taken=_taken() if counting_places else None,
    )
    return Desk(pool, needs, offers, by_model(means))


def _organisations(found: Iterable[Organisation]) -> dict[str, records.Organisation]:
    conflicts: dict[int, list[str]] = {}
    for one, other in Conflict.objects.values_list("organisation_id", "other__slug"):
        conflicts.setdefault(one, []).append(other)
    return {each.slug: organisation_record(each, conflicts.get(each.pk, ())) for each in found}


def _taken() -> Counter[str]:
    """Places taken by projects that have not ended."""
    taken: Counter[str] = Counter()
    for need, offer in Project.objects.exclude(stage="ended").values_list("need_id", "offer_id"):
        taken.update((f"n{need}", f"o{offer}"))
    return taken


def candidates(desk: Desk, need: Need, language: Language, count: int = SHOWN) -> list[Shown]:
    """Return the best candidates of a need, each with its reasons in the reader's language."""
    number = desk.place_of(need)
    return [
        Shown(_offer(desk, each), place, each.score, explain(desk.pool, number, place, language))
        for place, each in enumerate(desk.pool.candidates(number)[:count])
    ]


def aside(desk: Desk, need: Need, language: Language) -> list[str]:
    """Say who stands aside, and why."""
    found = desk.pool.candidates(desk.place_of(need), barred=True)
    return [barred_text(desk.pool, each, language) for each in found if each.barriers]


def proposed(desk: Desk) -> set[tuple[int, int]]:
    """Return the pairs (need, offer) that are stable together: no two would both rather have each other."""
    pairs = propose(desk.pool).pairs
    return {(desk.needs[need].pk, desk.offers[offer].pk) for need, offer in pairs}


def explanation_of(desk: Desk, need: Need, offer: Offer, language: Language) -> Explanation:
    """Explain one pair, wherever it is ranked.

    Raises
    ------
    NotFound
        Where a hard constraint forbids the pair, or one of the two is not open.
    """
    number = desk.place_of(need)
    for place, each in enumerate(desk.pool.candidates(number)):
        if _offer(desk, each).pk == offer.pk:
            return explain(desk.pool, number, place, language)
    raise NotFound


def seekers(desk: Desk, offer: Offer, count: int = SHOWN) -> list[Need]:
    """Return who needs just this, best first."""
    numbers = {each.pk: place for place, each in enumerate(desk.offers)}
    by_id = {f"n{need.pk}": need for need in desk.needs}
    if offer.pk not in numbers:
        return []
    return [by_id[each.need.id] for each in desk.pool.seekers(numbers[offer.pk])[:count]]


def fairness_by(now: datetime, *ways: By) -> list[tuple[Share, ...]]:
    """Report who gets found and matched, each way asked for: by country, by size; places taken do not count here."""
    everything = desk(now, counting_places=False)
    needs = {each.pk: place for place, each in enumerate(everything.needs)}
    offers = {each.pk: place for place, each in enumerate(everything.offers)}
    matched = [
        (needs[need], offers[offer])
        for need, offer in Project.objects.exclude(
            Q(stage="ended") | Q(need__is_open=False) | Q(offer__is_open=False)
        ).values_list("need_id", "offer_id")
        if need in needs and offer in offers
    ]
    return [fairness(everything.pool, matched, by, SHOWN) for by in ways]


def _offer(desk: Desk, candidate: Candidate) -> Offer:
    wanted = int(candidate.offer.id.removeprefix("o"))
    return next(each for each in desk.offers if each.pk == wanted)
