"""What changes submissions, runs and nodes."""

from __future__ import annotations

import math
import re
import secrets
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.guests import uninvited
from lumbung.centre.challenges.models import Blob, Challenge, Phase
from lumbung.centre.challenges.services import store_folder, unpack_upload
from lumbung.centre.members.access import NotFound, Role, has_role, in_team, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.languages import house_language, written
from lumbung.centre.members.models import Organisation, Team, User
from lumbung.centre.members.names import BadName, legible_name
from lumbung.centre.members.services import Refused, token_digest
from lumbung.centre.members.suspending import suspension_of
from lumbung.centre.runs.approvals import judges_of, may_judge
from lumbung.centre.runs.keys import begin_key, key_of, read_key, trusted_keys
from lumbung.centre.runs.models import EvidenceRecord, Node, NodeEnrolment, NodeKey, Run, Submission, Weights
from lumbung.centre.runs.queue import (
    AT_A_NODE,
    ATTEMPTS,
    DEADLINE,
    LeaseLost,
    end,
    give_back,
    next_turn,
    queue_again,
    same_lease,
    take_from,
    tell_nodes,
)
from lumbung.centre.runs.reasons import reason_of
from lumbung.centre.runs.together import Body, bodies_of, check_bodies, count_with, used_by
from lumbung.centre.runs.weights import weights_named
from lumbung.proving.boundary import PICTURES_LIMIT
from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.declaration import Declaration, Entry, read_declaration
from lumbung.proving.digest import digest_bytes
from lumbung.proving.drawing import PICTURE_LIMIT, undrawable
from lumbung.proving.envelope import signers_of
from lumbung.proving.environments.chosen import check_declared
from lumbung.proving.evidence import (
    PAYLOAD_TYPE,
    Aggregate,
    Evidence,
    EvidenceError,
    numbered,
    open_evidence,
    reopen_evidence,
    stepped,
    used_coarsely,
)
from lumbung.proving.faults import Fault, Owner, SubmissionFault
from lumbung.proving.job import WORDS_LIMIT, Delivery, NodeCard, RunState
from lumbung.proving.key_history import CLOCKS_APART
from lumbung.proving.keys import key_id
from lumbung.proving.standing import StandingError, single_score
from lumbung.proving.submission import TABLE_ENDINGS, read_content
from lumbung.sandbox.legible import legible

_NUMBERED_GROUP = re.compile(r"group-[0-9]{1,5}")
UNCOUNTED = 5
"""How many times the daily limit may be tried, submissions that do not count included."""


class NodeLied(Exception):
    """A node sent what it may not: a foreign key, altered scores, more than its egress rule.

    `owner` and `code` say whose fault the run ends with. The message goes to the log and to who must mend it.
    """

    def __init__(self, message: str, owner: Owner = Owner.PLATFORM, code: str = "result_refused") -> None:
        self.owner, self.code = owner, code
        super().__init__(message)


def hand_in(
    user: User,
    team: Team,
    phase: Phase,
    upload: Iterable[bytes],
    *,
    name: str,
    filename: str = "",
    agreed: bool = False,
    now: datetime,
) -> Submission:
    """Hand in a submission: an archive of its folder, or the one file it consists of.

    Parameters
    ----------
    user : User
    team : Team
    phase : Phase
    upload : iterable of bytes
    name : str
        How its team calls it; where it does not say, a single file lends its own.
    filename : str
        What the file is called where it comes from: a ``.py`` or ``.wasm`` is a whole solution, a ``.csv`` or
        ``.parquet`` a table of predictions, anything else an archive.
    agreed : bool
        To the terms, where the challenge has some.
    now : datetime

    Raises
    ------
    Refused
        The phase is not open, the daily limit is reached, the name hides something, the archive cannot be taken, there
        is no entry point.
    WeightsMissing
        It names weights that the team does not keep here.
    """
    require(in_team(user, team))
    _check_phase(user, team, phase, now)
    terms = terms_of(phase.challenge)
    if terms and not agreed:
        raise Refused(_("This challenge has terms. Read them on its page, and agree to them as you hand in."))
    try:
        name = legible_name(name)
    except BadName as error:
        raise Refused(str(error)) from None
    with tempfile.TemporaryDirectory() as scratch:
        alone = standing_alone(filename)
        content = unpack_upload(upload, Path(scratch), alone=alone)
        digest, declared = _taken(content)
        weights = weights_named(team, declared)
        blob = store_folder(content, Path(scratch), now)
    called = name.strip() or (Path(filename).stem if alone else "")
    with transaction.atomic():
        made = queue_submission(
            user, team, phase, blob, digest, name=called, declared=declared, weights=weights, now=now
        )
        if terms:
            # Which words these were: they may be amended later.
            said = digest_bytes(msgspec.json.encode(terms))
            append(
                "terms.agreed", made.token, actor=user, now=now, terms=said, challenge=phase.challenge.slug
            )
    return made


