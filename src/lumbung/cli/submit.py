"""``lumbung submit``: hand a submission in to a centre, watch it run, and say what it is worth there."""

from __future__ import annotations

import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import msgspec

from lumbung.cli.centre_line import answered, asking, centre_options
from lumbung.cli.exits import BAD_INPUT, PLATFORM, SUBMISSION, exits, fail
from lumbung.cli.judging import own_weights
from lumbung.cli.scores import place_line, score_line
from lumbung.cli.weights import send_with_progress
from lumbung.cli.words import say
from lumbung.proving.challenge import Ranking
from lumbung.proving.declaration import read_declaration
from lumbung.proving.evidence import reopen_evidence
from lumbung.proving.faults import PlatformFault
from lumbung.proving.standing import Row, compute_standing
from lumbung.proving.submission import Submission, find_submission


@click.command(name="submit")
@click.argument("challenge")
@click.argument("submission")
@click.option("--team", required=True, help="The team's short name.")
@click.option("--phase", default="practice", show_default=True)
@centre_options("read and submit")
@click.option("--agree", is_flag=True, help="Agree to the challenge's terms, where it has some.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Watch the run until it ends.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object when it is over.")
def command(
    challenge: str,
    submission: str,
    team: str,
    phase: str,
    centre: str,
    token: str,
    agree: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Hand SUBMISSION in for a phase of CHALLENGE at a centre, and say its score and rank.

    Exit codes: 0 scored (or handed in, with --no-wait), 1 the submission's fault, 2 refused, 3 the platform's fault.
    """
    with exits(), tempfile.TemporaryDirectory() as scratch:
        theirs = find_submission(submission)
        archive = _pack(theirs.folder, Path(scratch) / "submission.tar.gz")
        with asking(centre, token) as http:
            _send_weights(http, team, theirs, quiet=as_json)
            with archive.open("rb") as file:
                answer = http.post(
                    "/submissions",
                    data={
                        "team": team,
                        "challenge": challenge,
                        "phase": phase,
                        "name": theirs.name[:60],
                        "agreed": agree,
                    },
                    files={"archive": file},
                )
            state = answered(answer)
            if wait:
                state = _watch(http, state, quiet=as_json)
            score = _score(http, state) if wait else None
        _tell(state, score, as_json)


def _send_weights(http: Any, team: str, theirs: Submission, *, quiet: bool) -> None:
    """Send the weights that a submission names and its team does not keep at the centre yet."""
    named = {} if theirs.is_table else read_declaration(theirs.folder).weights
    if not named:
        return
    there = {row["digest"] for row in answered(http.get("/weights", params={"team": team}))["weights"]}
    for name, digest in named.items():
        if digest not in there:
            kept = own_weights().path(digest)
            if not kept.is_file():
                raise PlatformFault("weights_missing", name=name, digest=digest)
            send_with_progress(http, team, kept, name, digest, quiet=quiet)


def _pack(path: Path, archive: Path) -> Path:
    with tarfile.open(archive, "w:gz") as packed:
        for entry in [path] if path.is_file() else sorted(path.rglob("*")):
            if "__pycache__" not in entry.parts:
                packed.add(
                    entry,
                    arcname=entry.name if path.is_file() else str(entry.relative_to(path)),
                    recursive=False,
                )
    return archive


def _watch(http: Any, state: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    shown = ""
    while True:
        line = "; ".join(_line(run) for run in state["runs"])
        if line != shown and not quiet:
            print(line, file=sys.stderr)
            shown = line
        if all(run["state"] in ("scored", "faulted", "withdrawn") for run in state["runs"]):
            return state
        time.sleep(0.5)
        state = answered(http.get(f"/submissions/{state['submission']}"))


def _line(run: dict[str, Any]) -> str:
    if run["state"] == "queued":
        return say("queued", ahead=run["ahead"])
    if run["state"] == "running":
        return say("running", node=run["node"], done=run["finished_cases"], total=run["total_cases"])
    return say(f"state_{run['state']}", reason=run["reason"])


def _score(http: Any, state: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the centre's standing says of a submission whose runs all ended in a score; else None.

    Where the standing does not hold it (the team has a better one, or it is not computed yet) its evidence alone
    says what it is worth.
    """
    runs = [run for run in state["runs"] if run["rejudges"] is None]
    if not runs or any(run["state"] != "scored" for run in runs):
        return None
    challenge = f"/challenges/{state['challenge']}"
    version = {"version": runs[0]["version"]}
    board = answered(http.get(f"{challenge}/phases/{state['phase']}/leaderboard", params=version))
    said: dict[str, Any] = {
        name: board[name] for name in ("metric", "better", "confidence", "embargo", "closes")
    }
    if board["embargo"]:
        return said
    places = {row["submission"]: row for row in board["rows"]}
    team = next((row for row in board["rows"] if row["team"] == state["team"]), None)
    refusal = next((row for row in board["refused"] if row["submission"] == state["submission"]), None)
    row = places.get(state["submission"]) or _alone(http, runs, answered(http.get(challenge, params=version)))
    said |= {name: row[name] for name in msgspec.structs.asdict(_row(row)) if name in row}
    return said | {
        "name": state["name"],
        "ranked": state["submission"] in places,
        "ranked_count": len(places),
        "ranked_by": None if team is None else {"name": team["name"], "rank": team["rank"]},
        "refused": None if refusal is None else refusal["reason"],
    }


def _alone(http: Any, runs: list[dict[str, Any]], challenge: dict[str, Any]) -> dict[str, Any]:
    pieces = []
    for run in runs:
        answer = http.get(f"/runs/{run['run']}/evidence")
        answered(answer)
        pieces.append(reopen_evidence(answer.content))
    ranking = msgspec.convert(challenge["record"]["ranking"], Ranking)
    # The seed is the centre's, so that the interval is the one a leaderboard would show.
    standing = compute_standing({"": pieces}, ranking, seed=int(challenge["digest"][7:15], 16))
    if not standing.rows:
        fail(standing.refused[0].reason, PLATFORM)
    row: dict[str, Any] = msgspec.to_builtins(standing.rows[0])
    return row


def _row(figures: dict[str, Any]) -> Row:
    return msgspec.convert({"name": "", **figures}, Row)


def _say_score(score: dict[str, Any]) -> None:
    if score["embargo"]:
        click.echo(say("embargo", closes=score["closes"]) if score["closes"] else say("embargo_open"))
        return
    row = _row(score)
    click.echo(score_line(score["name"], score["metric"], score["better"], score["confidence"], row))
    if score["ranked"]:
        click.echo(place_line(row, score["ranked_count"]))
    elif score["refused"]:
        click.echo(say("not_placed_because", reason=score["refused"]))
    elif score["ranked_by"]:
        click.echo(say("placed_by", count=score["ranked_count"], **score["ranked_by"]))
    else:
        click.echo(say("not_placed"))


def _tell(state: dict[str, Any], score: dict[str, Any] | None, as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode({**state, "score": score})).decode())
    else:
        runs = "; ".join(_line(run) for run in state["runs"])
        click.echo(say("submission", token=state["submission"], runs=runs))
        if score is not None:
            _say_score(score)
    owners = {run["fault_owner"] for run in state["runs"] if run["fault_owner"]}
    if owners:
        raise SystemExit(
            PLATFORM if "platform" in owners else BAD_INPUT if "challenge" in owners else SUBMISSION
        )
