"""``lumbung submit``: hand a submission in to a centre and watch it run."""

from __future__ import annotations

import os
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import msgspec

from lumbung.cli.exits import BAD_INPUT, PLATFORM, SUBMISSION, exits, fail
from lumbung.cli.language import language
from lumbung.proving.submission import find_submission


@click.command(name="submit")
@click.argument("challenge")
@click.argument("submission")
@click.option("--team", required=True, help="The team's short name.")
@click.option("--phase", default="practice", show_default=True)
@click.option(
    "--centre",
    default=lambda: os.environ.get("LUMBUNG_CENTRE", "http://127.0.0.1:8000"),
    show_default="LUMBUNG_CENTRE",
)
@click.option(
    "--token",
    default=lambda: os.environ.get("LUMBUNG_TOKEN", ""),
    help="An API token with the scopes read and submit; LUMBUNG_TOKEN by default.",
)
@click.option("--wait/--no-wait", default=True, show_default=True, help="Watch the run until it ends.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object when it is over.")
def command(
    challenge: str, submission: str, team: str, phase: str, centre: str, token: str, wait: bool, as_json: bool
) -> None:
    """Hand SUBMISSION in for a phase of CHALLENGE at a centre.

    Exit codes: 0 scored (or handed in, with --no-wait), 1 the submission's fault, 2 refused, 3 the platform's fault.
    """
    import httpx

    if not token:
        fail("no API token: make one on the centre's page 'My account', then set LUMBUNG_TOKEN", BAD_INPUT)
    with exits(), tempfile.TemporaryDirectory() as scratch:
        theirs = find_submission(submission)
        archive = _pack(theirs.folder, Path(scratch) / "submission.tar.gz")
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": language()}
        try:
            with httpx.Client(base_url=centre.rstrip("/") + "/api", headers=headers, timeout=60) as http:
                with archive.open("rb") as file:
                    answer = http.post(
                        "/submissions",
                        data={"team": team, "challenge": challenge, "phase": phase, "name": theirs.name[:60]},
                        files={"archive": file},
                    )
                state = _answer(answer)
                if wait:
                    state = _watch(http, state, quiet=as_json)
        except httpx.HTTPError as error:
            fail(f"{centre}: {type(error).__name__}; is the centre up?", PLATFORM)
    _tell(state, as_json)


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


def _answer(answer: Any) -> dict[str, Any]:
    if answer.status_code >= 400:
        try:
            detail = answer.json().get("detail", answer.text)
        except ValueError:
            detail = answer.text[:200]
        fail(
            f"the centre answered {answer.status_code}: {detail}",
            PLATFORM if answer.status_code >= 500 else BAD_INPUT,
        )
    body: dict[str, Any] = answer.json()
    return body


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
        state = _answer(http.get(f"/submissions/{state['submission']}"))


def _line(run: dict[str, Any]) -> str:
    if run["state"] == "queued":
        return f"queued behind {run['ahead']}"
    if run["state"] == "running":
        return f"running at {run['node']}: case {run['finished_cases']} of {run['total_cases']}"
    return f"{run['state']}" + (f": {run['reason']}" if run["reason"] else "")


def _tell(state: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(state)).decode())
    else:
        click.echo(f"submission {state['submission']}: " + "; ".join(_line(run) for run in state["runs"]))
    owners = {run["fault_owner"] for run in state["runs"] if run["fault_owner"]}
    if owners:
        raise SystemExit(
            PLATFORM if "platform" in owners else BAD_INPUT if "challenge" in owners else SUBMISSION
        )
