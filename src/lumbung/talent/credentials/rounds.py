"""A round of issuing: a table of results becomes badges, status lists and a register, part by part.

A part is one status list of up to 131,072 badges. Parts share nothing, so they are issued in parallel and each is
finished whole or not at all: a round that broke off goes on where it stopped.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from lumbung.talent.credentials import integrity
from lumbung.talent.credentials.badge import Ability, BadgeProblem, Holder, Issuer, check_measurement
from lumbung.talent.credentials.datamodel import parse_stamp
from lumbung.talent.credentials.keys import SigningKey
from lumbung.talent.credentials.mint import Award, Batch
from lumbung.talent.credentials.status import MINIMUM_PLACES, StatusList, draw_places, status_credential
from lumbung.talent.credentials.wording import LANGUAGES

REQUIRED = ("theta", "standard_error", "items", "language", "test", "taken_on")
# A list is filled to this many badges, so that some places stay free for badges issued singly later.
PART = 125_000


class TableProblem(ValueError):
    """A table of results that cannot be read at all; names the file and the columns."""


@dataclass(frozen=True)
class Round:
    """What all badges of a round share, in a form that travels to worker processes.

    Attributes
    ----------
    did, name, url : str
        The issuer.
    status_base : str
        Address below which status lists are published, without a closing slash.
    first_list : int
        Number of the first list; a later round takes the next free one.
    language : str
        Language of badges whose row names none.
    valid_from : datetime
    years : int
        Years until a badge expires; 0: never.
    fill : tuple of (column, value)
        What to take where the table has no such column: a test, its language, its day.
    suite : str
        Of the proofs on badges and lists; see :class:`~lumbung.talent.credentials.mint.Batch`.
    """

    did: str
    name: str
    url: str | None
    status_base: str
    first_list: int
    language: str
    valid_from: datetime
    years: int
    fill: tuple[tuple[str, str], ...] = ()
    suite: str = integrity.JCS

    def batch(self, key: SigningKey) -> Batch:
        """The settings of the mint for this round."""
        return Batch(
            Issuer(self.did, self.name, self.url), key, stamp(self.valid_from), self.until(), self.suite
        )

    def until(self) -> str | None:
        """When its badges expire; None: never."""
        if not self.years:
            return None
        try:
            end = self.valid_from.replace(year=self.valid_from.year + self.years)
        except ValueError:  # 29 February
            end = self.valid_from.replace(year=self.valid_from.year + self.years, day=28)
        return stamp(end)


def stamp(moment: datetime) -> str:
    """Write a moment as an XML dateTimeStamp."""
    return moment.isoformat().replace("+00:00", "Z")


def award_of(row: Mapping[str, str], language: str) -> Award:
    """Read one row of a table of results; ``answered``, as `lumbung talent score` writes it, stands for ``items``.

    Raises
    ------
    BadgeProblem
        Names the column, what was found and what was expected.
    """
    if None in row:
        raise BadgeProblem(f"the row has more fields than there are columns: {row[None]}")  # type: ignore[index]
    if any("\ufffd" in text for text in row.values()):
        raise BadgeProblem("the row is not UTF-8; save the table as UTF-8")
    measured = Ability(
        theta=_number(row, "theta"),
        standard_error=_number(row, "standard_error"),
        items=_whole(row, "items" if "items" in row else "answered"),
        language=row["language"],
        test=row["test"],
        taken_on=_day(row, "taken_on"),
        proctored=_yes(row, "proctored"),
        site=row.get("site") or None,
        level=row.get("level") or None,
        level_probability=_number(row, "level_probability") if row.get("level_probability") else None,
    )
    check_measurement(measured)
    shown = row.get("badge_language") or language
    if shown not in LANGUAGES:
        raise BadgeProblem(f"badge_language: found {shown!r}, expected en, id or zh")
    if not measured.test or not measured.test.isascii():
        raise BadgeProblem(f"test: found {measured.test!r}, expected a plain name such as ai-capability/1")
    holder = Holder(did=row.get("holder_did") or None, name=row.get("holder_name") or None)
    if holder.did and not holder.did.startswith("did:"):
        raise BadgeProblem(f"holder_did: found {holder.did!r}, expected a DID")
    return Award(measured, holder, shown)


def _number(row: Mapping[str, str], column: str) -> float:
    try:
        return float(row[column])
    except ValueError as fault:
        raise BadgeProblem(
            f"{column}: found {row[column]!r}, expected a number with a decimal point"
        ) from fault


def _whole(row: Mapping[str, str], column: str) -> int:
    try:
        return int(row[column])
    except ValueError as fault:
        raise BadgeProblem(f"{column}: found {row[column]!r}, expected a whole number") from fault


def _day(row: Mapping[str, str], column: str) -> date:
    try:
        return date.fromisoformat(row[column])
    except ValueError as fault:
        raise BadgeProblem(f"{column}: found {row[column]!r}, expected a day such as 2026-11-20") from fault


def _yes(row: Mapping[str, str], column: str) -> bool:
    found = (row.get(column) or "no").lower()
    if found not in ("yes", "no", "true", "false", "1", "0"):
        raise BadgeProblem(f"{column}: found {found!r}, expected yes or no")
    return found in ("yes", "true", "1")


def issue_round(
    results: Path,
    key: SigningKey,
    settings: Round,
    out: Path,
    processes: int = 0,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, int]:
    """Issue a badge for every row of a table that can be right.

    Parameters
    ----------
    results : Path
        CSV in UTF-8 with a header; see :data:`REQUIRED` and :func:`award_of`.
    out : Path
        Folder for badges, lists, register and rejected rows.
    processes : int
        Worker processes; 0 means one per core.
    progress : callable
        Told the number of finished rows and of all rows.

    Returns
    -------
    dict
        Counts: ``issued``, ``rejected``, ``lists``.

    Raises
    ------
    TableProblem
        When the table has no header with the required columns, or no rows.
    """
    out.mkdir(parents=True, exist_ok=True)
    table = scan_table(results, [column for column, _ in settings.fill])
    _keep_to_one_round(out, settings, table.digest)
    total, parts = table.rows, range(len(table.starts))
    workers = min(processes or os.cpu_count() or 1, len(parts))
    done, rejected, issued = 0, 0, 0
    if workers == 1:
        finished: Iterable[tuple[int, int]] = (
            _issue_part(part, table, key.pem(), settings, out) for part in parts
        )
        for good, bad in finished:
            issued, rejected, done = issued + good, rejected + bad, done + good + bad
            progress(done, total)
    else:
        with ProcessPoolExecutor(workers) as pool:
            jobs = [pool.submit(_issue_part, part, table, key.pem(), settings, out) for part in parts]
            for job in as_completed(jobs):
                good, bad = job.result()
                issued, rejected, done = issued + good, rejected + bad, done + good + bad
                progress(done, total)
    _join_rejected(out, [settings.first_list + part for part in parts])
    return {"issued": issued, "rejected": rejected, "lists": len(parts)}


@dataclass(frozen=True)
class Table:
    """A table of results, looked through once.

    Attributes
    ----------
    path : Path
    header : tuple of str
        Column names.
    rows : int
        Rows below the header.
    starts : tuple of int
        Byte at which each part begins.
    digest : str
        SHA-256 of the file.
    """

    path: Path
    header: tuple[str, ...]
    rows: int
    starts: tuple[int, ...]
    digest: str


def scan_table(results: Path, filled: Iterable[str] = ()) -> Table:
    """Look through a table once: columns, number of rows, where each part begins.

    Raises
    ------
    TableProblem
        When required columns are missing, there are no rows, or a quoted field holds a line break.
    """
    digest = hashlib.sha256()
    starts: list[int] = []
    rows = 0
    with results.open("rb") as file:
        first = file.readline()
        digest.update(first)
        header = tuple(next(csv.reader([first.decode("utf-8-sig")]), []))
        have = {*header, *filled, *(["items"] if "answered" in header else [])}
        missing = [column for column in REQUIRED if column not in have]
        if missing:
            raise TableProblem(
                f"{results}: the columns {', '.join(missing)} are missing; found {', '.join(header)}"
            )
        place = len(first)
        for line in file:
            if rows % PART == 0:
                starts.append(place)
            if line.count(b'"') % 2:
                raise TableProblem(
                    f"{results}, line {rows + 2}: a quoted field holds a line break; write it in one line"
                )
            digest.update(line)
            place += len(line)
            rows += 1
    if not rows:
        raise TableProblem(f"{results}: no rows below the header")
    return Table(results, header, rows, tuple(starts), digest.hexdigest())


def _keep_to_one_round(out: Path, settings: Round, digest: str) -> None:
    note = out / "round.json"
    now = {
        **asdict(settings),
        "fill": dict(settings.fill),
        "valid_from": stamp(settings.valid_from),
        "table": digest,
    }
    if not note.exists():
        note.write_text(json.dumps(now, ensure_ascii=False, indent=1) + "\n", "utf-8")
        return
    before = json.loads(note.read_text("utf-8"))
    changed = [name for name in now if before.get(name) != now[name]]
    if changed:
        raise TableProblem(f"{out} holds another round (other {', '.join(changed)}); choose another folder")


def began(out: Path) -> datetime | None:
    """When the round in a folder began, so that a resumed one dates all its badges alike; None for a new folder."""
    note = out / "round.json"
    return parse_stamp(json.loads(note.read_text("utf-8"))["valid_from"]) if note.exists() else None


def _rows(table: Table, part: int) -> Iterator[tuple[int, dict[str, str]]]:
    with table.path.open("rb") as file:
        file.seek(table.starts[part])
        lines = (line.decode("utf-8", errors="replace") for line in itertools.islice(file, PART))
        # Numbered as an editor counts lines, the header being line 1.
        yield from enumerate(csv.DictReader(lines, table.header, restval=""), part * PART + 2)


def _issue_part(part: int, table: Table, pem: bytes, settings: Round, out: Path) -> tuple[int, int]:
    number = settings.first_list + part
    finished = out / f"register-{number}.csv"
    rejected = out / f"rejected-{number}.csv"
    if finished.exists():
        return _lines(finished) - 1, _lines(rejected)
    key = SigningKey.from_pem(pem, settings.did)
    address = f"{settings.status_base}/{number}"
    kept: list[int] = []
    bad: list[tuple[int, str]] = []
    fill = dict(settings.fill)

    def awards() -> Iterator[Award]:
        for line, row in _rows(table, part):
            try:
                award = award_of(fill | row, settings.language)
            except BadgeProblem as fault:
                bad.append((line, str(fault)))
                continue
            kept.append(line)
            yield award

    places = draw_places(random.SystemRandom(), places=MINIMUM_PLACES)
    # The register is moved into place last: it says that the part is whole.
    with whole_or_not(finished) as rows, whole_or_not(out / f"badges-{number}.jsonl") as lines:
        rows.write(b"row,list,place,badge\n")
        for issued in settings.batch(key).issue(awards(), address, places):
            lines.write(issued.badge + b"\n")
            rows.write(f"{kept[-1]},{number},{issued.place},{issued.identifier}\n".encode())
        with whole_or_not(rejected) as reasons:
            text = io.TextIOWrapper(reasons, "utf-8", newline="")
            csv.writer(text).writerows(bad)
            text.detach()  # flushes, and leaves the file open for its own context
        publish_list(out / f"status-{number}.json", StatusList(), address, key, stamp(settings.valid_from))
    return len(kept), len(bad)


@contextmanager
def whole_or_not(path: Path) -> Iterator[BinaryIO]:
    """Open a file that appears under its name only when it was written to the end."""
    half = path.with_name(path.name + ".part")
    with half.open("wb") as file:
        yield file
    half.replace(path)


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _join_rejected(out: Path, numbers: Iterable[int]) -> None:
    with (out / "rejected.csv").open("w", encoding="utf-8", newline="") as whole:
        whole.write("row,reason\r\n")
        for number in numbers:
            whole.write((out / f"rejected-{number}.csv").read_text("utf-8"))


def publish_list(path: Path, bits: StatusList, address: str, key: SigningKey, moment: str) -> None:
    """Sign a status list, for wallets and for pages without a network, and write it to a file."""
    document = status_credential(bits, address, key.did, moment)
    path.write_text(json.dumps(integrity.add_proofs(document, key, moment, integrity.BOTH)) + "\n", "utf-8")
