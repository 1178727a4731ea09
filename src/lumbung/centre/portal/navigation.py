"""The way through the portal: four places with their sections, one's own things, and the desks of those who look after it.

A new page is named in the section it belongs to; where one is and the way up are read from that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lumbung.centre.members.access import is_staff, known, may_audit
from lumbung.centre.members.notices import unread_by


def everybody(person: Any) -> bool:
    """Whether *person* sees what everybody sees."""
    return True


@dataclass(frozen=True)
class Section:
    """One subject of a place.

    Attributes
    ----------
    label : str
        Translated when shown.
    url : str
        The name of its first page, an address without parameters.
    pages : tuple of str
        The names of the pages below it.
    who : callable
        Whether a person sees it.
    """

    label: str | Promise
    url: str
    pages: tuple[str, ...] = ()
    who: Callable[[Any], bool] = everybody


@dataclass(frozen=True)
class Place:
    """One word of the main navigation. It leads to the first section that a person sees."""

    label: str | Promise
    sections: tuple[Section, ...]


PLACES = (
    Place(
        _("Challenges"),
        (
            Section(
                _("Challenges"),
                "portal:challenges",
                (
                    "portal:challenge",
                    "portal:submit",
                    "portal:challenge_edit",
                    "portal:guests",
                    "portal:guest_links",
                    "portal:come_in",
                    "portal:challenge_nodes",
                    "portal:challenge_runs",
                    "portal:challenge_statistics",
                    "portal:leaderboard",
                    "portal:discussion",
                    "portal:pose",
                    "portal:studio",
                    "portal:evidence",
                    "portal:evidence_check",
                    "credentials:passport",
                    "portal:adopt",
                ),
            ),
            Section(_("Seasons"), "partners:seasons", ("partners:season", "partners:new_season")),
            Section(_("Nodes"), "portal:nodes", ("portal:node_keys", "portal:enrol_node")),
        ),
    ),
    Place(
        _("Results"),
        (
            Section(_("Achieved so far"), "portal:results"),
            Section(_("Indicators"), "portal:indicators", ("portal:report",)),
            Section(_("Projects"), "partners:projects", ("partners:project",)),
            Section(_("Agreements"), "partners:agreements", ("partners:agreement", "partners:new_agreement")),
            Section(_("Log"), "portal:log"),
        ),
    ),
    Place(
        _("Talent"),
        (
            Section(_("The test"), "credentials:talent", ("credentials:test", "credentials:result")),
            Section(
                _("Programmes"),
                "credentials:programmes",
                ("credentials:programme", "credentials:new_programme", "credentials:proctor"),
            ),
            Section(_("National picture"), "credentials:nation"),
            Section(_("Road to nine million"), "credentials:road", ("credentials:plan",)),
            Section(
                _("Verify a badge"), "credentials:verify", ("credentials:badge", "credentials:achievement")
            ),
        ),
    ),
    Place(
        _("Partners"),
        (
            Section(_("Needs and offers"), "partners:home", ("partners:new_need", "partners:new_offer")),
            Section(_("Organisations"), "portal:organisations", ("portal:organisation", "portal:register")),
            Section(_("Support you may claim"), "partners:support", ("partners:egress", "partners:coverage")),
            Section(
                _("Facilities"),
                "partners:facilities",
                ("partners:facility", "partners:new_facility", "partners:line"),
            ),
        ),
    ),
)
OWN = Place(
    _("My things"),
    (
        Section(
            _("My submissions"),
            "portal:submissions",
            ("portal:submission", "portal:submission_life", "portal:run", "portal:run_life"),
            known,
        ),
        Section(_("Notices"), "portal:notices", ("portal:notice",), known),
        Section(_("Teams"), "portal:teams", ("portal:accept_invitation", "portal:weights"), known),
        Section(_("Adoptions"), "portal:adoptions", (), known),
        Section(
            _("My badges"),
            "credentials:badges",
            ("credentials:ask_badge", "credentials:ask_badge_over_standing"),
            known,
        ),
        Section(_("Grants"), "partners:grants", (), known),
        Section(_("My account"), "portal:account", ("portal:account_delete",), known),
    ),
)
DESKS = Place(
    _("Desks"),
    (
        Section(_("Staff desk"), "portal:desk", (), is_staff),
        Section(_("People and teams"), "portal:people", (), is_staff),
        Section(_("Mail check"), "portal:mail_check", (), is_staff),
        Section(_("Matching desk"), "partners:desk", ("partners:candidates", "partners:fairness"), is_staff),
        Section(_("Watch over the test"), "credentials:watch", (), is_staff),
        Section(_("Audit log"), "portal:audit", (), may_audit),
    ),
)
_WHERE = {
    page: (place, section)
    for place in (*PLACES, OWN, DESKS)
    for section in place.sections
    for page in (section.url, *section.pages)
}


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context of every page, as ``navigation``: the places, the sections of the one where the reader is, and the way up."""
    person = getattr(request, "user", None)

    def seen(place: Place) -> list[tuple[str | Promise, str, Section]]:
        return [
            (section.label, reverse(section.url), section)
            for section in place.sections
            if section.who is everybody or (person is not None and section.who(person))
        ]

    view = request.resolver_match.view_name if request.resolver_match else ""
    here, at = _WHERE.get(view, (None, None))
    sections = seen(here) if here else []
    own, desks = seen(OWN), seen(DESKS)
    shown = {
        "places": [(place.label, reverse(place.sections[0].url), place is here) for place in PLACES],
        "own": own,
        "unread": unread_by(person) if person is not None and known(person) else 0,
        "desks": (DESKS.label, desks[0][1], here is DESKS) if desks else None,
        # A place of one section needs no tabs: its own name says as much.
        "sections": [(label, address, section is at) for label, address, section in sections],
        "demonstration": settings.DEMONSTRATION,
        "trail": _trail(here, at, view, sections),
    }
    # Under one name, so that no page's own words stand in the way.
    return {"navigation": shown}


def _trail(
    here: Place | None, at: Section | None, view: str, sections: list[tuple[str | Promise, str, Section]]
) -> list[tuple[str | Promise, str]]:
    """The way up from a page: its place and its section, each once; nothing on a place's own first page."""
    if here is None or at is None or not sections:
        return []
    way = [(here.label, sections[0][1])]
    if view != at.url and at is not sections[0][2]:
        way.append((at.label, reverse(at.url)))
    return way if view != sections[0][2].url else []
