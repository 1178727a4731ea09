"""What a WebAssembly module says of itself, read without compiling it: whether it is whole, what it imports and exports.

WebAssembly Core Specification 2.0, section 5.5 (binary format of modules); WASI preview 1 for what a program is.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

WASI = "wasi_snapshot_preview1"
_MAGIC = b"\0asm"
_MODULE, _COMPONENT = b"\1\0\0\0", b"\x0d\0\1\0"
_IMPORTS, _EXPORTS = 2, 7
_NAMES = {
    0: "custom", 1: "type", 2: "import", 3: "function", 4: "table", 5: "memory", 6: "global", 7: "export", 8: "start",
    9: "element", 10: "code", 11: "data", 12: "data count", 13: "tag",
}  # fmt: skip
_MOST_SECTIONS, _MOST_IMPORTS, _MOST_EXPORTS, _LONGEST = 4096, 4096, 65536, 2**22


class NotAModule(ValueError):
    """The file is no WASI program; says why."""


def check_module(path: Path) -> None:
    """Check that a file is a whole module that runs as a WASI program.

    Raises
    ------
    NotAModule
    OSError
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        _check_head(file.read(8), size)
        exported: set[str] = set()
        for number, start, length in _sections(file, size):
            if number in (_IMPORTS, _EXPORTS):
                if length > _LONGEST:
                    raise NotAModule(f"a module whose {_NAMES[number]} section has {length} bytes")
                body = _Body(os.pread(file.fileno(), length, start), start)
                if number == _IMPORTS:
                    _check_imports(body)
                else:
                    exported = _exports(body)
    if "_start" not in exported:
        kind = "a library, made with -mexec-model=reactor" if "_initialize" in exported else "a module"
        raise NotAModule(f"{kind} without the function _start, where a program begins")
    if "memory" not in exported:
        raise NotAModule("a module that does not export its memory")


def _check_head(head: bytes, size: int) -> None:
    if head[:4] != _MAGIC:
        if head.lstrip()[:1] == b"(":
            raise NotAModule("a module as text (.wat); it travels translated, e.g. by wat2wasm")
        raise NotAModule("an empty file" if not head else "no WebAssembly module")
    if head[4:8] == _COMPONENT:
        raise NotAModule("a component (WASI preview 2); build for the target wasm32-wasip1")
    if head[4:8] != _MODULE:
        raise NotAModule(f"a module cut off, or of an unknown version, in its first 8 of {size} bytes")


def _sections(file: BinaryIO, size: int) -> list[tuple[int, int, int]]:
    """Return number, start and length of each section."""
    found: list[tuple[int, int, int]] = []
    at = 8
    while at < size:
        if len(found) >= _MOST_SECTIONS:
            raise NotAModule(f"a module of more than {_MOST_SECTIONS} sections")
        head = _Body(os.pread(file.fileno(), 6, at), at)
        number = head.byte()
        length = head.number()
        if number not in _NAMES:
            raise NotAModule(f"a module with a section {number} at byte {at}, which no module has")
        start = at + head.at
        if start + length > size:
            raise NotAModule(
                f"a module cut off after {size} bytes, inside its {_NAMES[number]} section, which ends at byte "
                f"{start + length}"
            )
        found.append((number, start, length))
        at = start + length
    return found


class _Body:
    """Bytes read one after the other; what ends too early names its place in the file."""

    def __init__(self, octets: bytes, start: int) -> None:
        self._octets, self._start, self.at = octets, start, 0

    def byte(self) -> int:
        if self.at >= len(self._octets):
            raise NotAModule(f"a module that ends too early at byte {self._start + self.at}")
        self.at += 1
        return self._octets[self.at - 1]

    def number(self) -> int:
        """Read an unsigned LEB128 (section 5.2.2)."""
        value = 0
        for shift in range(0, 70, 7):
            piece = self.byte()
            value |= (piece & 0x7F) << shift
            if piece < 0x80:
                return value
        raise NotAModule(f"a module with a number without end at byte {self._start + self.at}")

    def name(self) -> str:
        length = self.number()
        piece = self._octets[self.at : self.at + length]
        if len(piece) < length:
            raise NotAModule(f"a module that ends too early at byte {self._start + self.at}")
        self.at += length
        return piece.decode("utf-8", "replace")


def _check_imports(body: _Body) -> None:
    count = body.number()
    if count > _MOST_IMPORTS:
        raise NotAModule(f"a module that imports {count} things")
    for _ in range(count):
        room, name = body.name(), body.name()
        kind = body.byte()
        if room != WASI or kind != 0:
            raise NotAModule(
                f"a module that imports {room[:60]}.{name[:60]}; only functions of {WASI} are there"
            )
        body.number()


def _exports(body: _Body) -> set[str]:
    count = body.number()
    if count > _MOST_EXPORTS:
        raise NotAModule(f"a module that exports {count} things")
    found = set()
    for _ in range(count):
        found.add(body.name())
        body.byte()
        body.number()
    return found
