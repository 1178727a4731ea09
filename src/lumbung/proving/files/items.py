"""An owner's items: JSON Lines read strictly, with the files they name, and what of an item a solution is sent.

Every complaint names the file and the line. An item is looked at whole when cases are listed, so that a run never ends over
line 900 after an hour.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from lumbung.proving.challenge import ChallengeError
from lumbung.proving.files.answers import Unfit, as_target
from lumbung.proving.files.media import check_picture, check_sound
from lumbung.proving.files.schema import MEDIA, FileOptions, Kind

LINE_BYTES = 16 * 2**20
_LATER_LINE = 'one JSON object a line, such as {"id": "1", "text": "…"}'
_decode = msgspec.json.Decoder().decode


@dataclass(frozen=True)
class Item:
    """A line, checked.

    Attributes
    ----------
    line : int
        Counted from 1.
    offset, length : int
        Where it lies in the file [bytes].
    key, group : str
    digest : bytes
        SHA-256 over the line and the files it names.
    size : int
        What sending it takes, about [bytes].
    target : object
        As measures take it.
    """

    line: int
    offset: int
    length: int
    key: str
    group: str
    digest: bytes
    size: int
    target: Any


class ItemReader:
    """Reads the items of one case folder.

    Parameters
    ----------
    folder : Path
        The challenge's own, or a node's with private cases.
    options : FileOptions
    message_bytes : int
        What one message takes: no item may be larger.
    """

    def __init__(self, folder: Path, options: FileOptions, message_bytes: int) -> None:
        self.path = folder / options.items
        self.media = folder / options.media if options.media else None
        self.options = options
        self.message_bytes = message_bytes

    def items(self) -> Iterator[Item]:
        """Yield every item, checked.

        Raises
        ------
        ChallengeError
            Names the line and the field.
        """
        seen: dict[str, int] = {}
        offset = number = 0
        try:
            with self.path.open("rb") as file:
                while line := file.readline(LINE_BYTES + 1):
                    number += 1
                    if line.strip(b" \t\r\n\xef\xbb\xbf"):
                        item = self._item(number, offset, line)
                        first = seen.setdefault(item.key, number)
                        if first != number:
                            found = f"the key {item.key[:40]!r}, which line {first} has too"
                            raise ChallengeError(
                                self._where(number, self.options.key), found, "each key once"
                            )
                        yield item
                    offset += len(line)
        except OSError as error:
            raise ChallengeError(str(self.path), error.strerror or str(error), _LATER_LINE) from None
        if not seen:
            raise ChallengeError(str(self.path), "no items", _LATER_LINE)

    def read(self, places: Sequence[Sequence[int]]) -> Iterator[dict[str, Any]]:
        """Yield the records that lie at *places* (line, offset, length), as they were checked.

        Raises
        ------
        ChallengeError
            The file was changed meanwhile.
        """
        try:
            with self.path.open("rb") as file:
                for number, offset, length in places:
                    file.seek(offset)
                    yield self._record(number, file.read(length))
        except OSError as error:
            raise ChallengeError(
                str(self.path), error.strerror or str(error), "the items listed before"
            ) from None

    def shown(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return what a solution is sent of a record: its key, its fields, the content of the files they name."""
        sent: dict[str, Any] = {"id": str(record[self.options.key])}
        for name, kind in self.options.fields.items():
            if kind == "folder":
                sent[name] = self.folder(record[name])
            elif kind in MEDIA:
                sent[name] = self._file(record[name]).read_bytes()
            elif kind != "note":
                sent[name] = record[name]
        return sent

    def target(self, record: dict[str, Any]) -> Any:
        """Return a record's target: the content of a folder where answers are files."""
        value = record[self.options.target]
        return self.folder(value) if self.options.answer == "files" else as_target(self.options.answer, value)

    def folder(self, name: str) -> dict[str, bytes]:
        """Return the files of a folder that a record names, by path below it."""
        base = self._below(name)
        return {
            path.relative_to(base).as_posix(): path.read_bytes()
            for path in sorted(base.rglob("*"))
            if path.is_file()
        }

    # -------------------------------------------------------------------------------------------- one line

    def _where(self, number: int, field: str = "") -> str:
        return f"{self.path}: line {number}" + (f", {field}" if field else "")

    def _record(self, number: int, line: bytes) -> dict[str, Any]:
        if len(line) > LINE_BYTES:
            raise ChallengeError(
                self._where(number), "a line without end", f"at most {LINE_BYTES} bytes a line"
            )
        try:
            record = _decode(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
        except UnicodeDecodeError:
            raise ChallengeError(self._where(number), "bytes that are no UTF-8", "UTF-8") from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise ChallengeError(
                self._where(number), str(error) or type(error).__name__, _LATER_LINE
            ) from None
        if not isinstance(record, dict):
            raise ChallengeError(self._where(number), f"a {type(record).__name__}", _LATER_LINE)
        return record

    def _item(self, number: int, offset: int, line: bytes) -> Item:
        record, options = self._record(number, line), self.options
        names = {options.key, options.target, *options.fields}
        odd = next((name for name in record if name not in names), None)
        if odd is not None:
            expected = (
                "one of " + ", ".join(sorted(names)) + " (options.fields; kind note for what is not sent)"
            )
            raise ChallengeError(self._where(number), f"the field {odd[:40]!r}", expected)
        missing = next((name for name in sorted(names) if name not in record), None)
        if missing is not None:
            raise ChallengeError(self._where(number), "no such field", f"a field {missing!r}")
        key = record[options.key]
        if not isinstance(key, str | int) or isinstance(key, bool) or not 0 < len(str(key)) <= 200:
            raise ChallengeError(self._where(number, options.key), repr(key)[:60], "text or a whole number")
        try:
            msgspec.msgpack.encode(record)
        except OverflowError:
            raise ChallengeError(
                self._where(number),
                "a whole number beyond 64 bits",
                "numbers that can be sent: write it as text",
            ) from None
        hashed, size = hashlib.sha256(line.strip()), len(line)
        for name, kind in options.fields.items():
            size += self._check_field(self._where(number, name), kind, record[name], hashed)
        target = self._checked_target(self._where(number, options.target), record, hashed)
        if size > self.message_bytes:
            found = f"an item of {size} bytes"
            expected = f"at most {self.message_bytes}, what one message takes (limits.message_mb)"
            raise ChallengeError(self._where(number), found, expected)
        group = str(record[options.group]) if options.group else "all"
        return Item(number, offset, len(line), str(key), group, hashed.digest(), size, target)

    def _check_field(self, where: str, kind: Kind, value: Any, hashed: Any) -> int:
        """Check one field, add the files it names to the digest, and return what they weigh [bytes]."""
        if kind in MEDIA:
            if not isinstance(value, str):
                raise ChallengeError(where, repr(value)[:60], f"a path below {self.options.media}/")
            return (
                self._check_folder(where, value, hashed)
                if kind == "folder"
                else self._check_file(where, kind, value, hashed)
            )
        right, expected = {
            "text": (isinstance(value, str), "text"),
            "whole": (isinstance(value, int) and not isinstance(value, bool), "a whole number"),
            "number": (_is_number(value), "a finite number"),
            "yes_no": (isinstance(value, bool), "true or false"),
        }.get(kind, (True, ""))
        if not right:
            raise ChallengeError(where, repr(value)[:60], expected)
        return 0

    def _check_file(self, where: str, kind: Kind, name: str, hashed: Any) -> int:
        path = self._checked_path(where, name)
        if not path.is_file():
            raise ChallengeError(where, f"{name[:80]!r}, which is not there", f"a file below {self.media}")
        size = path.stat().st_size
        if size > self.message_bytes:
            expected = f"at most {self.message_bytes} bytes, what one message takes (limits.message_mb)"
            raise ChallengeError(where, f"{name[:80]!r} of {size} bytes", expected)
        content = path.read_bytes()
        if kind == "picture":
            check_picture(content, f"{where}, {name}", self.options.pixels)
        elif kind == "audio":
            check_sound(content, f"{where}, {name}")
        hashed.update(hashlib.sha256(content).digest())
        return size

    def _check_folder(self, where: str, name: str, hashed: Any) -> int:
        base, size = self._checked_path(where, name), 0
        if not base.is_dir():
            raise ChallengeError(where, f"{name[:80]!r}, which is no folder", f"a folder below {self.media}")
        for path in sorted(base.rglob("*")):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise ChallengeError(
                    where, f"{path.name!r}, a link or no plain file", "plain files and folders"
                )
            if path.is_file():
                inside = path.relative_to(base).as_posix()
                try:
                    named = inside.encode()
                except UnicodeEncodeError:
                    raise ChallengeError(where, ascii(inside)[:80], "names of files in UTF-8") from None
                hashed.update(hashlib.sha256(named + b"\0" + path.read_bytes()).digest())
                size += path.stat().st_size
        return size

    def _checked_target(self, where: str, record: dict[str, Any], hashed: Any) -> Any:
        value = record[self.options.target]
        if self.options.answer == "files":
            if not isinstance(value, str):
                raise ChallengeError(where, repr(value)[:60], f"a folder below {self.options.media}/")
            self._check_folder(where, value, hashed)
            return None
        try:
            return as_target(self.options.answer, value)
        except Unfit as odd:
            raise ChallengeError(f"{where}{odd.where}", odd.found, odd.expected) from None

    def _checked_path(self, where: str, name: str) -> Path:
        """Return where a file lies that a line names: below the folder of media, and reached through no link."""
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\0" in name:
            raise ChallengeError(where, repr(name)[:80], f"a path below {self.options.media}/")
        path = self._below("")
        for part in parts:
            path = path / part
            try:
                linked = path.is_symlink()
            except OSError as error:  # a name longer than any file's may be
                raise ChallengeError(
                    where, f"{name[:80]!r}: {error.strerror}", f"a path below {self.options.media}/"
                ) from None
            if linked:
                raise ChallengeError(where, f"{name[:80]!r}, a link", "plain files and folders")
        return path

    def _below(self, name: str) -> Path:
        assert self.media is not None  # options that name files name their folder
        return self.media / name

    def _file(self, name: str) -> Path:
        return self._below(name)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
