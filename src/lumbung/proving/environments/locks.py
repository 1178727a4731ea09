"""Lock files: ``requirements.txt`` with hashes, ``pylock.toml`` (PEP 751) and ``uv.lock`` become one list of pins.

Markers are evaluated for the Python that runs here, addresses are not looked at: which index wheels come from is the word of the
node's owner. What has no wheel, no hash or no version that is fixed is refused with its place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypedDict

import msgspec

from lumbung.proving.unreadable import UNREADABLE

PINS_LIMIT = 500
BYTES_LIMIT = 8 * 2**20
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")


class LockError(ValueError):
    """An environment that cannot be meant: names the place, the found, the expected."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found}, expected {expected}")


class Pin(msgspec.Struct, frozen=True, order=True):
    """One package: its normalised name, its version, and the hashes (``sha256:…``) of files that may be it."""

    name: str
    version: str
    hashes: tuple[str, ...]


def read_lock(path: Path) -> tuple[Pin, ...]:
    """Read a lock file, for the Python that runs here.

    Returns
    -------
    tuple of Pin
        Sorted by name.

    Raises
    ------
    LockError
    """
    text = _text_of(path)
    if path.suffix == ".toml" or path.name == "uv.lock":
        try:
            table = tomllib.loads(text)
        except UNREADABLE as error:
            raise LockError(path.name, str(error), "valid TOML") from None
        pins = _of_uv(path.name, table) if path.name == "uv.lock" else _of_pylock(path.name, table)
    else:
        pins = _of_requirements(path.name, text)
    return _one_of_each(path.name, pins)


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > BYTES_LIMIT:
            raise LockError(path.name, f"{path.stat().st_size} bytes", f"at most {BYTES_LIMIT}")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise LockError(path.name, "no such file", "the lock file that is named") from None
    except (OSError, UnicodeDecodeError) as error:
        raise LockError(path.name, str(error), "a readable UTF-8 text file") from None


def _one_of_each(where: str, pins: Iterable[Pin]) -> tuple[Pin, ...]:
    kept: dict[str, Pin] = {}
    for pin in pins:
        before = kept.setdefault(pin.name, pin)
        if before.version != pin.version:
            raise LockError(
                f"{where}: {pin.name}", f"{before.version} and {pin.version}", "one version of each package"
            )
        if len(kept) > PINS_LIMIT:
            raise LockError(where, f"more than {PINS_LIMIT} packages", f"at most {PINS_LIMIT}")
    if not kept:
        raise LockError(
            where, "no package for this Python", "at least one; leave the declaration out for none"
        )
    return tuple(sorted(kept.values()))


def _pin(where: str, name: str, version: object, hashes: Iterable[str]) -> Pin:
    from packaging.utils import InvalidName, canonicalize_name
    from packaging.version import InvalidVersion, Version

    try:
        called = canonicalize_name(name, validate=True)  # it goes into a file that the installer reads
    except InvalidName:
        raise LockError(where, f"the name {name[:80]!r}", "a package's name") from None

    try:
        fixed = str(Version(str(version)))
    except InvalidVersion:
        raise LockError(where, f"the version {version!r}", "one version, e.g. 2.1.0") from None
    known = tuple(sorted({each for each in hashes if _SHA256.fullmatch(each)}))
    if not known:
        raise LockError(where, "no SHA-256", "the hash of each wheel (uv pip compile --generate-hashes)")
    return Pin(called, fixed, known)


def _applies(place: str, marker: object, context: dict[str, Any]) -> bool:
    """Whether what a marker stands at is meant for the Python that runs here."""
    from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName

    try:
        return marker is None or Marker(str(marker)).evaluate(**context)
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, RecursionError) as error:
        said = str(error).splitlines()[0][:200]
        raise LockError(f"{place}: marker", said, "a marker as PEP 508 has it") from None


# ------------------------------------------------------------------------------------ requirements.txt


def _of_requirements(where: str, text: str) -> Iterator[Pin]:
    from packaging.requirements import InvalidRequirement, Requirement

    for number, line in _whole_lines(text):
        place = f"{where}: line {number}"
        said, *options = re.split(r"\s(?=--)", line)
        if said.startswith("-"):
            raise LockError(
                place,
                said[:80],
                "packages with their hashes; from which index they come is the node's to say",
            )
        try:
            wanted = Requirement(said)
        except (InvalidRequirement, RecursionError) as error:
            raise LockError(place, str(error).splitlines()[0], "name==version --hash=sha256:…") from None
        if wanted.url:
            raise LockError(f"{place}: {wanted.name}", wanted.url[:80], "name==version, not an address")
        if not _applies(f"{place}: {wanted.name}", wanted.marker, {}):
            continue
        (fixed, *more) = [*wanted.specifier] or [None]
        if fixed is None or more or fixed.operator not in ("==", "===") or fixed.version.endswith(".*"):
            raise LockError(
                f"{place}: {wanted.name}", str(wanted.specifier) or "no version", "one version: name==1.2.3"
            )
        hashes = [
            option.removeprefix("--hash=").strip() for option in options if option.startswith("--hash=")
        ]
        yield _pin(f"{place}: {wanted.name}", wanted.name, fixed.version, hashes)


