"""Needs and offers over the API: what everybody can read on the page, page by page."""

from __future__ import annotations

from typing import Annotated, Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema

from lumbung.centre.members.doors import answer, open_to_all
from lumbung.centre.members.searching import search
from lumbung.centre.partners.listings import find_needs, find_offers
from lumbung.centre.partners.models import Listing

router = Router(tags=["cooperation"])


class Asked(Schema):
    """Which part of the directory."""

    sector: Annotated[str, Field(max_length=32, pattern=r"^[a-z-]*$")] = ""
    q: Annotated[str, Field(max_length=200)] = ""
    page: Annotated[int, Field(ge=1, le=10**6)] = 1


class Question(Schema):
    """What to look for, and how much of it."""

    q: Annotated[str, Field(min_length=1, max_length=200)]
    page: Annotated[int, Field(ge=1, le=10**6)] = 1


SHOWN = 50


@router.get("/cooperation/needs", auth=open_to_all(), summary="Open needs, fifty a page")
def needs(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
    return _page(
        find_needs(asked.sector, asked.q),
        asked.page,
        lambda need: {
            **_listing(need),
            "sector": need.sector,
            "requires": need.requires,
            "budget": need.budget or None,
            "challenge": need.challenge if need.stated else None,
        },
    )


@router.get("/cooperation/offers", auth=open_to_all(), summary="Open offers, fifty a page")
def offers(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
    return _page(
        find_offers(asked.sector, asked.q),
        asked.page,
        lambda offer: {
            **_listing(offer),
            "sectors": offer.sectors,
            "provides": offer.provides,
            "price": offer.price or None,
        },
    )


@router.get("/search", auth=open_to_all(), summary="Search over what everybody may see, fifty a page")
def found(request: HttpRequest, asked: Query[Question]) -> HttpResponse:
    return _page(
        search(asked.q),
        asked.page,
        lambda entry: {
            "kind": entry.kind,
            "title": entry.title,
            "address": entry.address,
            "text": entry.text,
        },
    )


def _page(found: Any, number: int, row: Any) -> HttpResponse:
    """One page of what was found; a page beyond the last is empty."""
    pages = Paginator(found, SHOWN)
    rows = [row(each) for each in pages.page(number)] if number <= pages.num_pages else []
    return answer({"count": pages.count, "page": number, "pages": pages.num_pages, "rows": rows})


def _listing(listing: Listing) -> dict[str, Any]:
    organisation = listing.organisation  # type: ignore[attr-defined]
    return {
        "id": listing.pk,
        "organisation": organisation.slug,
        "country": organisation.country,
        "words": listing.words,
        "language": listing.language,
        "countries": listing.countries,
        "places": listing.places,
        "created": listing.created,
    }
