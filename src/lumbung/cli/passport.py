"""``lumbung passport``: make, verify and compare models' passports, all without a network."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from lumbung.cli.exits import BAD_INPUT, exits, fail
from lumbung.cli.home import keys_folder, trusted_folder
from lumbung.cli.language import language
from lumbung.cli.passport_words import say
from lumbung.proving.catalogue import find_challenge, shipped_challenges
from lumbung.proving.evidence import read_envelope
from lumbung.proving.key_history import open_key_list
from lumbung.proving.keys import read_public_key, read_public_pem
from lumbung.proving.passport import Compared, Passport, Question, Tested, compare, question_of
from lumbung.proving.principles import PRINCIPLES, counts
from lumbung.proving.report import figure

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from lumbung.talent.credentials.model_passport import Declared, Verified

Command = Callable[..., Any]
a_file = click.Path(path_type=Path, exists=True, dir_okay=False)
keys_option = click.option(
    "--keys",
    "list_file",
    type=a_file,
    help="The centre's signed list of keys: whose key signed, and whether it was good then.",
)
challenge_option = click.option(
    "--challenge", "challenges", multiple=True, help="A challenge's folder, besides the shipped ones."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")


def _reading(command: Command) -> Command:
    """Add what verifying needs, the same for ``verify`` and ``compare``."""
    for option in (
        json_option,
        click.option("--trust", multiple=True, help="DID of an issuer you trust (as often as needed)."),
        click.option(
            "--did-document",
            "documents",
            multiple=True,
            type=a_file,
            help="DID document of an issuer that is a did:web.",
        ),
        challenge_option,
        keys_option,
        click.option(
            "--key",
            "key_files",
            multiple=True,
            type=a_file,
            help="Public key (PEM) of a node, or of the centre whose list of keys is used.",
        ),
    ):
        command = option(command)
    return command


@click.group(name="passport")
def command() -> None:
    """Make, verify and compare models' passports: what signed evidence says of a submission, and what no test covers."""


@command.command("make")
@click.argument("evidence", nargs=-1, required=True, type=a_file)
@click.option("--key", "key_file", required=True, type=a_file, help="The issuer's signing key, PEM.")
@click.option("--did", help="The issuer's DID where it is not the did:key of the key.")
@click.option(
    "--node-key", "node_keys", multiple=True, type=a_file, help="A node's public key (PEM) to trust."
)
@keys_option
@challenge_option
@click.option("--name", default="", help="What the model is called. It is shown as declared, not as found.")
@click.option("--licence", default="", help="The model's licence, shown likewise.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("lumbung-out/passport.json"),
    show_default=True,
)
@json_option
def make(
    evidence: tuple[Path, ...], key_file: Path, did: str | None, node_keys: tuple[Path, ...], list_file: Path | None,
    challenges: tuple[str, ...], name: str, licence: str, out: Path, as_json: bool,
) -> None:  # fmt: skip
    """Put all EVIDENCE of one submission into a signed passport: a W3C Verifiable Credential that carries it.

    Trusted keys of nodes: your own, those in LUMBUNG_HOME/trusted/*.pub, those of --keys, and --node-key. All that is
    given is shown, failed runs too; the passport says that its issuer chose what was given. An existing file is never
    overwritten.
    """
    from lumbung.talent.credentials.keys import SigningKey
    from lumbung.talent.credentials.model_passport import Declared, issue_passport, written

    with exits():
        listed = list_file.read_bytes() if list_file else b""
        trusted = _trusted(node_keys)
        terms = open_key_list(listed, trusted).terms if listed else ()
        document = issue_passport(
            [read_envelope(path) for path in evidence],
            [*trusted, *(read_public_pem(term.key) for term in terms)],
            _questions(challenges),
            SigningKey.from_pem(key_file.read_bytes(), did),
            made=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            declared=Declared(name, licence),
            key_list=listed,
        )
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("xb") as file:
            file.write(written(document))
    shown = document["credentialSubject"]
    if as_json:
        _print({"passport": str(out), "issuer": document["issuer"], "counts": shown["counts"]})
    else:
        click.echo(say("written", file=out, count=len(shown["tests"])))


