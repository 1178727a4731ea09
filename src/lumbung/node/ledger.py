"""What was told of a challenge's private cases, to whom, and how much is left.

One file per challenge, one line per result, on the disk before the result is sent: a node that is killed between the two
has spent bits on nothing, never told something unaccounted. The lines belong to the cases, not to a centre, a membership or
a version of the challenge: joining anew changes nothing. More cases, or mended ones, change nothing either; where the owner says that
they have nothing to do with those before, a new file begins and the old one is kept.

    [bit] told  =  figures (`lumbung.proving.telling.told_bits`)  +  which of a team's tries improved

Which tries improved is coded as it comes: the t-th try since the last improvement costs log2(t + 1) bits where it improves
and log2((t + 1) / t) where it does not, so that t tries without improvement cost log2(t + 1) bits together.
"""

from __future__ import annotations

import math
import os
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from lumbung.node.folder import Budget
from lumbung.proving.challenge import Ranking
from lumbung.proving.faults import PlatformFault
from lumbung.proving.job import Scope
from lumbung.proving.telling import Scored, improves

SCOPES: tuple[Scope, ...] = ("challenge", "organisation", "team", "person")


class Asker(msgspec.Struct, frozen=True):
    """Who asked, as the centre names them."""

    team: str = ""
    person: str = ""
    organisations: tuple[str, ...] = ()

    def accounts(self) -> list[tuple[Scope, str]]:
        """Return the accounts that what this asker is told is booked to."""
        organisations: list[tuple[Scope, str]] = [("organisation", name) for name in self.organisations]
        return [("challenge", ""), *organisations, ("team", self.team), ("person", self.person)]


class Entry(msgspec.Struct, frozen=True):
    """One result's line.

    Attributes
    ----------
    run : str
    asker : Asker
    told : {"figures", "no_improvement", "code", "spent"}
        ``spent``: nothing but that a budget is; what was left of it is spent with it, so that which results are refused
        tells no more.
    bits : float
    what : str
        Digest of what was to leave: the same twice tells nothing new, and another under the run's name is no repetition.
    when : datetime
    scored : Scored, optional
        The score that was told, or that did not improve.
    rows : int
        On how many rows it rests; the largest that was seen says how many the private cases have.
    over : {"challenge", "organisation", "team", "person"}, optional
        Whose budget is spent.
    """

    run: str
    asker: Asker
    told: Literal["figures", "no_improvement", "code", "spent"]
    bits: float
    what: str
    when: datetime
    scored: Scored | None = None
    rows: int = 0
    over: Scope | None = None


class Account(msgspec.Struct, frozen=True):
    """What one of those who ask was told.

    Attributes
    ----------
    scope : {"challenge", "organisation", "team", "person"}
    name : str
    results, figures : int
        How many results ended here, and how many of them with figures.
    bits, budget : float
        [bit]
    """

    scope: Scope
    name: str
    results: int
    figures: int
    bits: float
    budget: float

    @property
    def left(self) -> float:
        """What may still be told [bit]."""
        return max(0.0, self.budget - self.bits)


