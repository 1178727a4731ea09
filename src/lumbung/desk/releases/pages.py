"""The owner's pages: what the node beside this desk may tell, what waits for a word, what has left, and how to stop it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from lumbung.desk.door import only
from lumbung.desk.releases.node import beside, give_word, hold, standing_of, told, waiting
from lumbung.desk.shelf import jobs
from lumbung.desk.words import language_here
from lumbung.proving.faults import PlatformFault

if TYPE_CHECKING:
    from lumbung.node.folder import Accepted, NodeFolder


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show the node: its challenges with their rules in words, what waits, and what has left."""
    node = beside()
    if node is None:
        return render(request, "desk/no_node.html")
    trouble = ""
    try:
        standing = standing_of(node)
        held = waiting(node)
        ledgers = told(node)
    except PlatformFault as error:
        standing, held, ledgers, trouble = {}, [], [], error.fault.reason(language_here())
    rules = [
        {"name": name, "rule": rule, "says": rule_words(rule), "held": rule.release == "hold"}
        for name, rule in standing.get("challenges", {}).items()
    ]
    context = {"standing": standing, "rules": rules, "waiting": held, "ledgers": ledgers, "trouble": trouble,
               "at_once": any(not each["held"] for each in rules), "attached": _attached()}  # fmt: skip
    return render(request, "desk/node.html", context)


def _attached() -> list[dict[str, Any]]:
    """Return the deliverables that were sent to adoptions from this desk, the newest first."""
    return [
        {"id": job.id, "title": job.order().title, "when": job.state().ended, "by": job.order().by, **found}
        for job in jobs().all()
        if job.order().kind == "adopted.attach" and (found := job.read_result("attached.json"))
    ]


def rule_words(rule: Accepted) -> list[str]:
    """Return what may leave under a rule, as sentences."""
    said = [
        {
            "aggregate": ngettext(
                "Of each result only means leave, over at least %(n)s case.",
                "Of each result only means leave, over at least %(n)s cases.", rule.min_cases,
            ) % {"n": rule.min_cases},
            "per-case": _("Of each result a score for each case may leave."),
            "pictures": _("Of each result scores for each case and pictures may leave."),
        }[rule.most],
        _("Each figure has at most %(digits)s digits and rests on at least %(rows)s rows.")
        % {"digits": rule.digits, "rows": rule.min_rows},
        _("A team is told a figure only where it beats its own best by more than chance.")
        if rule.reveal == "improvements"
        else _("A team is told every result."),
        _("Each result waits for your word.") if rule.release == "hold" else _("Results leave at once."),
    ]  # fmt: skip
    if not rule.private:
        said.append(_("There are no private cases here: results speak of public cases alone."))
    return said


def _node() -> NodeFolder:
    node = beside()
    if node is None:
        raise Http404
    return node


@only("owner")
@require_POST
def word(request: HttpRequest, run: str) -> HttpResponse:
    """Take the owner's word on a result that waits."""
    what = request.POST.get("word")
    if what not in ("release", "veto"):
        raise Http404
    give_word(_node(), run, veto=what == "veto")
    return redirect("desk:node")


@only("owner")
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Have the results of every challenge wait, from this moment on."""
    node = _node()
    hold(node, list(node.settings().challenges), held=True)
    return redirect("desk:node")


@only("owner")
@require_POST
def release_mode(request: HttpRequest) -> HttpResponse:
    """Have the results of one challenge wait, or leave at once."""
    hold(_node(), [request.POST.get("challenge", "")], held=request.POST.get("mode") != "auto")
    return redirect("desk:node")


def scope_words(scope: str) -> str:
    """Return whose account it is, in a word."""
    names: dict[str, Any] = {
        "challenge": _("in all"), "organisation": _("organisation"), "team": _("team"), "person": _("person"),
    }  # fmt: skip
    return str(names[scope])


def told_words(code: str) -> str:
    """Return what the ledger makes of a result, as a sentence."""
    return {
        "figures": _("Its figures leave."),
        "no_improvement": _("Its figures stay here: no better than the team's best by more than chance may bring. That much is told."),
        "code": _("It failed: the fault's code leaves and nothing else."),
        "spent": _("Its figures stay here: the budget does not suffice. That much is told."),
        "damaged": _("Its evidence cannot be read. If you release it, the node keeps it aside."),
    }.get(code, _("It speaks of public cases alone."))  # fmt: skip
