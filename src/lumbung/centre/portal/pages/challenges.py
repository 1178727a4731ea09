"""Challenges: what there is, what one asks, who leads; and their owner's part."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.amending import amend
from lumbung.centre.challenges.discussion import announcements, questions
from lumbung.centre.challenges.letters import send_opening
from lumbung.centre.challenges.models import Challenge, Phase
from lumbung.centre.challenges.selectors import (
    find_challenge,
    find_phase,
    may_manage,
    unwritten,
    visible_challenges,
)
from lumbung.centre.challenges.services import pose
from lumbung.centre.members.access import NotAllowed, Role, require
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.selectors import find_organisation, own_organisations
from lumbung.centre.members.services import Refused
from lumbung.centre.portal.bars import scale_of
from lumbung.centre.portal.forms import LANGUAGE_NAMES, AmendForm, PoseForm
from lumbung.centre.portal.images import svg_image
from lumbung.centre.portal.patterns import pattern
from lumbung.centre.portal.progress import steps_of
from lumbung.centre.portal.spoken import SPOKEN
from lumbung.centre.portal.worked import worked_example
from lumbung.centre.standings.letters import send_new_version
from lumbung.centre.standings.selectors import leaderboard
from lumbung.centre.standings.versions import change_state as open_or_close
from lumbung.centre.standings.versions import version_before


def _version(request: HttpRequest) -> int | None:
    asked = request.GET.get("version", "")
    return int(asked) if asked.isdecimal() and len(asked) < 9 else None


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    found = list(visible_challenges(request.user))
    groups = [(state, [c for c in found if c.state == state]) for state in Challenge.State]
    order = {Challenge.State.OPEN: 0, Challenge.State.DRAFT: 1, Challenge.State.CLOSED: 2}
    groups.sort(key=lambda group: order[group[0]])
    return render(
        request,
        "portal/challenges.html",
        {"groups": [g for g in groups if g[1]], "now": datetime.now(UTC), "may_pose": _may_pose(request)},
    )


def _may_pose(request: HttpRequest) -> bool:
    return request.user.is_authenticated and own_organisations(request.user, Role.CHALLENGE_OWNER).exists()


def mark_baselines(challenge: Challenge, board: dict[str, Any]) -> None:
    """Say of each row of a board whether it is a solution that comes with the challenge."""
    for row in board["rows"]:
        row["baseline"] = row["submission_digest"] in challenge.baselines


@dataclass(frozen=True)
class Moment:
    """Something that happens with a challenge.

    Attributes
    ----------
    kind : {"posed", "opens", "closes", "out"}
        ``out`` is when it closes and its scores come out.
    phase : Phase or None
    time : datetime
    past : bool
    """

    kind: str
    phase: Phase | None
    time: datetime
    past: bool


def timeline(challenge: Challenge, now: datetime) -> list[Moment]:
    """Return what happened with a challenge and what comes, in order."""
    found: list[tuple[str, Phase | None, datetime]] = [("posed", None, challenge.created)]
    for phase in challenge.phases.all():
        if phase.opens:
            found.append(("opens", phase, phase.opens))
        if phase.closes:
            found.append(("out" if phase.embargo else "closes", phase, phase.closes))
    found.sort(key=lambda each: each[2])
    return [Moment(kind, phase, time, time <= now) for kind, phase, time in found]


def phase_state(phase: Phase, now: datetime) -> str:
    """Return ``before``, ``open`` or ``over``."""
    if phase.opens and now < phase.opens:
        return "before"
    return "over" if phase.closes and now >= phase.closes else "open"


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    now = datetime.now(UTC)
    challenge = find_challenge(request.user, slug, _version(request))
    phases: list[dict[str, Any]] = [
        {"phase": phase, "state": phase_state(phase, now), "board": leaderboard(phase, now)}
        for phase in challenge.phases.all()
    ]
    for row in phases:
        mark_baselines(challenge, row["board"])
        row["top"] = row["board"]["rows"][:5]
        row["scale"] = scale_of(row["top"])
    missing = unwritten(challenge)
    others = visible_challenges(request.user).filter(slug=slug).exclude(pk=challenge.pk)
    return render(
        request,
        "portal/challenge.html",
        {
            "challenge": challenge,
            "record": challenge.content,
            "phases": phases,
            "others": others,
            "timeline": timeline(challenge, now),
            "worked": next(
                (found for row in phases if (found := worked_example(challenge, row["board"])) is not None),
                None,
            ),
            "announcements": announcements(slug)[:3],
            "questions": questions(slug).count(),
            "amendments": challenge.amendments.all()[:20],
            "manages": may_manage(request.user, challenge),
            "before": version_before(challenge) if challenge.state != Challenge.State.OPEN else None,
            "rows": Challenge.Rows.choices,
            "unwritten": [LANGUAGE_NAMES[code] for code in missing],
            "foreign": house_language() in missing,
            "centre": request.build_absolute_uri("/").rstrip("/"),
        },
    )


@require_safe
@gzip_page
def picture(request: HttpRequest, slug: str, version: int) -> StreamingHttpResponse:
    """The picture that a challenge brings, or a pattern of its sector."""
    challenge = find_challenge(request.user, slug, version)
    if challenge.picture_id is None:
        return svg_image([pattern(challenge.sector, slug).encode()])
    return svg_image(blobs.read(challenge.picture_id))


@require_safe
def board(request: HttpRequest, slug: str, phase: str) -> HttpResponse:
    now = datetime.now(UTC)
    challenge = find_challenge(request.user, slug, _version(request))
    found = find_phase(challenge, phase)
    standing = leaderboard(found, now)
    mark_baselines(challenge, standing)
    for row in standing["rows"]:
        row["evidence"] = list(zip(row["runs"], row["judged_by"], strict=True))
    groups = _groups(standing, in_languages=challenge.content.judge.startswith("language."))
    by = request.GET.get("by", "")
    groups.sort(key=lambda group: group[0] != by)  # in front, where a narrow screen shows it
    context: dict[str, Any] = {
        "challenge": challenge,
        "phase": found,
        "board": standing,
        "groups": groups,
        "by": by if any(key == by for key, _node, _shown in groups) else "",
        "by_group": _in_order_of(standing, by),
        "in_languages": challenge.content.judge.startswith("language."),
        "steps": steps_of(
            standing.get("progress", []), found.closes if found.closes and found.closes < now else now
        ),
        "scale": scale_of(standing["rows"]),
        "percent": round(100 * standing["confidence"]),
        "few": any(row.get("few") for row in standing["rows"]),
    }
    return render(request, "portal/leaderboard.html", context)


def _in_order_of(standing: dict[str, Any], group: str) -> list[dict[str, Any]]:
    """Return the rows as they stand in one group of cases alone, those without it last; in their own order without one."""
    sign = 1 if standing["better"] == "lower" else -1
    rows: list[dict[str, Any]] = standing["rows"]
    return sorted(rows, key=lambda row: sign * row["groups"][group] if group in row["groups"] else math.inf)


def _groups(standing: dict[str, Any], *, in_languages: bool) -> list[tuple[str, str, str]]:
    """Return the groups of cases: by what a row names them, the node where several judged, and how they are called.

    Those of a challenge for language models are languages, named in the reader's.
    """
    found = []
    for key in dict.fromkeys(name for row in standing["rows"] for name in row["groups"]):
        number, several, group = key.partition("/") if standing["nodes"] else ("", "", key)
        private = group.removeprefix("group-")
        shown = _("group %(number)s") % {"number": private} if private.isdecimal() else group
        if in_languages:
            shown = str(SPOKEN.get(shown, shown))
        found.append((key, standing["nodes"][int(number) - 1]["name"] if several else "", shown))
    return found


@login_required
def pose_page(request: HttpRequest) -> HttpResponse:
    mine = own_organisations(request.user, Role.CHALLENGE_OWNER)  # type: ignore[arg-type]
    if not mine.exists():
        raise NotAllowed
    form = PoseForm(request.POST or None, request.FILES or None, organisations=mine)
    if request.method == "POST" and form.is_valid():
        owner = find_organisation(request.user, form.cleaned_data["organisation"])
        try:
            made = pose(request.user, owner, form.cleaned_data["archive"].chunks(), now=datetime.now(UTC))  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error("archive", str(refusal))
        else:
            messages.success(request, _("The draft is here. Read it as others will, then open it."))
            return redirect(f"/challenges/{made.slug}/?version={made.version}")
    return render(request, "portal/pose.html", {"form": form}, status=400 if form.errors else 200)


@login_required
def edit(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Words, times and limits, changed in place."""
    challenge = find_challenge(request.user, slug, version)
    require(may_manage(request.user, challenge))
    form = AmendForm(request.POST or None, challenge=challenge)
    if request.method == "POST" and form.is_valid():
        try:
            amend(request.user, challenge, **form.changes(), now=datetime.now(UTC))  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, _("Changed. What stood there before is kept and shown below the rules.")
            )
            return redirect(f"/challenges/{slug}/?version={version}")
    context = {"form": form, "challenge": challenge}
    return render(request, "portal/challenge_edit.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def change_state(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    challenge = find_challenge(request.user, slug, version)
    asked, rows = request.POST.get("state", ""), request.POST.get("rows", "")
    was_draft = challenge.state == Challenge.State.DRAFT
    anew = open_or_close(request.user, challenge, asked, rows=rows, now=datetime.now(UTC))  # type: ignore[arg-type]
    if asked == Challenge.State.OPEN:
        send_new_version(request, challenge)
        if was_draft:
            send_opening(request, find_challenge(request.user, slug, version))
    if anew:
        said = ngettext(
            "%(count)d submission is judged anew.", "%(count)d submissions are judged anew.", len(anew)
        )
        messages.success(request, said % {"count": len(anew)})
    return redirect(f"/challenges/{slug}/?version={version}")
