"""Submissions, runs and evidence over the API, for teams."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, File, Form, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime

from lumbung.centre.challenges.selectors import find_challenge, find_phase, kept_from, may_manage
from lumbung.centre.members.access import NotFound, may_audit, require, require_known
from lumbung.centre.members.doors import answer, asked_language, auth, open_to_all, person_of
from lumbung.centre.members.log_heads import inclusion
from lumbung.centre.members.models import Organisation
from lumbung.centre.members.selectors import entry_of, find_own_team
from lumbung.centre.members.signing import centre_key
from lumbung.centre.runs.approvals import approve, claimants, take_back
from lumbung.centre.runs.keys import judge_fallen_anew, key_list, revoke_key
from lumbung.centre.runs.ledgers import as_data, shares_of, told_of
from lumbung.centre.runs.letters import send_fallen, send_merger
from lumbung.centre.runs.merging import answer_merger, ask_to_merge
from lumbung.centre.runs.models import Node, Submission
from lumbung.centre.runs.queue import reap
from lumbung.centre.runs.selectors import (
    describe_run,
    evidence_of,
    find_node,
    find_run,
    find_submission,
    may_mend,
    run_log,
    visible_runs,
    visible_submissions,
)
from lumbung.centre.runs.services import enrol_node, hand_in, rejudge, run_again, withdraw

router = Router(tags=["runs"])
Limit = Annotated[int, Field(ge=1, le=500)]
Version = Annotated[int, Field(ge=1, lt=2**31)]
Offset = Annotated[int, Field(ge=0, lt=2**31)]


class RejudgeIn(Schema):
    """Which node is to judge again."""

    node: str


@router.post("/submissions", auth=auth("submit"), summary="Hand in a submission")
def submit(
    request: HttpRequest,
    team: Form[str],
    challenge: Form[str],
    phase: Form[str],
    archive: File[UploadedFile],
    name: Form[str] = "",
    agreed: Form[bool] = False,
) -> HttpResponse:
    person = require_known(person_of(request))
    theirs = person.teams.filter(slug=team).first()
    if theirs is None:
        raise NotFound
    asked = find_phase(find_challenge(person, challenge), phase)
    submission = hand_in(
        person,
        theirs,
        asked,
        archive.chunks(),
        name=name,
        filename=archive.name or "",
        agreed=agreed,
        now=datetime.now(UTC),
    )
    return answer(_submission(submission, asked_language(request)), 201)


def _submission(submission: Submission, language: str) -> dict[str, Any]:
    runs = submission.runs.select_related("challenge", "node", "submission__team", "submission__phase")
    return {
        "submission": submission.token,
        "name": submission.name,
        "team": submission.team.slug,
        "challenge": submission.phase.challenge.slug,
        "phase": submission.phase.slug,
        "digest": submission.digest,
        "created": submission.created,
        "counts": submission.counts,
        "runs": [describe_run(run, language) for run in runs],
    }


@router.get("/submissions", auth=auth("read"), summary="My teams' submissions, newest first")
def submissions(request: HttpRequest, limit: Limit = 32, offset: Offset = 0) -> HttpResponse:
    rows = visible_submissions(person_of(request)).values(
        "token", "name", "team__slug", "phase__slug", "phase__challenge__slug", "digest", "created", "counts"
    )
    return answer(list(rows[offset : offset + limit]))


@router.get("/submissions/{token}", auth=auth("read"), summary="One submission and its runs")
def submission(request: HttpRequest, token: str) -> HttpResponse:
    return answer(_submission(find_submission(person_of(request), token), asked_language(request)))


@router.post("/submissions/{token}/withdraw", auth=auth("submit"), summary="Withdraw; it then does not count")
def withdraw_submission(request: HttpRequest, token: str) -> HttpResponse:
    person = require_known(person_of(request))
    found = find_submission(person, token)
    withdraw(person, found, now=datetime.now(UTC))
    return answer(_submission(found, asked_language(request)))


_COLUMNS = (
    "token", "state", "submission__token", "submission__name", "submission__team__slug", "challenge__slug",
    "challenge__version", "submission__phase__slug", "node__name", "finished_cases", "total_cases", "queued",
    "started", "ended", "fault_owner", "fault_code",
)  # fmt: skip
_NAMES = (
    "run", "state", "submission", "name", "team", "challenge", "version", "phase", "node", "finished_cases",
    "total_cases", "queued", "started", "ended", "fault_owner", "fault_code",
)  # fmt: skip


@router.get("/runs", auth=auth("read"), summary="Runs one may see, newest first; format=csv for a table")
def runs(
    request: HttpRequest, limit: Limit = 32, offset: Offset = 0, state: str = "", format: str = "json"
) -> HttpResponse:
    found = visible_runs(person_of(request)).select_related(None)
    if state:
        found = found.filter(state=state)
    rows = found.order_by("-id").values_list(*_COLUMNS)[offset : offset + limit]
    if format == "csv":
        return table(_NAMES, rows)
    return answer([dict(zip(_NAMES, row, strict=True)) for row in rows])


FORMULA = tuple("=+-@＝＋－＠")


def table(names: Any, rows: Any) -> HttpResponse:
    """Return rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    # A cell that begins like a formula would be run by a spreadsheet; some take the full-width signs for it too.
    writer.writerows(
        [
            [f"'{c}" if isinstance(c, str) and c.lstrip().startswith(FORMULA) else c for c in row]
            for row in rows
        ]
    )
    return HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")