@command.command("verify")
@click.argument("file", type=a_file)
@_reading
def verify(
    file: Path, key_files: tuple[Path, ...], list_file: Path | None, challenges: tuple[str, ...],
    documents: tuple[Path, ...], trust: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Check the passport in FILE and compute all its figures anew from the evidence inside.

    Trusted keys of nodes: your own, those in LUMBUNG_HOME/trusted/*.pub, and --key. Exit code 0 when everything holds,
    2 else.
    """
    with exits():
        found = _verified(file, key_files, list_file, challenges, documents)
        trusted = found.issuer in trust
        if as_json:
            _print({"passport": str(file), "trusted_issuer": trusted, **_as_data(found)})
        else:
            _print_checks(file, found, trusted=trusted)
            if found.holds and found.passport is not None:
                _print_passport(found.passport, found.declared)
    if not found.holds or (trust and not trusted):
        raise SystemExit(BAD_INPUT)


@command.command("compare")
@click.argument("files", nargs=-1, required=True, type=a_file)
@_reading
def compare_(
    files: tuple[Path, ...], key_files: tuple[Path, ...], list_file: Path | None, challenges: tuple[str, ...],
    documents: tuple[Path, ...], trust: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Lay two or three passports (FILES) side by side, question by question, after verifying each.

    Figures stand side by side only where challenge version, judge and cases are the very same.
    """
    with exits():
        if not 2 <= len(files) <= 3:
            raise click.UsageError(f"name two or three passports, not {len(files)}")
        passports = []
        for file in files:
            found = _verified(file, key_files, list_file, challenges, documents)
            if not found.holds or found.passport is None or (trust and found.issuer not in trust):
                _print_checks(file, found, trusted=found.issuer in trust, on_error=True)
                fail(say("fails", file=file), BAD_INPUT)
            passports.append(found.passport)
        rows = compare(passports)
    if as_json:
        said = [{**msgspec.to_builtins(row), "comparable": row.comparable} for row in rows]
        _print({"passports": [str(file) for file in files], "questions": said})
    else:
        _print_compared(files, rows)


def _trusted(given: tuple[Path, ...]) -> list[Ed25519PublicKey]:
    own = (*sorted(trusted_folder().glob("*.pub")), *sorted(keys_folder().glob("signing.pub")))
    return [read_public_key(path) for path in (*given, *own)]


def _questions(given: tuple[str, ...]) -> dict[str, Question]:
    """Return what the challenges named, and those shipped, ask, by the digest of their folders."""
    folders = [find_challenge(name) for name in (*shipped_challenges(), *given)]
    return {folder.digest: question_of(folder.challenge, folder.digest) for folder in folders}


def _verified(
    file: Path,
    key_files: tuple[Path, ...],
    list_file: Path | None,
    challenges: tuple[str, ...],
    documents: tuple[Path, ...],
) -> Verified:
    from lumbung.talent.credentials.keys import read_did_documents
    from lumbung.talent.credentials.model_passport import verify_passport

    return verify_passport(
        file.read_bytes(),
        _trusted(key_files),
        now=datetime.now(UTC),
        documents=read_did_documents((*sorted(trusted_folder().glob("*.did.json")), *documents)),
        key_list=list_file.read_bytes() if list_file else b"",
        known=_questions(challenges),
    )


def _as_data(found: Verified) -> dict[str, Any]:
    checks = [
        {
            "check": one.name,
            "ok": one.holds,
            "code": one.code,
            "params": one.params,
            "said": one.said(language()),
        }
        for one in found.checks
    ]
    told = {"counts": counts(found.passport)} if found.passport else {}
    return {
        "verified": found.holds, "issuer": found.issuer, "made": found.made, "checks": checks,
        "declared": found.declared, "passport_content": found.passport, **told,
    }  # fmt: skip


def _print(shown: dict[str, Any]) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(shown)).decode() + "\n")


def _print_checks(file: Path, found: Verified, *, trusted: bool, on_error: bool = False) -> None:
    for check in found.checks:
        click.echo(f"{'ok  ' if check.holds else 'FAIL'}  {check.said(language())}", err=on_error)
    if found.issuer:
        click.echo(
            f"{'ok  ' if trusted else '!   '}  {say('trusted_issuer' if trusted else 'any_issuer')}",
            err=on_error,
        )
        click.echo("      " + say("issued", made=found.made, issuer=found.issuer), err=on_error)
    if not on_error:
        click.echo(say("holds" if found.holds else "fails", file=file))


def _print_passport(passport: Passport, declared: Declared) -> None:
    tongue, nothing = language(), say("nothing_said")
    click.echo("\n" + say("head", submission=passport.submission))
    click.echo("  " + say("chosen"))
    click.echo("  " + say("declared", name=declared.name or nothing, licence=declared.licence or nothing))
    titles = {question.digest: question.title.in_language(tongue) for question in passport.questions}
    for test in passport.tests:
        title = titles[test.challenge_digest]
        click.echo(
            "\n" + say("test", challenge=test.challenge, version=test.version, phase=test.phase, title=title)
        )
        for line in _lines(test):
            click.echo("  " + line)
    click.echo("\n" + say("principles"))
    told = counts(passport)
    for number, principle in enumerate(PRINCIPLES, 1):
        click.echo(f"  {number} {principle.title.in_language(tongue)}")
        click.echo("    " + principle.found.in_language(tongue).format(**told))
        click.echo("    " + principle.reason.in_language(tongue))
        click.echo("    " + say("uncovered", what=principle.uncovered.in_language(tongue)))


def _lines(test: Tested) -> list[str]:
    cases = {"finished": test.finished_count, "count": test.case_count, "cases": test.cases_digest}
    lines = [
        say(
            "judged", day=f"{test.finished:%Y-%m-%d}", country=test.country, judge=test.judge,
            judge_version=test.judge_version, signer=test.signer[:16],
        ),
        say("cases_private" if test.private else "cases_public", **cases),
        _result(test),
    ]  # fmt: skip
    if test.worst is not None:
        lines.append(say("worst", worst=figure(test.worst)))
    if test.weakest:
        means = {group.group: figure(group.mean) for group in test.groups}
        every = ", ".join(f"{group} {mean}" for group, mean in means.items())
        lines.append(say("weakest", group=test.weakest, mean=means[test.weakest], groups=every))
        lines += [] if test.groups_named else [say("numbered")]
    where = test.environment
    lines.append(
        say(
            "used", wall=figure(test.wall_s), memory=figure(test.peak_memory_bytes / 2**20), isolation=test.isolation.kind,
            environment=say("environment", python=where.python, machine=where.machine, digest=where.digest)
            if where
            else say("no_environment"),
        )
    )  # fmt: skip
    lines += [say("agrees", count=len(test.agrees))] if test.agrees else []
    lines += [say("contradicts", count=len(test.contradicts))] if test.contradicts else []
    return lines


def _result(test: Tested) -> str:
    if test.fault is not None:
        return say("failed", code=test.fault.code, owner=say(test.fault.owner.value))
    if test.mean is None:
        return say("uncounted", code=test.uncounted)
    sure = ""
    if test.low is not None and test.high is not None:
        sure = say(
            "within", percent=f"{test.confidence * 100:g} %", low=figure(test.low), high=figure(test.high)
        )
    sure += say("few") if test.few else ""
    return say("scored", metric=test.metric, mean=figure(test.mean), sure=sure, better=say(test.better))


def _print_compared(files: tuple[Path, ...], rows: tuple[Compared, ...]) -> None:
    for row in rows:
        click.echo(
            f"{row.challenge} {row.version}, {row.phase}, {row.judge} {row.judge_version}, {row.cases_digest}"
        )
        click.echo("  " + say("same_cases" if row.comparable else "not_compared"))
        for file, tests in zip(files, row.answers, strict=True):
            for said in [_result(test) for test in tests] or [say("not_tested")]:
                click.echo(f"  {file}: {said}")
        click.echo()
