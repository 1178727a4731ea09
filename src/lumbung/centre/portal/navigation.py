"""The way through the portal. A new app adds its entries here, and its pages extend ``portal/base.html``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lumbung.centre.members.access import is_staff, known, may_audit


@dataclass(frozen=True)
class Entry:
    """One word of the navigation.

    Attributes
    ----------
    label : str
        Translated when shown.
    url : str
        The name of a URL without parameters.
    who : callable
        Whether a person sees it.
    """

    label: str | Promise
    url: str
    who: Callable[[Any], bool]


def everybody(person: Any) -> bool:
    """Whether *person* sees what everybody sees."""
    return True


MAIN = (
    Entry(_("Challenges"), "portal:challenges", everybody),
    Entry(_("My submissions"), "portal:submissions", known),
    Entry(_("Teams"), "portal:teams", known),
    Entry(_("Talent"), "credentials:talent", everybody),
    Entry(_("Organisations"), "portal:organisations", everybody),
    Entry(_("Cooperation"), "partners:home", everybody),
    Entry(_("Adoptions"), "portal:adoptions", known),
    Entry(_("Nodes"), "portal:nodes", everybody),
    Entry(_("Staff desk"), "portal:desk", is_staff),
    Entry(_("Audit log"), "portal:audit", may_audit),
    Entry(_("Help"), "portal:help", everybody),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: the entries this person sees."""
    person = getattr(request, "user", None)
    shown = [entry for entry in MAIN if entry.who is everybody or (person is not None and entry.who(person))]
    return {"navigation": shown}