def _whole_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield what is no comment, with the number of the line it begins on; a backslash at its end joins the next."""
    begun = 0
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        begun = begun if parts else number
        bare = re.sub(r"(^|\s)#.*$", "", line).strip()
        parts.append(bare.removesuffix("\\").strip())
        if not bare.endswith("\\"):
            if any(parts):
                yield begun, " ".join(part for part in parts if part)
            parts = []
    if any(parts):
        yield begun, " ".join(part for part in parts if part)


# --------------------------------------------------------------------------------------- pylock.toml


def _of_pylock(where: str, table: Mapping[str, Any]) -> Iterator[Pin]:
    if not str(table.get("lock-version", "")).startswith("1."):
        raise LockError(where, f"lock-version {table.get('lock-version')!r}", "1.0, as PEP 751 has it")
    for entry in _entries(where, table, "packages"):
        place = f"{where}: {entry.get('name')}"
        if _applies(place, entry.get("marker"), {"context": "lock_file"}):
            yield _of_wheels(place, entry, [_hash_in(wheel.get("hashes")) for wheel in _wheels(place, entry)])


def _hash_in(hashes: object) -> str:
    return f"sha256:{hashes.get('sha256', '')}" if isinstance(hashes, dict) else ""


def _entries(where: str, table: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    entries = table.get(field)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise LockError(where, f"no list called {field}", "a lock file as its tool writes it")
    return entries


def _wheels(place: str, entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    wheels = entry.get("wheels")
    if not wheels:
        found = "a source distribution alone" if "sdist" in entry else "no wheel"
        raise LockError(
            place,
            found,
            "a wheel: to build a source distribution would run its code on the node; build it yourself and carry it",
        )
    return _entries(place, entry, "wheels")


def _of_wheels(place: str, entry: Mapping[str, Any], hashes: list[str]) -> Pin:
    if not all(_SHA256.fullmatch(each) for each in hashes):
        raise LockError(place, "a wheel without SHA-256", "the hash of each wheel")
    return _pin(place, str(entry.get("name")), entry.get("version"), hashes)


# ------------------------------------------------------------------------------------------- uv.lock


class _Need(TypedDict, total=False):
    name: str
    version: str
    marker: str
    extra: list[str]


_Entry = TypedDict(
    "_Entry",
    {
        "name": str, "version": str, "source": dict[str, Any], "sdist": dict[str, Any], "wheels": list[dict[str, Any]],
        "dependencies": list[_Need], "optional-dependencies": dict[str, list[_Need]], "resolution-markers": list[str],
    },
    total=False,
)  # fmt: skip
"""What is read of a package in ``uv.lock``."""


def _of_uv(where: str, table: Mapping[str, Any]) -> Iterator[Pin]:
    entries = _entries(where, table, "package")
    try:
        msgspec.convert(entries, list[_Entry])
    except msgspec.ValidationError as error:
        raise LockError(f"{where}: package", str(error), "a lock file as its tool writes it") from None
    by_name: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        by_name.setdefault(str(entry.get("name")), []).append(entry)
    own = [entry for entry in entries if {"virtual", "editable"} & set(_source(entry))]
    if not own:
        raise LockError(where, "no project", "the uv.lock of a project (uv init; uv add; uv lock)")
    waiting, seen = [(entry, "") for entry in own], set()
    while waiting:
        entry, extra = waiting.pop()
        if (id(entry), extra) in seen:
            continue
        seen.add((id(entry), extra))
        place = f"{where}: {entry.get('name')}"
        if entry not in own:
            if "registry" not in _source(entry):
                raise LockError(place, ", ".join(_source(entry)) or "no source", "a package from an index")
            hashes = [str(wheel.get("hash", "")) for wheel in _wheels(place, entry)]
            yield _of_wheels(place, entry, hashes)
        needs = (
            entry.get("optional-dependencies", {}).get(extra, []) if extra else entry.get("dependencies", [])
        )
        for need in needs:
            if _applies(place, need.get("marker"), {"environment": {"extra": ""}}):
                chosen = _version_of(place, need, by_name)
                waiting += [(chosen, ""), *((chosen, str(each)) for each in need.get("extra", []))]


def _source(entry: Mapping[str, Any]) -> dict[str, Any]:
    source = entry.get("source")
    return source if isinstance(source, dict) else {}


def _version_of(
    place: str, need: Mapping[str, Any], by_name: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    fitting = [
        entry
        for entry in by_name.get(str(need.get("name")), [])
        if need.get("version") in (None, entry.get("version"))
    ]
    if len(fitting) > 1:
        fitting = [
            entry
            for entry in fitting
            if any(
                _applies(place, marker, {"environment": {"extra": ""}})
                for marker in entry.get("resolution-markers", [None])
            )
        ]
    if not fitting:
        raise LockError(
            f"{place}, which needs {need.get('name')}", "no such package", "a whole lock: uv lock"
        )
    return fitting[0]
