"""``lumbung talent issue``: badges for a table of results, by the dozen or by the million."""

from __future__ import annotations

import csv
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lumbung.cli.exits import BAD_INPUT, exits, fail
from lumbung.cli.home import keys_folder, trusted_folder

if TYPE_CHECKING:
    from lumbung.proving.evidence import Evidence
    from lumbung.talent.credentials.keys import SigningKey
    from lumbung.talent.credentials.rounds import Round


@click.command(name="issue")
@click.argument("results", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--standing",
    "challenge",
    metavar="CHALLENGE",
    help="RESULTS is a folder of signed evidence, a folder a solution: badges over their standing in CHALLENGE.",
)
@click.option(
    "--node-key",
    "node_keys",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="With --standing: a node's public key to trust, besides those in LUMBUNG_HOME/trusted and your own.",
)
@click.option(
    "--key", "key_file", required=True, type=click.Path(path_type=Path, exists=True), help="Signing key, PEM."
)
@click.option("--issuer", "name", required=True, help="Name of the institution, as shown on badges.")
@click.option("--did", help="The institution's DID where it is not the did:key of the key.")
@click.option("--url", help="The institution's home page; achievements get addresses below it.")
@click.option(
    "--status", "status_base", required=True, help="Address below which status lists will be published."
)
@click.option(
    "--first-list", default=1, show_default=True, help="Number of the first status list of this round."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("lumbung-out/badges"),
    show_default=True,
)
@click.option(
    "--language",
    type=click.Choice(["en", "id", "zh"]),
    default="id",
    show_default=True,
    help="Language of the badges, where a row names none.",
)
@click.option(
    "--suite",
    type=click.Choice(["both", "eddsa-rdfc-2022", "eddsa-jcs-2022"]),
    default="both",
    show_default=True,
    help="Of the signature. Wallets read rdfc, pages without a network jcs; jcs alone issues by the million.",
)
@click.option("--valid-from", help="Moment with time zone; default: now.")
@click.option("--years", default=3, show_default=True, help="Years until a badge expires; 0: never.")
@click.option("--test", help="Name and version of the test, where the table has no such column.")
@click.option(
    "--test-language", type=click.Choice(["en", "id", "zh"]), help="Language of the test, likewise."
)
@click.option("--taken-on", help="Day of the test, likewise, e.g. 2026-11-20.")
@click.option("--processes", default=0, help="Worker processes; default: one per core.")
@click.option("--pictures", is_flag=True, help="Also write a PDF and an SVG for each badge (up to 1,000).")
@click.option(
    "--page", "page_address", default="lumbung:verify", help="Address of the verification page, for QR codes."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(
    results: Path, challenge: str | None, node_keys: tuple[Path, ...], key_file: Path, name: str, did: str | None, url: str | None, status_base: str, first_list: int, suite: str,
    test: str | None, test_language: str | None, taken_on: str | None,
    out: Path, language: str, valid_from: str | None, years: int, processes: int, pictures: bool, page_address: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Issue one badge for each row of RESULTS, a CSV table.

    Columns: theta, standard_error, items (or answered), language (of the test), test, taken_on; optional: proctored
    (yes/no), level, level_probability, badge_language, holder_did, holder_name. What `lumbung talent score` prints will
    do, with --test, --test-language and --taken-on. A row that cannot be right is left out and listed in
    rejected.csv with its reason; all others are issued.

    With --standing the badges state standings: the mean score with its interval, the range of ranks, and the digests of
    the evidence. `lumbung demo` and `lumbung judge` leave evidence in such folders.

    Written to --out: badges-N.jsonl (one badge a line), status-N.json (the signed list of revoked badges to publish at
    STATUS/N), register-N.csv (row, badge, place: keep it, it is how a badge is revoked). Run again after a
    break: finished parts are kept.
    """
    from lumbung.talent.credentials.datamodel import parse_stamp
    from lumbung.talent.credentials.keys import SigningKey
    from lumbung.talent.credentials.rounds import Round, began

    with exits():
        key = SigningKey.from_pem(key_file.read_bytes(), did)
        start = (
            parse_stamp(valid_from) if valid_from else began(out) or datetime.now(UTC).replace(microsecond=0)
        )
        settings = Round(
            did=key.did,
            name=name,
            url=url,
            status_base=status_base.rstrip("/"),
            first_list=first_list,
            language=language,
            valid_from=start,
            years=years,
            suite=suite,
            fill=_filled(test=test, language=test_language, taken_on=taken_on),
        )
        clock = time.perf_counter()
        if challenge is None:
            summary = _issue_table(results, key, settings, out, processes)
        else:
            summary = _issue_standing(results, challenge, node_keys, key, settings, out)
        took = time.perf_counter() - clock
        drawn = _draw(out, page_address) if pictures else 0
        shown = {**summary, "seconds": round(took, 2), "pictures": drawn, "out": str(out)}
        if as_json:
            click.echo(json.dumps(shown))
        else:
            click.echo(
                f"issued    {summary['issued']} badges in {took:.1f} s, {summary['lists']} status list(s), under {out}"
            )
            if summary["rejected"]:
                click.echo(
                    f"rejected  {summary['rejected']} rows, listed with reasons in {out / 'rejected.csv'}"
                )
        if not summary["issued"]:
            fail("no row could be issued", BAD_INPUT)


def _issue_table(
    results: Path, key: SigningKey, settings: Round, out: Path, processes: int
) -> dict[str, int]:
    from rich.console import Console
    from rich.progress import Progress

    from lumbung.talent.credentials.rounds import TableProblem, issue_round

    if results.is_dir():
        raise TableProblem(f"{results} is a folder; expected a table, or --standing CHALLENGE with evidence")
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("issuing", total=None)
        return issue_round(
            results,
            key,
            settings,
            out,
            processes,
            lambda done, total: progress.update(task, completed=done, total=total),
        )


def _issue_standing(
    folder: Path, challenge: str, node_keys: tuple[Path, ...], key: SigningKey, settings: Round, out: Path
) -> dict[str, int]:
    """Rank the solutions whose evidence lies below *folder*, each signature checked, and issue their badges."""
    from lumbung.proving.catalogue import find_challenge
    from lumbung.proving.evidence import open_evidence, read_envelope
    from lumbung.proving.keys import read_public_key
    from lumbung.proving.standing import compute_standing
    from lumbung.talent.credentials.rounds import TableProblem
    from lumbung.talent.credentials.standing_round import issue_standing

    record = find_challenge(challenge)
    files = [*node_keys, *sorted(trusted_folder().glob("*.pub")), *sorted(keys_folder().glob("signing.pub"))]
    keys = [read_public_key(path) for path in files]
    envelopes: dict[str, list[bytes]] = {}
    pieces: dict[str, list[Evidence]] = {}
    for path in sorted(folder.glob("*/evidence*.json")):
        envelope = read_envelope(path)
        piece, _signer = open_evidence(envelope, keys)
        if piece.challenge_digest != record.digest:
            raise TableProblem(f"{path}: evidence of {piece.challenge}, and not of {challenge} as it is here")
        envelopes.setdefault(path.parent.name, []).append(envelope)
        pieces.setdefault(path.parent.name, []).append(piece)
    if not pieces:
        raise TableProblem(f"{folder}: no evidence; expected SOLUTION/evidence.json below it")
    ranked = compute_standing(pieces, record.challenge.ranking, seed=int(record.digest[7:15], 16))
    decided_on = max(piece.finished for named in pieces.values() for piece in named).date()
    title = record.challenge.title.in_language(settings.language)
    return issue_standing(ranked, envelopes, title, decided_on, key, settings, out)


def _filled(**columns: str | None) -> tuple[tuple[str, str], ...]:
    return tuple((column, value) for column, value in columns.items() if value)


def _draw(out: Path, page_address: str) -> int:
    from lumbung.talent.credentials.emblem import draw_svg
    from lumbung.talent.credentials.paper import draw_pdf

    folder = out / "pictures"
    folder.mkdir(exist_ok=True)
    drawn = 0
    for register in sorted(out.glob("register-*.csv")):
        with register.open(encoding="utf-8", newline="") as rows:
            names = [row["row"] for row in csv.DictReader(rows)]
        part = register.name.removeprefix("register-").removesuffix(".csv")
        with (out / f"badges-{part}.jsonl").open(encoding="utf-8") as lines:
            for row, line in zip(names, lines, strict=True):
                if drawn >= 1000:
                    return drawn
                badge = json.loads(line)
                (folder / f"{row}.svg").write_text(draw_svg(badge), "utf-8")
                (folder / f"{row}.pdf").write_bytes(draw_pdf(badge, page_address))
                drawn += 1
    return drawn
