"""Reading facilities, grants, accounts, waiting runs and jobs from one YAML or JSON file.

One bad entry spoils only itself: it is left out and reported with its place, what was found and what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from lumbung.cooperation.facilities.bookings import Facility
from lumbung.cooperation.facilities.calendars import Calendar, Hours, Span
from lumbung.cooperation.facilities.fair_share import Account
from lumbung.cooperation.facilities.grants import Grant
from lumbung.cooperation.facilities.leasing import Request
from lumbung.cooperation.facilities.schedules import Job
from lumbung.cooperation.facilities.usage import UsageRecord
from lumbung.proving.text import Text

Entry = TypeVar("Entry")
EXAMPLE = Path(__file__).with_name("example.yaml")

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)")


class FacilitiesError(ValueError):
    """A facilities file that cannot be read at all."""


class Facilities(msgspec.Struct, frozen=True):
    """What a file held.

    Attributes
    ----------
    facilities
        By id.
    label
        Says so when the data are generated; shown with every result.
    complaints
        One sentence for each entry that was left out.
    """

    facilities: dict[str, Facility]
    grants: tuple[Grant, ...]
    accounts: tuple[Account, ...]
    usage: tuple[UsageRecord, ...]
    requests: tuple[Request, ...]
    jobs: tuple[Job, ...]
    label: Text | None
    complaints: tuple[str, ...]


def read_facilities(path: Path) -> Facilities:
    """Read a facilities file; see ``example.yaml`` beside this module for the form.

    Raises
    ------
    FacilitiesError
        When the file is missing, is not YAML or JSON, or names no usable facility.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as reason:
        raise FacilitiesError(f"{path}: cannot be read ({reason.strerror}); give a facilities file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as reason:
        raise FacilitiesError(f"{path}: is not YAML or JSON: {reason}") from None
    if not isinstance(data, Mapping):
        raise FacilitiesError(f"{path}: must hold facilities; found {type(data).__name__}")
    complaints: list[str] = []
    facilities = _entries(data, "facilities", _facility, complaints)
    if not facilities:
        raise FacilitiesError(
            f"{path}: names no usable facility:\n  " + ("\n  ".join(complaints) or "the list is empty")
        )
    return Facilities(
        {each.id: each for each in facilities},
        tuple(_entries(data, "grants", _as(Grant), complaints)),
        tuple(_entries(data, "accounts", _as(Account), complaints)),
        tuple(_entries(data, "usage", _as(UsageRecord), complaints)),
        tuple(_entries(data, "requests", _as(Request), complaints)),
        tuple(_entries(data, "jobs", _job, complaints)),
        msgspec.convert(data["label"], Text) if "label" in data else None,
        tuple(complaints),
    )


def _entries(
    data: Mapping[str, Any], name: str, read: Callable[[Any], Entry], complaints: list[str]
) -> list[Entry]:
    entries = []
    for number, raw in enumerate(data.get(name) or (), 1):
        try:
            entries.append(read(raw))
        except (ValueError, TypeError, KeyError) as reason:
            said = f"lacks {reason}" if isinstance(reason, KeyError) else str(reason)
            complaints.append(f"{name}, entry {number}: {said}; this entry is left out")
    return entries


def _as(kind: type[Entry]) -> Callable[[Any], Entry]:
    return lambda raw: msgspec.convert(_zoned(raw), kind)


def _zoned(raw: Any) -> Any:
    """Refuse times without a zone: YAML reads them, and nobody could say when they are."""
    for key, value in raw.items() if isinstance(raw, Mapping) else ():
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError(f"{key}: {value} has no time zone; write it as {value.isoformat()}+07:00")
    return raw


def _facility(raw: Any) -> Facility:
    units = raw["units"]
    if not isinstance(units, int) or units < 1:
        raise ValueError(f"units: found {units!r}, expected a whole number of at least 1")
    closed = tuple(Span(*(_moment(each) for each in pair)) for pair in raw.get("closed") or ())
    calendar = Calendar(str(raw.get("zone", "UTC")), tuple(_week(raw.get("week") or ())), closed)
    return Facility(str(raw["id"]), msgspec.convert(raw["name"], Text), units, calendar, raw.get("resource"))


def _moment(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone; write it as {moment.isoformat()}+07:00")
    return moment


def _week(lines: Iterable[str]) -> Iterable[Hours]:
    for line in lines:
        found = _WEEK.fullmatch(str(line).strip().lower())
        if found is None or not {found["first"], found["last"] or "mon"} <= set(_DAYS):
            raise ValueError(f"week: found {line!r}, expected e.g. 'mon-fri 09:00-17:00'")
        first = _DAYS.index(found["first"])
        last = _DAYS.index(found["last"]) if found["last"] else first
        opens, closes = (time.fromisoformat(found[name]) for name in ("opens", "closes"))
        for day in range(first, last + 1 if last >= first else last + 8):
            yield Hours(day % 7, opens, closes)


def _job(raw: Any) -> Job:
    fields = dict(raw)
    fields["length"] = timedelta(hours=fields.pop("hours"))
    return msgspec.convert(_zoned(fields), Job)
