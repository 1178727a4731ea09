"""What a search engine may know: the pages that everybody may read, and which they are."""

from __future__ import annotations

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from lumbung.centre.challenges.models import Challenge, shown_to_all
from lumbung.centre.members.models import Organisation
from lumbung.centre.portal.pages.front import HELP

PRIVATE = (
    "/accounts/",
    "/account/",
    "/api/",
    "/audit/",
    "/come-in/",
    "/desk/",
    "/invitations/",
    "/notices/",
    "/runs/",
    "/submissions/",
    "/suspended/",
    "/teams/",
)


class Pages(Sitemap):
    """Pages that are always there."""

    def items(self) -> list[str]:
        names = ("home", "challenges", "results", "organisations", "nodes", "log", "help", "privacy")
        helps = [reverse("portal:help_page", args=(role,)) for role in HELP]
        return [reverse(f"portal:{name}") for name in names] + helps

    def location(self, item: str) -> str:
        return item


class Challenges(Sitemap):
    """Challenges that are or were open, each at its newest such version."""

    def items(self) -> QuerySet[Challenge]:
        return Challenge.objects.filter(shown_to_all(), state=Challenge.State.OPEN).order_by("slug")

    def location(self, item: Challenge) -> str:
        return reverse("portal:challenge", args=(item.slug,))

    def lastmod(self, item: Challenge) -> datetime:
        return item.created


class Organisations(Sitemap):
    """Organisations that the centre approved."""

    def items(self) -> QuerySet[Organisation]:
        return Organisation.objects.filter(approved=True).order_by("slug")

    def location(self, item: Organisation) -> str:
        return reverse("portal:organisation", args=(item.slug,))


SITEMAPS: dict[str, type[Sitemap]] = {
    "pages": Pages,
    "challenges": Challenges,
    "organisations": Organisations,
}


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Tell search engines what is nobody's but a person's, and where the list of pages is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    lines.append(f"Sitemap: {request.build_absolute_uri(reverse('portal:sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
