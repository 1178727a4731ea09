"""What an executable says of itself, read without running it: for which machine it is, and what it wants loaded beside it.

The format is ELF, System V Application Binary Interface, chapters 4 and 5; the numbers of machines are those of its registry.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_ELF = b"\x7fELF"
_EXECUTABLE, _SHARED = 2, 3
_LOAD, _DYNAMIC, _INTERPRETER = 1, 2, 3
_NEEDED, _STRINGS = 1, 5
_MOST_HEADERS, _MOST_ENTRIES, _LONGEST_NAME = 256, 2048, 256
MACHINES = {
    3: "i386", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64",
    258: "loongarch64",
}  # fmt: skip
_OTHERS = (
    (b"MZ", "a program for Windows"),
    (b"\xcf\xfa\xed\xfe", "a program for macOS"),
    (b"\xca\xfe\xba\xbe", "a program for macOS, or a Java class"),
    (b"\0asm", "a WebAssembly module, which goes by module = in place of command ="),
    (b"PK\3\4", "an archive"),
    (b"\x1f\x8b", "a compressed file"),
)


class NotExecutable(ValueError):
    """No machine can run the file; says what it is."""


@dataclass(frozen=True)
class Executable:
    """What stands in an executable's headers.

    Attributes
    ----------
    machine
        As ``platform.machine()`` says it, or ``ELF machine N``.
    loader
        The program that must load it, by its absolute path; empty where it is static.
    libraries
        What it wants loaded beside it, by name.
    """

    machine: str
    loader: str = ""
    libraries: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Segment:
    kind: int
    offset: int
    address: int
    length: int


def read_executable(path: Path) -> Executable:
    """Read the headers of a file.

    Raises
    ------
    NotExecutable
    OSError
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(64)
        if head[:4] != _ELF:
            raise NotExecutable(_what_else(head))
        if len(head) < 64 or head[4] not in (1, 2) or head[5] not in (1, 2):
            raise NotExecutable(f"an executable cut off in its header, after {size} bytes")
        order = "<" if head[5] == 1 else ">"
        kind, number = struct.unpack_from(f"{order}HH", head, 16)
        machine = MACHINES.get(number, f"ELF machine {number}")
        if kind not in (_EXECUTABLE, _SHARED):
            raise NotExecutable("an object file that no linker has made a program of")
        if head[4] == 1 or order == ">":  # of other machines nothing more is asked than which they are
            return Executable(machine)
        entry, table = struct.unpack_from("<QQ", head, 24)
        width, count = struct.unpack_from("<HH", head, 54)
        if not entry:
            raise NotExecutable("a shared library, which begins nowhere")
        segments = _segments(file, table, width, count)
        _check_whole(segments, size)
        return Executable(machine, _loader(file, segments), tuple(_libraries(file, segments)))


def _what_else(head: bytes) -> str:
    if not head:
        return "an empty file"
    if head[:2] == b"#!":
        by = head[2:].split(b"\n")[0].strip().decode("utf-8", "replace")
        return f"a script that {by} would have to read"
    return next((said for start, said in _OTHERS if head.startswith(start)), "no executable file")


def _segments(file: BinaryIO, table: int, width: int, count: int) -> list[_Segment]:
    if width != 56 or not 0 < count <= _MOST_HEADERS:
        raise NotExecutable(f"an executable with {count} program headers of {width} bytes")
    rows = _read(file, table, width * count)
    return [
        _Segment(kind, offset, address, length)
        for kind, _, offset, address, _, length, _, _ in struct.iter_unpack("<IIQQQQQQ", rows)
    ]


def _check_whole(segments: Sequence[_Segment], size: int) -> None:
    end = max((s.offset + s.length for s in segments if s.kind == _LOAD), default=0)
    if end > size:
        raise NotExecutable(f"an executable cut off after {size} of at least {end} bytes")


def _loader(file: BinaryIO, segments: Sequence[_Segment]) -> str:
    for one in segments:
        if one.kind == _INTERPRETER:
            return _text(_read(file, one.offset, min(one.length, _LONGEST_NAME)), 0)
    return ""


def _libraries(file: BinaryIO, segments: Sequence[_Segment]) -> list[str]:
    dynamic = next((s for s in segments if s.kind == _DYNAMIC), None)
    if dynamic is None:
        return []
    length = min(dynamic.length, 16 * _MOST_ENTRIES)
    entries = list(struct.iter_unpack("<qQ", _read(file, dynamic.offset, length - length % 16)))
    strings = next((value for tag, value in entries if tag == _STRINGS), 0)
    place = next(
        (
            strings - s.address + s.offset
            for s in segments
            if s.kind == _LOAD and s.address <= strings < s.address + s.length
        ),
        None,
    )
    if place is None:
        return []
    wanted = [value for tag, value in entries if tag == _NEEDED]
    return [_text(_read(file, place + at, _LONGEST_NAME, whole=False), 0) for at in wanted[:64]]


def _read(file: BinaryIO, offset: int, length: int, *, whole: bool = True) -> bytes:
    try:
        piece = os.pread(file.fileno(), length, offset)
    except (OSError, OverflowError):
        piece = b""
    if whole and len(piece) < length:
        raise NotExecutable(f"an executable cut off: nothing stands at byte {offset + len(piece)}")
    return piece


def _text(octets: bytes, start: int) -> str:
    return octets[start:].split(b"\0")[0].decode("utf-8", "replace")