@router.get("/runs/{token}", auth=auth("read"), summary="A run's life: where it stands, why it ended")
def run(request: HttpRequest, token: str) -> HttpResponse:
    now = datetime.now(UTC)
    found = find_run(person_of(request), token)
    if not found.over and (found.deadline < now or (found.lease_expires and found.lease_expires < now)):
        reap(now)
        found = find_run(person_of(request), token)
    words = may_mend(person_of(request), found)
    return answer(describe_run(found, asked_language(request), words=words))


@router.get(
    "/runs/{token}/inclusion",
    auth=open_to_all(),
    summary="Proof that the run's end stands in the centre's log; for 'lumbung verify EVIDENCE --inclusion'",
)
def run_inclusion(request: HttpRequest, token: str) -> HttpResponse:
    now = datetime.now(UTC)
    evidence_of(person_of(request), token, now)
    return answer(inclusion(entry_of("run.ended", token), centre_key(), now))


class NodeIn(Schema):
    """Which node."""

    node: str


def _judge(request: HttpRequest, slug: str, version: int, name: str) -> tuple[Any, Any, Node]:
    person = require_known(person_of(request))
    found = Node.objects.filter(name=name).first()
    challenge = find_challenge(person, slug, version)
    if found is None:
        raise NotFound
    return person, challenge, found


@router.get(
    "/challenges/{slug}/{version}/nodes",
    auth=open_to_all(),
    summary="Who may judge, and who says it holds it",
)
def judges(request: HttpRequest, slug: str, version: Version) -> HttpResponse:
    found = find_challenge(person_of(request), slug, version)
    return answer(
        [
            {
                "node": node.name,
                "organisation": node.organisation.slug,
                "country": node.country,
                "key_id": node.key_id,
                "may_judge": may,
            }
            for node, may in claimants(found)
        ]
    )


@router.post(
    "/challenges/{slug}/{version}/nodes",
    response={201: None},
    auth=auth("manage"),
    summary="Let a node judge",
)
def approve_judge(request: HttpRequest, slug: str, version: Version, body: NodeIn) -> Any:
    approve(*_judge(request, slug, version, body.node), now=datetime.now(UTC))
    return Status(201, None)


@router.delete(
    "/challenges/{slug}/{version}/nodes/{node}",
    response={204: None},
    auth=auth("manage"),
    summary="Let a node judge no more; what it has under way returns to the queue",
)
def take_judge_back(request: HttpRequest, slug: str, version: Version, node: str) -> Any:
    take_back(*_judge(request, slug, version, node), now=datetime.now(UTC))
    return Status(204, None)


@router.get(
    "/challenges/{slug}/{version}/told",
    auth=auth("read"),
    summary="How many bits each node told of the private cases, in all and to whom; for its owner and the staff",
)
def told(request: HttpRequest, slug: str, version: Version) -> HttpResponse:
    person = require_known(person_of(request))
    found = find_challenge(person, slug, version)
    require(may_manage(person, found) or may_audit(person))
    return answer(told_of(found, names=may_audit(person)))


@router.get(
    "/challenges/{slug}/phases/{phase}/share",
    auth=auth("read"),
    summary="What may still be told of the private cases, to oneself and one's team",
)
def share(request: HttpRequest, slug: str, phase: str, team: str) -> HttpResponse:
    person = require_known(person_of(request))
    asked = find_phase(find_challenge(person, slug), phase)
    theirs = find_own_team(person, team)
    return answer(as_data(shares_of(person, theirs, asked, datetime.now(UTC))) if asked.private else [])


@router.get("/runs/{token}/log", auth=auth("read"), summary="What the solution wrote; its team's alone")
def log(request: HttpRequest, token: str) -> HttpResponse:
    text = run_log(person_of(request), find_run(person_of(request), token))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@router.get("/runs/{token}/evidence", auth=open_to_all(), summary="The signed evidence (DSSE)")