def terms_of(challenge: Challenge) -> dict[str, str]:
    """Return what a team agrees to, in the languages it is written in."""
    return {code: words for code, words in challenge.record.get("terms", {}).items() if words.strip()}


def standing_alone(filename: str) -> str:
    """Return under which name a file is a submission by itself; nothing where it has to be an archive."""
    ending = Path(filename).suffix.lower()
    if ending in (".py", ".wasm"):
        return f"solution{ending}"
    return f"predictions{ending}" if ending in TABLE_ENDINGS else ""


def _taken(content: Path) -> tuple[str, Declaration]:
    """Return the digest of what came, and what it declares, its program named even where only the file's name tells it."""
    try:
        found = read_content(content)
        program = check_declared(found)
        if program is None:
            return found.digest, Declaration()
        return found.digest, msgspec.structs.replace(read_declaration(content), run=Entry.of(program))
    except SubmissionFault as fault:
        # The details are in English: elsewhere the plain sentence says it whole in one language, and names the file.
        plain = reason_of(Fault(fault.owner, fault.fault.code), house_language())
        place = str(fault.fault.params.get("where", "")).partition(": ")[0]
        said = f"{place}: {plain}" if place else plain
        raise Refused(str(fault) if house_language() == "en" else said) from None


def _check_phase(user: User, team: Team, phase: Phase, now: datetime) -> list[Body]:
    """Hold everything that stands against a submission; returns with whom it is counted."""
    if phase.challenge.state != Challenge.State.OPEN:
        raise Refused(_("This challenge is not open."))
    if suspension_of(team) is not None:
        raise Refused(_("This team is suspended and hands nothing in. Its members were written to."))
    outside = uninvited(team, phase.challenge)
    if outside:
        raise Refused(
            _("This challenge is by invitation, and not everybody in your team is invited: %(people)s.")
            % {"people": ", ".join(map(str, outside))}
        )
    if phase.opens and now < phase.opens:
        raise Refused(_("This phase opens on %(time)s UTC.") % {"time": written(phase.opens)})
    if phase.closes and now >= phase.closes:
        raise Refused(_("This phase closed on %(time)s UTC.") % {"time": written(phase.closes)})
    if used_today(team, phase, now) >= phase.daily_limit:
        raise Refused(
            _("Your team has used its %(limit)d submissions of today; the day ends at midnight UTC.")
            % {"limit": phase.daily_limit}
        )
    _check_person(user, team, phase, now)
    return check_bodies(team, phase, _today(phase, now))


def _check_person(user: User, team: Team, phase: Phase, now: datetime) -> None:
    """Hold a limit that founding another team does not lift: it is the person's as well as the team's."""
    theirs = _today(phase, now).filter(handed_in_by=user)
    if theirs.filter(counts=True).count() >= phase.daily_limit:
        raise Refused(
            _(
                "You have handed in %(limit)d submissions today, for all your teams together; the day ends at midnight UTC."
            )
            % {"limit": phase.daily_limit}
        )
    tries = UNCOUNTED * phase.daily_limit
    if max(_today(phase, now).filter(team=team).count(), theirs.count()) >= tries:
        raise Refused(
            _("There were %(count)d tries today, those that do not count included. Try again tomorrow.")
            % {"count": tries}
        )
    if phase.private:
        other = _takes_part_elsewhere(team, phase)
        if other is not None:
            raise Refused(
                _(
                    "On private cases each person takes part with one team. A member of this team takes part with %(team)s."
                )
                % {"team": other.name}
            )


