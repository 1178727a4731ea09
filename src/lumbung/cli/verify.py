"""``lumbung verify``: does this evidence hold?"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from lumbung.cli.exits import BAD_INPUT, exits
from lumbung.cli.home import keys_folder, trusted_folder
from lumbung.cli.judging import environment_for, make_ready
from lumbung.cli.talent.verify import holds_badge, judge_badges
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import ChallengeError, ChallengeFolder
from lumbung.proving.digest import digest_bytes
from lumbung.proving.evidence import Evidence, EvidenceError, open_evidence, read_envelope
from lumbung.proving.faults import RunFault
from lumbung.proving.key_history import KeyList, KeyListError, open_key_list
from lumbung.proving.keys import read_public_key, read_public_pem
from lumbung.proving.run_folder import RunRecord, read_run_record
from lumbung.proving.submission import Submission, SubmissionNotFound, find_submission
from lumbung.proving.transparency import NoteError, read_inclusion

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Check = tuple[str, bool, str]


@click.command(name="verify")
@click.argument("evidence", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option(
    "--key", "key_files", multiple=True, type=click.Path(path_type=Path), help="A public key (PEM) to trust."
)
@click.option("--challenge", "challenge_name", help="The challenge folder, where it is not found by itself.")
@click.option("--submission", "submission_name", help="The submission, where it is not found by itself.")
@click.option(
    "--inclusion",
    "inclusion_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The centre's proof that this evidence stands in its log (a run's page has it); its key is given with --key.",
)
@click.option(
    "--keys",
    "list_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The centre's signed list of keys (its page Log, or /api/keys): whose key signed, and whether it was good then. "
    "The centre's own key is given with --key.",
)
@click.option("--rerun", is_flag=True, help="Judge again and compare bit by bit.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(
    evidence: Path, key_files: tuple[Path, ...], challenge_name: str | None, submission_name: str | None,
    inclusion_file: Path | None, list_file: Path | None, rerun: bool, as_json: bool,
) -> None:  # fmt: skip
    """Check the signature of EVIDENCE ('-' reads it from a pipe), and that challenge and submission are the ones it speaks of.

    Trusted keys: your own, those in LUMBUNG_HOME/trusted/*.pub, and --key. Exit code 0 when everything holds, 2 else.

    EVIDENCE may also be a badge; `lumbung talent verify` has more to set for those.
    """
    with exits(), _as_file(evidence) as (evidence, said):
        if holds_badge(evidence):
            raise SystemExit(0 if judge_badges((evidence,), as_json=as_json) else BAD_INPUT)
        files = [
            *key_files,
            *sorted(trusted_folder().glob("*.pub")),
            *sorted(keys_folder().glob("signing.pub")),
        ]
        record: Evidence | None = None
        try:
            keys = [read_public_key(path) for path in files]
            listed = None if list_file is None else open_key_list(list_file.read_bytes(), keys)
            of_nodes = [] if listed is None else [read_public_pem(term.key) for term in listed.terms]
            record, signer = open_evidence(read_envelope(evidence), [*keys, *of_nodes])
            checks: list[Check] = [("signature", True, _signed_by(signer, len(files), listed))]
            logged, entered = None, None
            if inclusion_file is not None:
                keepers = keys if listed is None else listed.of_centre()
                entered, logged = _included(inclusion_file, evidence, keepers)
            if listed is not None:
                checks.append(_good_then(listed, signer, record, logged))
            checks += _check_content(
                record, read_run_record(evidence), challenge_name, submission_name, rerun
            )
            checks += [entered] if entered is not None else []
        except EvidenceError as error:
            checks = [("signature", False, str(error))]
        except KeyListError as error:
            checks = [("keys", False, f"{list_file}: {error}")]
        holds = all(ok for _, ok, _ in checks)
        (_print_json if as_json else _print_text)(said, record, checks, holds)
        raise SystemExit(0 if holds else BAD_INPUT)


@contextmanager
def _as_file(given: Path) -> Iterator[tuple[Path, Path]]:
    """Yield a file that can be read several times, and what it is called: what comes through a pipe is kept meanwhile."""
    if str(given) != "-" and (given.is_file() or not given.exists()):
        yield given, given
        return
    with tempfile.TemporaryDirectory(prefix="lumbung-verify-") as folder:
        kept = Path(folder) / "evidence.json"
        kept.write_bytes(sys.stdin.buffer.read() if str(given) == "-" else given.read_bytes())
        yield kept, given


def _signed_by(signer: str, trusted: int, listed: KeyList | None) -> str:
    if listed is None:
        return f"by key {signer[:16]}…, one of {trusted} trusted"
    term = listed.term(signer)
    return f"by key {signer[:16]}…, " + (
        f"of {term.holder}" if term else f"one of {trusted} trusted and not in the list"
    )


_OBJECTIONS = {
    "revoked": "the key is revoked from {revoked} on, and this was signed or entered in the log later",
    "undated": "the key is revoked from {revoked} on; give --inclusion to show that the log held this before",
    "too_early": "signed on {signed}, and the key began on {since}",
    "too_late": "signed on {signed}, and the key ended on {until}",
}


def _good_then(listed: KeyList, signer: str, record: Evidence, logged: datetime | None) -> Check:
    """Whether the key was good when it signed, by the list and, of a revoked key, by the log."""
    term = listed.term(signer)
    if term is None:
        return (
            "key",
            False,
            f"{signer[:16]}… is not among the keys of the league as of {listed.made:%Y-%m-%d %H:%M} UTC",
        )
    days = {"signed": record.finished, "since": term.since, "until": term.until, "revoked": term.revoked_from}
    written = {name: f"{day:%Y-%m-%d %H:%M} UTC" for name, day in days.items() if day is not None}
    objection = term.objection(record.finished, logged)
    if objection:
        return ("key", False, _OBJECTIONS[objection].format(**written))
    revoked = (
        f"; revoked from {written['revoked']} on, and the log held this before" if term.revoked_from else ""
    )
    return ("key", True, f"good when it signed{revoked}; keys as of {listed.made:%Y-%m-%d %H:%M} UTC")


def _included(proof: Path, evidence: Path, keys: Sequence[Ed25519PublicKey]) -> tuple[Check, datetime | None]:
    """Whether the evidence stands in the log of a centre whose key is trusted, and since when."""
    try:
        shown = read_inclusion(proof.read_bytes())
        if shown.entry.details.get("evidence") != digest_bytes(read_envelope(evidence)):
            return ("log", False, f"{proof} speaks of another evidence"), None
        problem = "no key is trusted; name the centre's with --key"
        for key in keys:
            try:
                head = shown.check(key)
            except NoteError as error:
                problem = str(error)
            else:
                witnesses = len(shown.cosignatures)
                said = f"entry {shown.entry.number} of {head.size} in {head.origin}, under {witnesses} cosignatures"
                return ("log", True, said), shown.entry.time
    except NoteError as error:
        problem = str(error)
    return ("log", False, problem), None


def _check_content(
    record: Evidence,
    asked: RunRecord | None,
    challenge_name: str | None,
    submission_name: str | None,
    rerun: bool,
) -> list[Check]:
    checks: list[Check] = []
    challenge = _find(find_challenge, challenge_name or (asked.challenge if asked else record.challenge))
    submission = _find(find_submission, submission_name or (asked.submission if asked else ""))
    if isinstance(challenge, ChallengeFolder):
        same = challenge.digest == record.challenge_digest
        checks.append(
            (
                "challenge",
                same,
                challenge.challenge.id if same else f"{challenge.folder} has other content now",
            )
        )
    elif challenge_name or rerun:
        checks.append(("challenge", False, f"not found here ({challenge}); name it with --challenge"))
    if isinstance(submission, Submission):
        same = submission.digest == record.submission_digest
        checks.append(
            ("submission", same, submission.name if same else f"{submission.folder} has other content now")
        )
    elif submission_name or rerun:
        checks.append(("submission", False, f"not found here ({submission}); name it with --submission"))
    if rerun and all(ok for _, ok, _ in checks):
        assert isinstance(challenge, ChallengeFolder) and isinstance(submission, Submission)
        checks.append(_rerun(record, challenge, submission, asked))
    return checks


def _find(find: Any, name: str) -> Any:
    try:
        return find(name)
    except (ChallengeError, SubmissionNotFound, RunFault) as error:
        return error


def _rerun(
    record: Evidence, challenge: ChallengeFolder, submission: Submission, asked: RunRecord | None
) -> Check:
    from lumbung.proving.executors import make_executor
    from lumbung.proving.run import conclude, play_runs
    from lumbung.proving.session import Asked, plan_apart

    if record.private:
        return ("rerun", False, "the cases are private: only a node of their owner can judge them again")
    trust = record.isolation.kind == "none"
    make_ready(trust=trust)
    cases, options = (",".join(asked.cases), asked.options) if asked else ("*", {})
    executor = make_executor()
    try:
        environment = environment_for(submission, challenge)
        asked_for = Asked(
            challenge, submission, record.phase, cases, options=options, trust=trust, environment=environment
        )
        plan = plan_apart(asked_for, executor)
        (outcomes,) = play_runs([plan], executor)
    finally:
        executor.close()
    again = conclude(plan, outcomes, started=record.started, finished=record.finished)
    same = again.figures_digest == record.figures_digest
    if same:
        return ("rerun", True, f"{again.finished_count} cases, equal bit by bit")
    return ("rerun", False, _difference(record, again))


def _difference(before: Evidence, again: Evidence) -> str:
    theirs = {row.case: row.metrics for row in before.rows}
    for row in again.rows:
        for name, value in row.metrics.items():
            if theirs.get(row.case, {}).get(name) != value:
                return f"case {row.case}: {name} was {theirs.get(row.case, {}).get(name)}, is {value} now"
    for field in before.__struct_fields__:
        if field not in ("wall_s", "cpu_s", "peak_memory_bytes", "rows") and getattr(
            before, field
        ) != getattr(again, field):
            return f"{field} was {getattr(before, field)}, is {getattr(again, field)} now"
    return "the figures differ"


def _print_json(path: Path, record: Evidence | None, checks: list[Check], holds: bool) -> None:
    shown = {
        "evidence": str(path),
        "verified": holds,
        "checks": [{"check": name, "ok": ok, "detail": detail} for name, ok, detail in checks],
        "content": record,
    }
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(shown)).decode() + "\n")


def _print_text(path: Path, record: Evidence | None, checks: list[Check], holds: bool) -> None:
    for name, ok, detail in checks:
        click.echo(f"{'ok  ' if ok else 'FAIL'}  {name:<11} {detail}")
    if record is not None:
        held = record.isolation
        click.echo(
            f"{record.challenge} v{record.challenge_version}, {record.judge} v{record.judge_version}, "
            f"{record.finished_count} of {record.case_count} cases, {', '.join(record.engines) or 'no engine'}, "
            f"isolation {held.kind}, {record.country}, {record.finished:%Y-%m-%d %H:%M} UTC"
        )
        if record.fault:
            click.echo(f"ended in a fault of the {record.fault.owner}: {record.fault.code}")
    click.echo(f"{path}: {'verified' if holds else 'NOT verified'}")