class Ledger:
    """The ledger of one challenge's private cases. Whoever writes holds the node's lock.

    Parameters
    ----------
    path : Path
        ``ledger/<challenge>.jsonl`` of the node's folder.

    Raises
    ------
    PlatformFault
        ``unwritable``: a line in it is damaged. Nothing leaves by a ledger that cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: list[Entry] = []
        self._totals: dict[tuple[Scope, str], tuple[int, int, float]] = {}
        self.rows = 0
        for entry in self._read():
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        self.entries.append(entry)
        self.rows = max(self.rows, entry.rows)
        for account in entry.asker.accounts():
            results, figures, bits = self._totals.get(account, (0, 0, 0.0))
            self._totals[account] = results + 1, figures + (entry.told == "figures"), bits + entry.bits

    def _read(self) -> list[Entry]:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise PlatformFault(
                "unwritable", where=str(self.path), detail=error.strerror or str(error)
            ) from error
        lines = data.split(b"\n")
        # What follows the last line break was cut short by a power cut, before anything of it was sent.
        try:
            return [msgspec.json.decode(line, type=Entry) for line in lines[:-1]]
        except msgspec.MsgspecError as error:
            detail = f"a damaged line ({error}); restore the file, or move it away to begin anew"
            raise PlatformFault("unwritable", where=str(self.path), detail=detail) from None

    def find(self, run: str, what: str) -> Entry | None:
        """Return the line of a result, if it was booked before."""
        return next((entry for entry in self.entries if (entry.run, entry.what) == (run, what)), None)

    def best_of(self, team: str, cases: str) -> tuple[Scored | None, int]:
        """Return the score a team was told last on these cases, and how many tries it made since."""
        best: Scored | None = None
        tries = 0
        for entry in self.entries:
            if entry.asker.team != team or entry.scored is None or entry.scored.cases != cases:
                continue
            best, tries = (entry.scored, 0) if entry.told == "figures" else (best, tries + 1)
        return best, tries

    def price(self, entry: Entry, ranking: Ranking | None, budget: Budget) -> Entry:
        """Return the line that a result adds; ``spent`` where it exceeds a budget.

        Parameters
        ----------
        entry : Entry
            With the bits of what would leave, if all of it does.
        ranking : Ranking, optional
            Where the team is told improvements alone: by what one is known.
        budget : Budget
        """
        if ranking is not None and entry.told == "figures" and entry.scored is not None:
            entry = self._as_improvement(entry, entry.scored, ranking)
        for scope, name in entry.asker.accounts():
            left = self.account(scope, name, budget, entry.rows).left
            if left + 1e-9 < entry.bits:
                return msgspec.structs.replace(entry, told="spent", bits=left, scored=None, over=scope)
        return entry

    def _as_improvement(self, entry: Entry, scored: Scored, ranking: Ranking) -> Entry:
        best, tries = self.best_of(entry.asker.team, scored.cases)
        if best is None:
            return entry
        if improves(scored, best, ranking):
            return msgspec.structs.replace(entry, bits=entry.bits + math.log2(tries + 2))
        bits = math.log2((tries + 2) / (tries + 1))
        return msgspec.structs.replace(entry, told="no_improvement", bits=bits)

    def book(self, entry: Entry) -> None:
        """Write a line, whole and to the disk, before what it is about is sent.

        Raises
        ------
        PlatformFault
            ``disk_full``, ``unwritable``.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                whole = file.read().rfind(b"\n") + 1
                file.truncate(whole)
                file.seek(whole)
                file.write(msgspec.json.encode(entry) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            code = "disk_full" if error.errno in (28, 122) else "unwritable"
            raise PlatformFault(code, where=str(self.path), detail=error.strerror or str(error)) from error
        self._add(entry)

    def account(self, scope: Scope, name: str, budget: Budget, rows: int = 0) -> Account:
        """Return one account, where the private cases have at least so many rows."""
        results, figures, bits = self._totals.get((scope, name), (0, 0, 0.0))
        return Account(scope, name, results, figures, bits, budget.of(scope, max(rows, self.rows)))

    def accounts(self, budget: Budget) -> list[Account]:
        """Return every account, the challenge's first, then who was told most."""
        found = [self.account(scope, name, budget) for scope, name in {*self._totals, ("challenge", "")}]
        return sorted(found, key=lambda each: (SCOPES.index(each.scope), -each.bits, each.name))


def up_to_tenth(bits: float) -> float:
    """Return bits rounded up to a tenth, as they are told."""
    return math.ceil(bits * 10 - 1e-6) / 10


def begin_anew(path: Path) -> bool:
    """Begin a new ledger: its owner says that the private cases have nothing to do with those before. Returns whether one was.

    The old one is kept beside it.
    """
    if not path.exists():
        return False
    number = 1
    while (kept := path.with_suffix(f".{number}.jsonl")).exists():
        number += 1
    path.replace(kept)
    return True