def _takes_part_elsewhere(team: Team, phase: Phase) -> Team | None:
    """Return another team of one of the members that handed in for this phase."""
    people = team.members.values("pk")
    handed_in = Submission.objects.filter(phase__in=phase.line()).exclude(team=team)
    found = (
        handed_in.filter(Q(team__members__in=people) | Q(handed_in_by__in=people))
        .select_related("team")
        .first()
    )
    return found.team if found is not None else None


def _today(phase: Phase, now: datetime) -> QuerySet[Submission]:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Submission.objects.filter(phase__in=phase.line(), created__gte=midnight, stands_for=None)


def used_today(team: Team, phase: Phase, now: datetime) -> int:
    """Return how many submissions count today (UTC): not those withdrawn unjudged, nor those the platform failed."""
    return _today(phase, now).filter(team=team, counts=True).count()


def left_together(team: Team, phase: Phase, now: datetime) -> list[tuple[Body, int]]:
    """Return the bodies a team's submissions are counted with, and how many each has left today; none it cannot show."""
    if phase.together_daily is None:
        return []
    try:
        bodies = bodies_of(team, phase)
    except Refused:
        return []
    return [(body, max(0, phase.together_daily - used_by(body, _today(phase, now)))) for body in bodies]


def queue_submission(
    user: User,
    team: Team,
    phase: Phase,
    blob: Blob,
    digest: str,
    *,
    name: str,
    now: datetime,
    declared: Declaration | None = None,
    weights: Sequence[Weights] = (),
) -> Submission:
    """Record a submission and queue its runs: one for any node, or one for each node that holds private cases."""
    with transaction.atomic():
        # Again, and one after the other: of several uploads at once only one may take the last place, of a team as of a
        # person. (SQLite's transactions exclude each other anyway.)
        list(Team.objects.select_for_update().filter(pk=team.pk))
        list(User.objects.select_for_update().filter(pk=user.pk))
        # The phase as it is now: its owner may have changed who is counted together.
        phase = Phase.objects.select_related("challenge").get(pk=phase.pk)
        if phase.private or phase.together:
            phase = Phase.objects.select_for_update(of=("self",)).select_related("challenge").get(pk=phase.pk)
        bodies = _check_phase(user, team, phase, now)
        submission = Submission.objects.create(
            team=team, phase=phase, name=name[:60].strip() or digest[7:19], blob=blob, digest=digest,
            handed_in_by=user, created=now, declared=msgspec.to_builtins(declared),
        )  # fmt: skip
        submission.weights.set(weights)
        count_with(submission, bodies)
        queue_runs(submission, now, deadline=now + DEADLINE)
        append("submission.handed_in", submission.token, actor=user, now=now, digest=digest, phase=phase.slug)
        transaction.on_commit(tell_nodes)
    return submission


def queue_runs(submission: Submission, now: datetime, *, deadline: datetime) -> None:
    """Queue a submission's runs: one for any node, or one for each node that holds the phase's private cases.

    Raises
    ------
    Refused
        No node holds them.
    """
    phase = submission.phase
    for node in _judges_of(phase):
        Run.objects.create(
            submission=submission, challenge=phase.challenge, bound_to=node, turn=next_turn(submission.team_id),
            queued=now, deadline=deadline,
        )  # fmt: skip


def _judges_of(phase: Phase) -> list[Node | None]:
    if not phase.private:
        return [None]
    holders = [node for node in judges_of(phase.challenge) if phase.challenge.slug in node.challenges]
    if not holders:
        raise Refused(_("No node holds the cases of this phase yet."))
    return list(holders)


