"""Seven living figures, one for each part of the centre's mission, each leading to the evidence it is counted from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lumbung.centre.credentials.nation import counts
from lumbung.centre.partners.facilities import hours_granted
from lumbung.centre.partners.projects import projects_together
from lumbung.centre.portal.templatetags.showing import figure, say
from lumbung.centre.runs.selectors import signed_results
from lumbung.cooperation.rules.rulebook import shipped_book


@dataclass(frozen=True)
class Living:
    """One figure.

    Attributes
    ----------
    part : str
        The part of the mission.
    value : str
        Empty where there is nothing to show yet; `says` tells what will stand there.
    unit : str
        A metric's name, as evidence has it.
    says : str
    address : str
        The page it is counted from.
    """

    part: str
    value: str
    says: str
    address: str
    unit: str = ""


def living(
    boards: Sequence[Mapping[str, Any]], organisations: Mapping[str, int], nodes: Sequence[Any], now: datetime
) -> list[Living]:
    """Return the seven figures, in the mission's order."""
    best: dict[str, Mapping[str, Any]] = {}
    for board in boards:
        best.setdefault(board["sector"], board)
    return [
        _centre(nodes),
        _sector(_("4G and 5G to remote places"), "connectivity", best),
        _sector(_("AI in farming"), "farm", best),
        _sector(_("The smart city"), "city", best),
        _companies(organisations),
        _support(),
        _talent(now),
    ]


def _centre(nodes: Sequence[Any]) -> Living:
    results, countries = signed_results(), {node.country for node in nodes}
    says = ngettext(
        "result, signed by the node that judged it. Nodes in %(n)d country are at work.",
        "results, each signed by the node that judged it. Nodes in %(n)d countries are at work.",
        len(countries),
    )
    return Living(
        _("The joint centre"), intcomma(results), says % {"n": len(countries)}, reverse("portal:nodes")
    )


def _sector(part: str, sector: str, best: Mapping[str, Mapping[str, Any]]) -> Living:
    board = best.get(sector)
    if board is None:
        return Living(
            part, "", _("No solution is ranked yet. See what is asked."), reverse("portal:challenges")
        )
    says = ngettext(
        "the best of %(n)d solution at “%(title)s”",
        "the best of %(n)d solutions at “%(title)s”",
        board["count"],
    ) % {"n": board["count"], "title": say(board["title"])}
    address = reverse("portal:leaderboard", args=(board["challenge"], board["phase"]))
    return Living(part, figure(board["rows"][0]["mean"]), says, address, board["metric"])


def _companies(organisations: Mapping[str, int]) -> Living:
    together = projects_together()
    says = ngettext(
        "organisation takes part. Projects under agreement: %(projects)d.",
        "organisations of %(countries)d countries take part. Projects under agreement: %(projects)d.",
        sum(organisations.values()),
    )
    return Living(
        _("Companies work together"),
        intcomma(sum(organisations.values())),
        says % {"countries": len(organisations), "projects": together},
        reverse("partners:home"),
    )


def _support() -> Living:
    rules = sum(rule.sort == "incentive" for rule in shipped_book())
    says = _("facility hours granted. Incentives that one can look up, each with its article: %(rules)d.")
    return Living(
        _("Support by rules and facilities"),
        intcomma(round(hours_granted())),
        says % {"rules": rules},
        reverse("partners:facilities"),
    )


def _talent(now: datetime) -> Living:
    measured, holding = counts(now)
    says = _(
        "people took the test, %(badges)s hold a badge that anyone can verify, of 9 million sought by 2030."
    )
    return Living(
        _("Nine million digital talents"),
        intcomma(measured),
        says % {"badges": intcomma(holding)},
        reverse("credentials:nation"),
    )
