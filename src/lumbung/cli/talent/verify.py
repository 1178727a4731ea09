"""``lumbung talent verify``: is this badge genuine?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.exits import BAD_INPUT, exits, fail
from lumbung.cli.home import trusted_folder
from lumbung.cli.language import language

if TYPE_CHECKING:
    from lumbung.talent.credentials.verdict import Verdict


@click.command(name="verify")
@click.argument("badges", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--trust", multiple=True, help="DID of an issuer you trust (as often as needed).")
@click.option(
    "--did-document",
    "documents",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="DID document of a did:web issuer.",
)
@click.option(
    "--status",
    "lists",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Status list (the published list of revoked badges).",
)
@click.option("--require-status", is_flag=True, help="Refuse a badge whose revocation cannot be looked up.")
@click.option(
    "--fetch",
    is_flag=True,
    help="Fetch missing DID documents of did:web issuers over HTTPS. Without it nothing is sent.",
)
@click.option("--at", "moment", help="Judge at this moment (with time zone) instead of now.")
@click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page that verifies in the browser, offline.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a badge instead of text.")
def command(
    badges: tuple[Path, ...], trust: tuple[str, ...], documents: tuple[Path, ...], lists: tuple[Path, ...],
    require_status: bool, fetch: bool, moment: str | None, page: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Verify BADGES without a network: .json, .jsonl (one a line), VC-JWT, .svg with the badge inside, .pdf, or the text of a QR code.

    DID documents in LUMBUNG_HOME/trusted/*.did.json are trusted as if named with --did-document and --trust. Exit code
    0 when every badge is genuine, 2 else.
    """
    from lumbung.talent.credentials.page import verification_page

    with exits():
        if not badges and page is None:
            raise click.UsageError("name a badge to verify, or --page to write the verification page")
        if page is not None:
            trusted, known = _at_hand(trust, documents)
            status = [json.loads(text) for text in _lists(lists)]
            text = verification_page(trusted, known, status, language=language())
            page.write_text(text, "utf-8")
            click.echo(f"{page}: open it in any browser; it needs no connection")
        all_ok = judge_badges(
            badges,
            trust=trust,
            documents=documents,
            lists=lists,
            require_status=require_status,
            fetch=fetch,
            moment=moment,
            as_json=as_json,
        )
        if not all_ok:
            raise SystemExit(BAD_INPUT)


def holds_badge(path: Path) -> bool:
    """Whether a file looks like a badge rather than evidence of a run; cheap, and decides nothing about its truth."""
    try:
        with path.open("rb") as file:
            start = file.read(20_000)
    except OSError:
        return False
    return start.startswith((b"%PDF", b"eyJ")) or b"OpenBadgeCredential" in start or b"#b=" in start


def judge_badges(
    badges: tuple[Path, ...],
    *,
    trust: tuple[str, ...] = (),
    documents: tuple[Path, ...] = (),
    lists: tuple[Path, ...] = (),
    require_status: bool = False,
    fetch: bool = False,
    moment: str | None = None,
    as_json: bool = False,
) -> bool:
    """Verify badges, print a verdict for each, and return whether all are genuine."""
    from lumbung.talent.credentials.datamodel import parse_stamp
    from lumbung.talent.credentials.verify import verify_badge

    trusted, known = _at_hand(trust, documents)
    status = _lists(lists)
    now = parse_stamp(moment) if moment else datetime.now(UTC)
    all_ok = True
    for path in badges:
        for name, text in _texts(path):
            if fetch:
                known |= _fetched(text, known)
            verdict = verify_badge(
                text,
                now=now,
                trusted=trusted or None,
                did_documents=known,
                status_lists=status,
                require_status=require_status,
            )
            all_ok &= verdict.ok
            (_print_json if as_json else _print_text)(name, verdict)
    return all_ok


def _at_hand(trust: tuple[str, ...], documents: tuple[Path, ...]) -> tuple[set[str], dict[str, Any]]:
    from lumbung.talent.credentials.keys import read_did_documents

    own = read_did_documents(sorted(trusted_folder().glob("*.did.json")))
    return {*trust, *own}, own | read_did_documents(documents)


def _lists(paths: tuple[Path, ...]) -> list[str]:
    return [path.read_text("utf-8") for path in paths]


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    from lumbung.talent.credentials.emblem import unbake_svg
    from lumbung.talent.credentials.paper import read_pdf, read_qr_text

    data = path.read_bytes()
    if data.startswith(b"%PDF"):
        yield str(path), read_pdf(data)
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        fail(
            f"{path}: neither text nor PDF; expected a badge as .json, .jsonl, .jwt, .svg or .pdf", BAD_INPUT
        )
    if path.suffix == ".jsonl":
        yield from (
            (f"{path}:{number}", line) for number, line in enumerate(text.splitlines(), 1) if line.strip()
        )
    elif "<svg" in text[:1000]:
        yield str(path), unbake_svg(text)
    elif "#b=" in text and not text.lstrip().startswith("{"):
        yield str(path), read_qr_text(text)
    else:
        yield str(path), text


def _fetched(text: str, known: dict[str, Any]) -> dict[str, Any]:
    from lumbung.talent.credentials.keys import UnresolvedIssuer, fetch_did_document
    from lumbung.talent.credentials.verify import issuer_named_in

    did = issuer_named_in(text)
    if did is None or not did.startswith("did:web:") or did in known:
        return {}
    try:
        return {did: fetch_did_document(did)}
    except UnresolvedIssuer as fault:
        click.echo(f"lumbung: {fault}", err=True)
        return {}


def _print_json(name: str, verdict: Verdict) -> None:
    shown = {
        "badge": name,
        "ok": verdict.ok,
        "code": verdict.code,
        "params": dict(verdict.params),
        "reasons": verdict.reasons,
        "notes": [{"code": code, "params": dict(params)} for code, params in verdict.notes],
    }
    click.echo(json.dumps(shown, ensure_ascii=False))


def _print_text(name: str, verdict: Verdict) -> None:
    tongue = language()
    click.echo(f"{'ok  ' if verdict.ok else 'FAIL'}  {name}")
    click.echo(f"      {verdict.reasons[tongue]}")
    for remark in verdict.remarks(tongue):
        click.echo(f"      ! {remark}")
    if verdict.ok and verdict.credential is not None:
        subject = verdict.credential["credentialSubject"]
        click.echo(f"      {verdict.credential.get('name', '')}. {subject.get('narrative', '')}")