def withdraw(user: User, submission: Submission, *, now: datetime) -> None:
    """Withdraw what is not judged yet; it does not count unless a node has scored it already."""
    require(in_team(user, submission.team) or is_staff(user))
    with transaction.atomic():
        ended = [end(run, RunState.WITHDRAWN, now) for run in submission.runs.all()]
        if not any(ended):
            raise Refused(_("This submission has been judged already and cannot be withdrawn."))
        # What was learned from does not give its place back: what one node has scored, and how far another came on
        # private cases.
        begun = submission.phase.private and submission.runs.exclude(leased=None).exists()
        if not begun and not EvidenceRecord.objects.filter(run__submission=submission).exists():
            Submission.objects.filter(pk=submission.pk).update(counts=False)
        append("submission.withdrawn", submission.token, actor=user, now=now)


def rejudge(user: User, run: Run, node: Node, *, now: datetime) -> Run:
    """Have another node judge a scored run again, to compare the two pieces of evidence bit by bit.

    What is asked of a node while it has not answered yet is asked once.
    """
    owner = run.challenge.owner
    require(is_staff(user) or has_role(user, owner, Role.CHALLENGE_OWNER))
    if run.state != RunState.SCORED:
        raise Refused(_("Only a scored run can be judged again."))
    held = run.challenge.slug in node.challenges and may_judge(node, run.challenge)
    if node == run.node or not held or not node.active:
        raise Refused(_("Choose another active node that holds this challenge."))
    with transaction.atomic():
        Run.objects.select_for_update(of=("self",)).get(pk=run.pk)
        asked = run.rejudged_by.filter(bound_to=node, ended=None).first()
        if asked is not None:
            return asked
        again = Run.objects.create(
            submission=run.submission, challenge=run.challenge, bound_to=node, rejudges=run,
            turn=next_turn(run.submission.team_id), queued=now, deadline=now + DEADLINE,
        )  # fmt: skip
        append("run.rejudge", again.token, actor=user, now=now, first=run.token)
        transaction.on_commit(tell_nodes)
    return again


def run_again(user: User, run: Run, *, now: datetime) -> Run:
    """Have a run judged anew that ended through no fault of its team, once somebody mended what it ended over.

    Raises
    ------
    Refused
        It did not end so, or its node has left.
    """
    require(is_staff(user) or has_role(user, run.challenge.owner, Role.CHALLENGE_OWNER))
    before = {"owner": run.fault_owner, "fault": run.fault_code, "words": run.words[:200]}
    if run.bound_to is not None and not run.bound_to.active:
        raise Refused(_("The node that holds the cases of this run has left the league."))
    with transaction.atomic():
        signed = EvidenceRecord.objects.filter(run=run, complete=False)
        before["evidence"] = ", ".join(found.digest for found in signed)
        if not queue_again(run, now):
            raise Refused(_("Only a run that the platform or the challenge failed can be asked for again."))
        signed.delete()
        append("run.again", run.token, actor=user, now=now, **before)
    run.refresh_from_db()
    return run


def enrol_node(user: User, organisation: Organisation, *, now: datetime) -> str:
    """Make a code with which one node of the organisation may join within a day. Shown once."""
    require(has_role(user, organisation, Role.NODE_OPERATOR))
    code = "lbe_" + secrets.token_urlsafe(24)  # an operator types it: it must not begin like an option
    NodeEnrolment.objects.create(
        organisation=organisation, digest=token_digest(code), made_by=user, expires=now + timedelta(days=1)
    )
    append("node.enrolment", organisation.slug, actor=user, now=now)
    return code


