"""A new version of a live challenge, and what becomes of the rows of the version before: its owner chooses.

carried    The new version asks the same question (the centre compares: judge, options, limits, ranking, cases). The rows
           stand on the new board with the evidence they have.
rejudged   The question changed, e.g. the judge was mended. Each team's ranked submission is judged anew under the new
           version; nobody hands in again, and both boards are kept.
archived   The new board begins empty; the old one stays where it is.

In each case the old version closes, what is under way there is still judged, and its board can be reached for good.
"""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.models import Challenge, Phase
from lumbung.centre.challenges.selectors import may_manage
from lumbung.centre.challenges.services import set_state
from lumbung.centre.members.access import require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import User
from lumbung.centre.members.notices import tell
from lumbung.centre.members.services import Refused
from lumbung.centre.runs.models import Submission
from lumbung.centre.runs.queue import PATIENCE, tell_nodes
from lumbung.centre.runs.services import queue_runs
from lumbung.centre.standings.services import best_of_each_team
from lumbung.proving.challenge import read_challenge
from lumbung.proving.digest import digest_file
from lumbung.proving.packing import PROOFS
from lumbung.sandbox import unpack

_THE_QUESTION = ("judge", "judge_version", "options", "limits", "judging", "ranking", "egress", "home")


def version_before(challenge: Challenge) -> Challenge | None:
    """Return the version whose rows are at stake when this one is opened: the newest that was ever open before it."""
    if challenge.follows_id is not None or challenge.rows:
        return None
    earlier = Challenge.objects.filter(slug=challenge.slug, version__lt=challenge.version)
    found = earlier.exclude(state=Challenge.State.DRAFT).order_by("-version").first()
    return found if found and Submission.objects.filter(phase__challenge=found).exists() else None


def change_state(
    user: User, challenge: Challenge, state: str, *, rows: str = "", now: datetime
) -> list[Submission]:
    """Open or close a version; opening one after another says what becomes of the rows, and closes that other.

    Parameters
    ----------
    rows : {"", "carried", "rejudged", "archived"}
        Needed where an earlier version has submissions, and asked for once.

    Returns
    -------
    list of Submission
        Those that are judged anew.

    Raises
    ------
    NotAllowed
    Refused
        It is not said what becomes of the rows; they cannot be carried, and why; no node may judge them.
    """
    require(may_manage(user, challenge))
    before = version_before(challenge) if state == Challenge.State.OPEN else None
    if before is None:
        set_state(user, challenge, state, now=now)
        return []
    if rows not in Challenge.Rows.values:
        raise Refused(
            _(
                "Version %(version)d has submissions. Say what becomes of their rows: carried, rejudged or archived."
            )
            % {"version": before.version}
        )
    if rows == Challenge.Rows.CARRIED and (changed := what_changed(before, challenge)):
        raise Refused(
            _("The rows cannot be carried: the question changed (%(what)s). Have them judged anew.")
            % {"what": ", ".join(changed)}
        )
    with transaction.atomic():
        # Of two clicks at once the second finds it done.
        locked = Challenge.objects.select_for_update(of=("self",)).get(pk=challenge.pk)
        if version_before(locked) != before:
            return []
        set_state(user, challenge, state, now=now)
        Challenge.objects.filter(pk=challenge.pk).update(follows=before, rows=rows)
        anew = _hand_over(user, before, challenge, rows, now)
        append(
            f"challenge.rows_{rows}",
            str(challenge),
            actor=user,
            now=now,
            before=before.version,
            judged=len(anew),
        )
    challenge.refresh_from_db()
    return anew


def what_changed(before: Challenge, after: Challenge) -> list[str]:
    """Return what differs of that on which a score depends; rows can be carried only where nothing does."""
    changed = [name for name in _THE_QUESTION if before.record.get(name) != after.record.get(name)]
    phases = {phase.slug: phase for phase in after.phases.all()}
    parts = {name: _parts(challenge) for name, challenge in (("old", before), ("new", after))}
    for phase in before.phases.all():
        now = phases.get(phase.slug)
        same = now is not None and (phase.private, phase.embargo) == (now.private, now.embargo)
        if not same or parts["old"].get(phase.slug) != parts["new"].get(phase.slug):
            changed.append(f"phases.{phase.slug}")
    return changed + _other_files(before, after)


def _parts(challenge: Challenge) -> dict[str, object]:
    return {phase["id"]: phase.get("part") for phase in challenge.record["phases"]}


def _other_files(before: Challenge, after: Challenge) -> list[str]:
    old, new = _data(before), _data(after)
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _data(challenge: Challenge) -> dict[str, str]:
    """Return the digest of each file a score could depend on: not words, licence, nor submissions of known verdict."""
    with tempfile.TemporaryDirectory() as scratch:
        blobs.fetch_to(challenge.blob_id, f"{scratch}/packed.tar")
        found = read_challenge(unpack(Path(scratch) / "packed.tar", Path(scratch) / "content"))
        return {
            str(name): digest_file(found.folder / name)
            for name in found.files
            if name.parts[0] != PROOFS
            and not str(name).upper().startswith(("CHALLENGE.TOML", "LICEN", "README"))
        }


def _hand_over(user: User, before: Challenge, after: Challenge, rows: str, now: datetime) -> list[Submission]:
    if rows == Challenge.Rows.ARCHIVED:
        return []
    pairs = [
        (phase, later)
        for phase in before.phases.all()
        for later in after.phases.filter(slug=phase.slug, private=phase.private)
    ]
    if rows == Challenge.Rows.CARRIED:
        for phase, later in pairs:
            # More than any standing kept so far can have been computed from.
            count = later.evidence_count + phase.evidence_count + 1
            Phase.objects.filter(pk=later.pk).update(carries=phase, evidence_count=count)
        return []
    return [again for phase, later in pairs for again in _judge_anew(user, phase, later, now)]


def _judge_anew(user: User, phase: Phase, later: Phase, now: datetime) -> list[Submission]:
    """Enter each team's ranked submission in the new version's phase; it counts against no limit."""
    made = []
    best = best_of_each_team(phase, phase.challenge.content.ranking.better)
    for submission in Submission.objects.filter(pk__in=best).order_by("created", "pk"):
        again = Submission.objects.create(
            team=submission.team, phase=later, name=submission.name, blob=submission.blob, digest=submission.digest,
            handed_in_by=submission.handed_in_by, created=now, stands_for=submission, declared=submission.declared,
        )  # fmt: skip
        again.weights.set(submission.weights.all())
        queue_runs(again, now, deadline=now + PATIENCE)
        append(
            "submission.judged_anew",
            again.token,
            actor=user,
            now=now,
            first=submission.token,
            digest=again.digest,
        )
        tell(
            again.team.members.all(),
            "anew",
            reverse("portal:submission", args=[again.token]),
            now=now,
            name=again.name,
            team=again.team.name,
            title=later.challenge.record["title"],
            version=later.challenge.version,
        )
        made.append(again)
    transaction.on_commit(tell_nodes)
    return made
