"""Who may come in, and as what. A link lets one person in once; what the browser keeps afterwards names that person.

There are no passwords. The desk prints a link for its owner when it starts; the owner makes links for others. A link is a
secret of 128 bits of which the desk keeps the digest alone; whoever uses it first has it. Removing a person's file
shuts them out at once, whatever their browser keeps.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from lumbung.proving.run_folder import write_whole
from lumbung.proving.unreadable import UNREADABLE

Role = Literal["reader", "operator", "owner"]
ROLES: tuple[Role, ...] = ("reader", "operator", "owner")
LINK_HOURS = 24
STAY_DAYS = 30
Kind = TypeVar("Kind")


class Person(msgspec.Struct, frozen=True):
    """Somebody who came in.

    Attributes
    ----------
    mark : str
        What the browser's cookie names; means nothing elsewhere.
    name : str
    role : {"reader", "operator", "owner"}
        A reader sees; an operator works; an owner also says what leaves the node and who comes in.
    since : datetime
    """

    mark: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
    name: str
    role: Role
    since: datetime

    def may(self, role: Role) -> bool:
        """Return whether this person may do what somebody of *role* may."""
        return ROLES.index(self.role) >= ROLES.index(role)


class _Link(msgspec.Struct, frozen=True):
    name: str
    role: Role
    until: datetime


def invite(folder: Path, name: str, role: Role, now: datetime) -> str:
    """Make a one-time link's code for somebody, good for `LINK_HOURS`.

    Raises
    ------
    lumbung.proving.faults.PlatformFault
        ``disk_full``, ``unwritable``.
    """
    code = secrets.token_urlsafe(16)
    link = _Link(name, role, now + timedelta(hours=LINK_HOURS))
    write_whole(_entrance(folder, code), msgspec.json.encode(link))
    return code


def waits(folder: Path, code: str, now: datetime) -> bool:
    """Return whether a code can still be used."""
    link = _read(_entrance(folder, code), _Link)
    return link is not None and now < link.until


def enter(folder: Path, code: str, now: datetime) -> Person | None:
    """Let somebody in by a code, which is used up; None where it is not good (any more)."""
    path = _entrance(folder, code)
    link = _read(path, _Link)
    try:
        path.unlink()
    except OSError:
        return None  # somebody else was first
    if link is None or now >= link.until:
        return None
    person = Person(secrets.token_hex(16), link.name, link.role, now)
    write_whole(folder / "people" / f"{person.mark}.json", msgspec.json.encode(person))
    return person


def known(folder: Path, mark: str, now: datetime) -> Person | None:
    """Return who a mark names; None for nobody, or who has not come in for `STAY_DAYS`."""
    if len(mark) != 32 or not mark.isalnum():
        return None
    person = _read(folder / "people" / f"{mark}.json", Person)
    return person if person is not None and now < person.since + timedelta(days=STAY_DAYS) else None


def people(folder: Path) -> list[Person]:
    """Return everybody who may come in, the newest first."""
    found = [_read(path, Person) for path in (folder / "people").glob("*.json")]
    return sorted((person for person in found if person), key=lambda person: person.since, reverse=True)


def shut_out(folder: Path, mark: str) -> bool:
    """Shut a person out; returns whether there was one."""
    found = next((person for person in people(folder) if person.mark == mark), None)
    if found is None:
        return False
    (folder / "people" / f"{found.mark}.json").unlink(missing_ok=True)
    return True


def tidy(folder: Path, now: datetime) -> None:
    """Remove links and people whose time is over."""
    for path in (folder / "entrances").glob("*.json"):
        link = _read(path, _Link)
        if link is None or now >= link.until:
            path.unlink(missing_ok=True)
    for person in people(folder):
        if known(folder, person.mark, now) is None:
            shut_out(folder, person.mark)


def utc_now() -> datetime:
    """Return the time, where the desk's edge reads it."""
    return datetime.now(UTC)


def _entrance(folder: Path, code: str) -> Path:
    return folder / "entrances" / f"{hashlib.sha256(code.encode()).hexdigest()}.json"


def _read(path: Path, kind: type[Kind]) -> Kind | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, *UNREADABLE):
        return None