def join_node(code: str, card: NodeCard, *, now: datetime) -> tuple[Node, str]:
    """Let a node in; returns it with the secret it shows from now on.

    Raises
    ------
    Refused
    """
    key = read_key(card.public_key)
    if card.isolation.kind == "none":
        raise Refused(_("A node without a sandbox cannot join."))
    with transaction.atomic():
        used = NodeEnrolment.objects.filter(digest=token_digest(code), used=False, expires__gt=now).update(
            used=True
        )
        enrolment = (
            NodeEnrolment.objects.select_related("organisation").filter(digest=token_digest(code)).first()
        )
        if not used or enrolment is None:
            raise Refused(_("This enrolment code is not valid, or no longer."))
        if enrolment.organisation.country != card.country:
            raise Refused(_("The node's country is not its organisation's."))
        secret = "lbn_" + secrets.token_urlsafe(32)
        told = {
            "token_digest": token_digest(secret), "challenges": list(card.challenges), "version": card.version,
            "isolation": msgspec.to_builtins(card.isolation), "last_seen": now,
        }  # fmt: skip
        node = _coming_back(card, enrolment)
        if node is not None:
            Node.objects.filter(pk=node.pk).update(**told)
            if node.key_id == key_id(key):
                append("node.token_renewed", node.name, actor=node, now=now, key=node.key_id)
            else:
                begin_key(node, key, "node.key_renewed", now)
            return node, secret
        node = Node.objects.create(
            name=card.name, organisation=enrolment.organisation, country=card.country, public_key=card.public_key,
            key_id=key_id(key), joined=now, **told,
        )  # fmt: skip
        begin_key(node, key, "node.joined", now, country=node.country)
    return node, secret


def _coming_back(card: NodeCard, enrolment: NodeEnrolment) -> Node | None:
    """Return the node of this name that its organisation's word lets in again, or None where the card is a new node's.

    With a new key where its key was revoked; with the same good key where the answer to its joining, or its secret, was
    lost: the secret before is then worth nothing.

    Raises
    ------
    Refused
        There is a node of this name, and its key is another and good, or it is another organisation's or country's, or
        retired; or the key was another node's, or this one's before.
    """
    node, offered = Node.objects.filter(name=card.name).first(), key_id(read_key(card.public_key))
    used = NodeKey.objects.filter(key_id=offered).exists()
    if node is None and not used:
        return None
    if node is not None:
        same = (node.organisation_id, node.country, node.active) == (
            enrolment.organisation_id,
            card.country,
            True,
        )
        revoked = key_of(node).revoked_from is not None
        if same and (not used if revoked else node.key_id == offered):
            return node
    raise Refused(_("A node of this name or key has joined before."))


def retire_node(user: User, node: Node, *, now: datetime) -> None:
    """Take a node out of the league: it gets no more work and delivers nothing. What it signed stays verifiable.

    What it had returns to the queue, results that it held too: nobody could release them any more.
    """
    require(is_staff(user) or has_role(user, node.organisation, Role.NODE_OPERATOR))
    with transaction.atomic():
        if not Node.objects.filter(pk=node.pk, active=True).update(active=False):
            raise Refused(_("This node was retired before."))
        NodeKey.objects.filter(Q(until=None) | Q(until__gt=now), node=node).update(until=now)
        take_from(node, now)
        append("node.retired", node.name, actor=user, now=now)


def deliver(node: Node, token: str, delivery: Delivery, *, now: datetime) -> Run:
    """Take a node's result. The same result twice changes nothing.

    Raises
    ------
    NotFound
    LeaseLost
        The run is no longer this node's.
    NodeLied
        The evidence is not what was asked, not signed by the node, or more than the owner lets out.
    """
    run = (
        Run.objects.select_related("challenge", "submission__phase", "submission__team")
        .filter(token=token)
        .first()
    )
    if run is None:
        raise NotFound
    if run.over:
        return _seen_before(run, node, delivery)
    if run.node_id != node.pk or run.lease != delivery.lease or run.state not in AT_A_NODE:
        raise LeaseLost
    if not may_judge(node, run.challenge):
        raise LeaseLost
    _check_around(run, delivery)
    evidence = _check(node, run, delivery, now) if delivery.envelope else None
    with transaction.atomic():
        if _worth_another_try(run, delivery, now):
            if not give_back(run, now, only=same_lease(run)):
                raise LeaseLost
            append(
                "run.given_back", run.token, actor=node, now=now, fault=delivery.fault and delivery.fault.code
            )
        else:
            _record_result(run, evidence, delivery, now)
    run.refresh_from_db(fields=["state"])
    return run


