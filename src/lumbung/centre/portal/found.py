"""What else can be found: challenges, organisations, nodes, programmes, help."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.challenges.selectors import visible_challenges
from lumbung.centre.credentials.programmes import visible_programmes
from lumbung.centre.members.models import Country
from lumbung.centre.members.searching import Document
from lumbung.centre.members.selectors import visible_organisations
from lumbung.centre.portal.pages.front import HELP
from lumbung.centre.runs.selectors import all_nodes

# As records name a language, and as Django does.
LANGUAGES = {"en": "en", "id": "id", "zh": "zh-hans"}
_TAG = re.compile(r"<[^>]+>")


def _country(code: str) -> str:
    """A country by its name in every language of the portal."""
    said = []
    for language in LANGUAGES.values():
        with translation.override(language):
            said.append(str(Country(code).label))
    return " ".join(said)


def challenges() -> Iterator[Document]:
    """Each challenge once: the open version, else the newest."""
    seen: set[str] = set()
    order = {Challenge.State.OPEN: 0, Challenge.State.CLOSED: 1}
    for one in sorted(visible_challenges(AnonymousUser()), key=lambda c: (order[c.state], -c.version)):  # type: ignore[index]
        if one.slug in seen:
            continue
        seen.add(one.slug)
        record = one.record
        text = " ".join(
            (
                *record["summary"].values(),
                *record.get("description", {}).values(),
                one.owner.name,
                one.sector,
                one.slug,
            )
        )
        yield Document(
            "challenge", one.slug, record["title"], reverse("portal:challenge", args=(one.slug,)), text
        )


def organisations() -> Iterator[Document]:
    for one in visible_organisations(AnonymousUser()):
        address = reverse("portal:organisation", args=(one.slug,))
        yield Document(
            "organisation", one.slug, {"": one.name}, address, f"{one.about} {_country(one.country)}"
        )


def nodes() -> Iterator[Document]:
    for node in all_nodes():
        text = f"{node.organisation.name} {_country(node.country)}"
        yield Document(
            "node", node.name, {"": node.name}, reverse("portal:node_keys", args=(node.name,)), text
        )


def programmes() -> Iterator[Document]:
    for one in visible_programmes().select_related("organisation"):
        address = reverse("credentials:programme", args=(one.slug,))
        yield Document(
            "programme", one.slug, {"": one.title}, address, f"{one.about} {one.organisation.name}"
        )


def pages() -> Iterator[Document]:
    """The pages of help, as they read in each language."""
    for role, name in HELP.items():
        title, text = {}, []
        for language, code in LANGUAGES.items():
            with translation.override(code):
                title[language] = str(name)
                shown = render_to_string(
                    f"portal/help/{role}.html", {"roles": HELP, "role": role, "title": name}
                )
                text.append(_TAG.sub(" ", shown.partition("<main")[2].partition("</main>")[0]))
        yield Document(
            "help", role, title, reverse("portal:help_page", args=(role,)), " ".join(" ".join(text).split())
        )