def evidence(request: HttpRequest, token: str) -> HttpResponse:
    record = evidence_of(person_of(request), token, datetime.now(UTC))
    return HttpResponse(record.envelope, content_type="application/json")


@router.post("/runs/{token}/rejudge", auth=auth("manage"), summary="Have another node judge it again")
def judge_again(request: HttpRequest, token: str, body: RejudgeIn) -> HttpResponse:
    person = require_known(person_of(request))
    node = Node.objects.filter(name=body.node).first()
    if node is None:
        raise NotFound
    again = rejudge(person, find_run(person, token), node, now=datetime.now(UTC))
    return answer(describe_run(again, asked_language(request)), 201)


@router.post(
    "/runs/{token}/again",
    auth=auth("manage"),
    summary="Judge a run anew that the platform or the challenge failed",
)
def ask_again(request: HttpRequest, token: str) -> HttpResponse:
    person = require_known(person_of(request))
    again = run_again(person, find_run(person, token), now=datetime.now(UTC))
    return answer(describe_run(again, asked_language(request), words=True))


@router.get("/nodes", auth=open_to_all(), summary="The nodes of the league and their public keys")
def nodes(request: HttpRequest) -> HttpResponse:
    rows = Node.objects.filter(active=True).values(
        "name", "organisation__slug", "country", "public_key", "key_id", "challenges", "version", "last_seen"
    )
    hidden = kept_from(person_of(request))
    return answer(
        [{**row, "challenges": [slug for slug in row["challenges"] if slug not in hidden]} for row in rows]
    )


class MergeIn(Schema):
    """Which team to join."""

    into: Annotated[str, Field(max_length=40)]


class MergerAnswerIn(Schema):
    """Whether to take the team in."""

    agree: bool


@router.post(
    "/teams/{slug}/merge",
    response={201: None},
    auth=auth("submit"),
    summary="Ask another team to take this one in; it counts once its captain agrees",
)
def ask_merge(request: HttpRequest, slug: str, body: MergeIn) -> Any:
    person = require_known(person_of(request))
    send_merger(request, ask_to_merge(person, find_own_team(person, slug), body.into, now=datetime.now(UTC)))
    return Status(201, None)


@router.post(
    "/teams/{slug}/mergers/{joining}",
    response={204: None},
    auth=auth("submit"),
    summary="Take a team that asked in, or decline",
)
def answer_merge(request: HttpRequest, slug: str, joining: str, body: MergerAnswerIn) -> Any:
    person = require_known(person_of(request))
    answer_merger(person, find_own_team(person, slug), joining, agree=body.agree, now=datetime.now(UTC))
    return Status(204, None)


class RevokeIn(Schema):
    """A key of a node to trust no more."""

    since: AwareDatetime
    key: Annotated[str, Field(max_length=64)] = ""
    why: Annotated[str, Field(max_length=200)] = ""


@router.post(
    "/nodes/{name}/revoke",
    auth=auth("manage"),
    summary="Trust a key of a node no more, from a date on; the present one where none is named",
)
def revoke(request: HttpRequest, name: str, body: RevokeIn) -> HttpResponse:
    person, node = require_known(person_of(request)), find_node(name)
    fallen = revoke_key(
        person, node, body.key or node.key_id, since=body.since, why=body.why, now=datetime.now(UTC)
    )
    send_fallen(request, node, fallen)
    return answer({"node": node.name, "fallen": [record.run.token for record in fallen]})


@router.post(
    "/challenges/{slug}/{version}/fallen",
    auth=auth("manage"),
    summary="Have judged anew whatever rests on evidence that fell with a node's key",
)
def fallen_anew(request: HttpRequest, slug: str, version: Version) -> HttpResponse:
    person = require_known(person_of(request))
    made = judge_fallen_anew(person, find_challenge(person, slug, version), now=datetime.now(UTC))
    return answer({"runs": [run.token for run in made]}, 201)


@router.get(
    "/keys",
    auth=open_to_all(),
    summary="All keys of the league and their lives, signed (DSSE); for 'lumbung verify EVIDENCE --keys'",
)
def keys(request: HttpRequest) -> HttpResponse:
    return HttpResponse(key_list(datetime.now(UTC)), content_type="application/json")


@router.post(
    "/organisations/{slug}/enrol-node", auth=auth("manage"), summary="A code with which one node may join"
)
def enrol(request: HttpRequest, slug: str) -> HttpResponse:
    person = require_known(person_of(request))
    organisation = Organisation.objects.filter(slug=slug).first()
    if organisation is None:
        raise NotFound
    return answer({"code": enrol_node(person, organisation, now=datetime.now(UTC))}, 201)