def _worth_another_try(run: Run, delivery: Delivery, now: datetime) -> bool:
    """Whether a failure of our own side may pass: another try, perhaps at another node, before the team hears of it."""
    failed = delivery.fault is not None and delivery.fault.owner == Owner.PLATFORM
    return failed and run.attempts < ATTEMPTS and now < run.deadline


def _seen_before(run: Run, node: Node, delivery: Delivery) -> Run:
    kept = EvidenceRecord.objects.filter(run=run).first()
    same = kept is not None and kept.digest == digest_bytes(delivery.envelope.encode())
    if run.node_id == node.pk and (same or (kept is None and not delivery.envelope)):
        return run
    raise LeaseLost


def _record_result(run: Run, evidence: Evidence | None, delivery: Delivery, now: datetime) -> None:
    fault = (evidence.fault if evidence else None) or delivery.fault
    if evidence is not None:
        score, groups = None, 0
        if evidence.complete:
            score, groups = _worth(evidence, run.challenge)
            standings = Phase.objects.filter(pk__in=run.submission.phase.and_its_carriers())
            standings.update(evidence_count=F("evidence_count") + 1)
        EvidenceRecord.objects.create(
            run=run, envelope=delivery.envelope, digest=digest_bytes(delivery.envelope.encode()),
            figures_digest=evidence.figures_digest, complete=evidence.complete, score=score, groups=groups,
            key_id=signers_of(delivery.envelope.encode(), PAYLOAD_TYPE)[0], received=now, pictures=list(delivery.pictures),
        )  # fmt: skip
    owner, code = (fault.owner, fault.code) if fault else ("", "")
    state = RunState.FAULTED if fault or evidence is None else RunState.SCORED
    if fault is None and evidence is None:
        owner, code = Owner.PLATFORM, "unknown"
    finding = delivery.finding.code if delivery.finding else ""
    words = legible(delivery.words[:WORDS_LIMIT])
    log = legible(delivery.log[:100_000])
    if not end(
        run, state, now, owner=owner, code=code, log=log, words=words, finding=finding, only=same_lease(run)
    ):
        raise LeaseLost
    Run.objects.filter(pk=run.pk).update(
        bits=delivery.bits,
        **(
            {"finished_cases": evidence.finished_count, "total_cases": evidence.case_count}
            if evidence is not None
            else {}
        ),
    )
    # With the evidence's digest in the log, its inclusion can be proven to who has only the evidence.
    signed = {"evidence": digest_bytes(delivery.envelope.encode())} if evidence is not None else {}
    append("run.ended", run.token, actor=run.node, now=now, state=state, fault=code, **signed)


def _worth(evidence: Evidence, challenge: Challenge) -> tuple[float, int]:
    """Return what complete evidence is worth alone.

    Raises
    ------
    NodeLied
        It lacks the metric that ranks, or holds a figure of which no such mean can be taken: the judge's doing.
    """
    ranking = challenge.content.ranking
    try:
        return single_score(evidence, ranking)
    except (StandingError, LookupError, ArithmeticError, ValueError) as error:
        why = f"no score by {ranking.metric} can be computed: {error}"
        raise NodeLied(why, Owner.CHALLENGE, "judge_result") from error


