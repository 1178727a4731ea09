"""What of cooperation can be found: needs, offers, projects under agreement, facilities, seasons."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from lumbung.centre.members.searching import Document
from lumbung.centre.partners.listings import open_needs, open_offers
from lumbung.centre.partners.models import Facility, Listing, Season
from lumbung.centre.partners.projects import visible_projects
from lumbung.cooperation.matching.names import name_of

LANGUAGES = ("en", "id", "zh")


def _named(codes: list[str]) -> str:
    return " ".join(name_of(code, language) for code in codes for language in LANGUAGES)  # type: ignore[arg-type]


def _listing(kind: str, listing: Listing, organisation: str, slug: str, codes: list[str]) -> Document:
    address = f"{reverse('portal:organisation', args=(slug,))}#{kind}-{listing.pk}"
    return Document(kind, str(listing.pk), {"": organisation}, address, listing.words, _named(codes))


def needs() -> Iterator[Document]:
    for need in open_needs():
        codes = [need.sector, need.organisation.country]
        yield _listing("need", need, need.organisation.name, need.organisation.slug, codes)


def offers() -> Iterator[Document]:
    for offer in open_offers():
        codes = [*offer.sectors, offer.organisation.country]
        yield _listing("offer", offer, offer.organisation.name, offer.organisation.slug, codes)


def projects() -> Iterator[Document]:
    for project in visible_projects(AnonymousUser()):
        title = project.content["title"]
        partners = " ".join(each.name for each in project.partners.all())
        yield Document(
            "project", project.token, title, reverse("partners:project", args=(project.token,)), partners
        )


def facilities() -> Iterator[Document]:
    for facility in Facility.objects.select_related("host"):
        address = reverse("partners:facility", args=(facility.slug,))
        yield Document(
            "facility", facility.slug, facility.name, address, f"{facility.host.name} {facility.resource}"
        )


def seasons() -> Iterator[Document]:
    for season in Season.objects.all():
        yield Document(
            "season", season.slug, season.title, reverse("partners:season", args=(season.slug,)), ""
        )
