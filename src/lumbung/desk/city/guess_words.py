"""What an importer guessed and why, in the reader's language."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _


def kind_words(kind: str) -> dict[str, str]:
    """Return what a kind of guess is about, and how a correction is written."""
    title, how = {
        "side": (_("side of the road"), _("left or right")),
        "sidewalks": (_("sidewalks and crossings"), _("yes or no")),
        "lanes": (_("lanes"), _("how many in each direction, e.g. 2")),
        "speed": (_("speed limit"), _("km/h, e.g. 40")),
        "signal": (_("a signal that the map may lack"), _("yes where there is one")),
        "plan": (_("signal plan"), _("greens of the phases in their order [s], e.g. 30 12; offset 7")),
        "place": (_("place of counting"), _("the street's edge as approaches.csv has it, e.g. 101#1, or two: from > to")),
    }.get(kind, (kind, ""))  # fmt: skip
    return {"kind": kind, "title": title, "how": how}


def said_as(guessed: str) -> str:
    """Return a guessed value as people read it."""
    return {"yes": _("yes"), "no": _("no"), "left": _("left"), "right": _("right")}.get(guessed, guessed)


def why_words(row: dict[str, Any]) -> str:
    """Return why something was guessed; where there is no sentence for it, its place or its measure alone."""
    kind, why = row["kind"], row["why"]
    if kind == "side":
        found = re.fullmatch(r"([A-Z]{2}), (.*?) (\d+) km( \(\?\))?", why)
        if found:
            return _("the nearest town known is %(town)s (%(country)s), %(km)s km away") % {
                "town": found[2], "country": found[1], "km": found[3],
            }  # fmt: skip
    return {
        "side": _("by the country"),
        "sidewalks": _("taken beside streets below 50 km/h"),
        "lanes": _("the map says nothing; usual for a street of this kind"),
        "speed": _("the map says nothing; usual for a street of this kind in this country"),
        "signal": _("main streets meet here, and the map has no signal"),
        "plan": _("maps know no plans; greens by the rule of SUMO's netconvert"),
        "place": _("the street nearest to the point in the table of counts")
        if row["guessed"]
        else _("no street was found for it"),
    }.get(kind, "")