def _check(node: Node, run: Run, delivery: Delivery, now: datetime) -> Evidence:
    """Hold a delivered evidence against what was asked and against the owner's egress rule."""
    try:
        keys = trusted_keys(node)
        evidence, signer = open_evidence(
            delivery.envelope.encode(), [read_key(key.public_key) for key in keys]
        )
    except EvidenceError as error:
        raise NodeLied(f"{error.code}: {error}") from None
    term = next(key.term for key in keys if key.key_id == signer)
    if objection := term.objection(evidence.finished, now):
        raise NodeLied(f"the key it is signed with was not good then: {objection}")
    challenge, phase = run.challenge, run.submission.phase
    record = challenge.content
    asked = {
        "challenge": challenge.slug,
        "challenge_version": challenge.version,
        "challenge_digest": challenge.digest,
        "phase": phase.slug,
        "submission_digest": run.submission.digest,
        "private": phase.private,
        "judge": record.judge,
        "judge_version": record.judge_version,
        "country": node.country,
        "rule": record.egress.rule,
        "nonce": run.token,
    }
    for field, value in asked.items():
        if getattr(evidence, field) != value:
            raise NodeLied(f"{field} is {getattr(evidence, field)!r}, asked was {value!r}")
    if evidence.isolation.kind == "none":
        raise NodeLied("judged without a sandbox")
    if delivery.fault not in (None, evidence.fault):
        raise NodeLied("a fault beside evidence that says otherwise")
    if evidence.fault is None and not evidence.complete:
        raise NodeLied(f"{evidence.finished_count} cases finished of {evidence.case_count}, and no fault")
    _check_times(evidence, run, now)
    if not phase.private:
        _check_cases(evidence, phase)
    if phase.private:
        _check_egress(evidence, record.egress, record.ranking)
        _check_engines(evidence, run, node)
    names = [set(row.metrics) for row in evidence.rows] + [set(a.mean) for a in evidence.aggregates]
    odd = next((name for found in names for name in sorted(found ^ names[0])), None)
    if odd is not None:
        raise NodeLied(f"metrics[{odd}] in some cases and not in others", Owner.CHALLENGE, "judge_result")
    return evidence


def _check_around(run: Run, delivery: Delivery) -> None:
    """Hold what comes beside evidence, or without any, against the rule: text of a private run never passes here."""
    if len(delivery.pictures) > PICTURES_LIMIT or not all(map(_may_be_shown, delivery.pictures)):
        raise NodeLied("a picture that was not uploaded, or cannot be shown")
    if not run.submission.phase.private:
        if delivery.bits:
            raise NodeLied("bits of a ledger for cases that are public")
        return
    if delivery.log or delivery.words:
        raise NodeLied("a log of private cases")
    if delivery.pictures and (run.challenge.content.egress.rule != "pictures" or not delivery.envelope):
        raise NodeLied("pictures where the egress rule lets none out")


def _may_be_shown(digest: str) -> bool:
    if not Blob.objects.filter(digest=digest, size__lte=PICTURE_LIMIT).exists():
        return False
    return undrawable(b"".join(blobs.read(digest)).decode(errors="surrogateescape")) is None


def _check_times(evidence: Evidence, run: Run, now: datetime) -> None:
    earliest = (run.leased or run.queued) - CLOCKS_APART
    if earliest > now:
        earliest = (
            evidence.started
        )  # this clock was ahead when the run was leased: what it said then says nothing
    if evidence.started < earliest or evidence.finished > now + CLOCKS_APART:
        raise NodeLied(
            f"judged from {evidence.started:%Y-%m-%d %H:%M} to {evidence.finished:%Y-%m-%d %H:%M} UTC, and the run was "
            f"leased at {run.leased or run.queued:%Y-%m-%d %H:%M}: set the node's clock"
        )


def _check_cases(evidence: Evidence, phase: Phase) -> None:
    """Public cases and options follow from the archive: every node must have judged the same."""
    counted = EvidenceRecord.objects.counted().filter(run__submission__phase__in=phase.line())
    first = counted.order_by("pk").first()
    if first is None:
        return
    known = reopen_evidence(first.envelope.encode())
    for field in ("cases_digest", "options_digest"):
        if getattr(evidence, field) != getattr(known, field):
            raise NodeLied(f"{field} is not that of the other runs of this phase: judged on other cases")


def _check_engines(evidence: Evidence, run: Run, node: Node) -> None:
    """What a node names follows from its cases and its judge, not from a run: only engines' versions may differ from its first."""
    counted = EvidenceRecord.objects.counted().filter(
        run__submission__phase__in=run.submission.phase.line(), run__node=node
    )
    first = counted.order_by("pk").first()
    if first is None:
        return
    known = reopen_evidence(first.envelope.encode())
    if known.judge_version != evidence.judge_version:
        return
    if not _words(evidence.engines) <= _words(known.engines):
        raise NodeLied("names of engines that its other runs of this phase do not have")
    if _metrics(evidence) and (_metrics(evidence), evidence.bounds) != (_metrics(known), known.bounds):
        raise NodeLied("other metrics, or other bounds of them, than its other runs of this phase have")


def _metrics(evidence: Evidence) -> set[str]:
    rows = {name for row in evidence.rows for name in row.metrics}
    return rows | {name for aggregate in evidence.aggregates for name in aggregate.mean}


def _words(engines: Iterable[str]) -> set[str]:
    return {re.sub(r"[0-9][A-Za-z0-9.+-]*", "#", name) for name in engines}


def _check_egress(evidence: Evidence, egress: Egress, ranking: Ranking) -> None:
    if not used_coarsely(evidence):
        raise NodeLied("seconds, bytes or times that are told more exactly than private cases allow")
    rule, min_cases, digits = egress.rule, egress.min_cases, egress.digits
    if rule == "aggregate":
        if evidence.rows:
            raise NodeLied("scores per case where the egress rule lets means out")
        if any(aggregate.cases < min_cases for aggregate in evidence.aggregates):
            raise NodeLied(f"a mean over fewer than {min_cases} cases")
    elif evidence.aggregates:
        raise NodeLied("means where the egress rule asks for scores per case")
    figures = [value for row in evidence.rows for value in row.metrics.values()]
    for a in evidence.aggregates:
        figures += [*a.mean.values(), *a.log_mean.values()]
        if egress.reveal == "every":  # in steps a deviation is one of few, whatever its digits (`_in_steps`)
            figures += [*a.deviation.values(), *a.log_deviation.values()]
    if digits < 17 and any(value != float(f"{value:.{digits - 1}e}") for value in figures):
        raise NodeLied(f"a figure with more than {digits} significant digits")
    if egress.reveal == "improvements" and not all(
        _in_steps(a, ranking, digits) for a in evidence.aggregates
    ):
        raise NodeLied("a figure finer than its standard error, or of another metric than ranks")
    if not set(evidence.bounds) <= _metrics(evidence):
        raise NodeLied("bounds of metrics of which nothing leaves")
    if any(not _NUMBERED_GROUP.fullmatch(aggregate.group) for aggregate in evidence.aggregates):
        raise NodeLied("names of private groups")
    for place, row in enumerate(evidence.rows, start=1):
        if row.seed != 0 or row.case != numbered(place) or not _NUMBERED_GROUP.fullmatch(row.group):
            raise NodeLied("names of private cases")


def _in_steps(aggregate: Aggregate, ranking: Ranking, digits: int) -> bool:
    try:
        again = stepped(aggregate, ranking, digits)
    except (KeyError, OverflowError):
        return False
    if ranking.mean == "arithmetic":
        return again == aggregate
    # What follows from the logarithms was computed on another machine, whose exp may differ in the last digit.
    same = (again.log_mean, again.log_deviation) == (aggregate.log_mean, aggregate.log_deviation)
    follows = all(
        set(ours) == set(theirs) and all(math.isclose(ours[m], theirs[m], rel_tol=1e-2) for m in ours)
        for ours, theirs in ((again.mean, aggregate.mean), (again.deviation, aggregate.deviation))
    )
    return same and follows


def refuse(node: Node, token: str, lie: NodeLied, *, now: datetime) -> None:
    """Log what a node sent, and end the run over it: what is refused now would be refused again.

    The team hears at once, and the reason is the one that the centre refused it for. A run that is not this node's is
    left alone.
    """
    append("node.refused", node.name, actor=node, now=now, run=token, reason=str(lie)[:200])
    run = Run.objects.select_related("submission").filter(token=token, node=node, state__in=AT_A_NODE).first()
    if run is None:
        return
    words = f"{node.name}: {lie}"[:WORDS_LIMIT]
    if end(run, RunState.FAULTED, now, owner=lie.owner, code=lie.code, words=words, only=same_lease(run)):
        append("run.ended", run.token, actor="centre", now=now, state=RunState.FAULTED, fault=lie.code)
