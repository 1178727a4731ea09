"""What the files that a challenge declares hold, whatever they are called: keys, tokens, and rows that are to stay at home;
and whether its picture may be shown.

`lumbung.proving.packing` refuses names. A folder that is declared whole, such as that of the submissions of known verdict,
also holds what its author copied there under any name; this is asked where a challenge is about to leave its author, and
where it arrives, not each time it is read.
"""

from __future__ import annotations

import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from lumbung.proving.drawing import undrawable
from lumbung.proving.packing import PICTURE, PROOFS, Undeclarable, looks_private, private_files

_SECRET = re.compile(
    rb"(?P<key>-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----)"
    rb"|(?P<token>\blb[gne]_[A-Za-z0-9_-]{24}|\bAKIA[0-9A-Z]{16}\b|\bgh[ps]_[A-Za-z0-9]{36}\b)"
)
_SAID = {"key": "a private key", "token": "a token that lets its bearer in"}
_PIECE, _OVERLAP = 1 << 20, 128
FEWEST_LINES = 5
"""Of so few lines in common nothing follows."""
PICTURE_OF_A_CHALLENGE = 60_000
"""The largest picture that a challenge has of itself [bytes]: cards show it, many on a page."""


def check_contents(folder: Path, files: Iterable[PurePosixPath]) -> None:
    """Hold the content of what leaves against what must not.

    Parameters
    ----------
    folder : Path
        The challenge's.
    files : iterable of PurePosixPath
        What it declares, relative to *folder*.

    Raises
    ------
    Undeclarable
        A file holds a private key or a token, is an archive with something in it that looks private by its name, or, among
        the submissions of known verdict, holds at least half the lines of a file that looks private by its name. (What a
        judge reads may be the same here and on private cases.) Or ``picture.svg`` is none that may be shown.
    """
    private = [(path, lines) for path in private_files(folder) if len(lines := _lines(path)) >= FEWEST_LINES]
    for name in files:
        path = folder / name
        if str(name) == PICTURE:
            _check_picture(path)
        found = _secret_in(path) or _private_member_of(path)
        if found is None and private and name.parts[0] == PROOFS:
            here = _lines(path)
            found = next(
                (f"lines of {there.relative_to(folder)}" for there, lines in private if 2 * len(lines & here) >= len(lines)),
                None,
            )  # fmt: skip
        if found is not None:
            raise Undeclarable(
                str(path),
                f"{found}, among what the challenge declares",
                "what may be seen by all: take it out of the folder",
            )


def _check_picture(path: Path) -> None:
    odd = undrawable(path.read_bytes().decode(errors="surrogateescape"), PICTURE_OF_A_CHALLENGE)
    if odd is not None:
        raise Undeclarable(str(path), ascii(odd[0])[:80], f"{odd[1]} (lumbung picture draws one)")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        before = b""
        while piece := file.read(_PIECE):
            yield before + piece
            before = piece[-_OVERLAP:]


def _secret_in(path: Path) -> str | None:
    for piece in _pieces(path):
        if (met := _SECRET.search(piece)) is not None:
            return _SAID[str(met.lastgroup)]
    return None


def _private_member_of(path: Path) -> str | None:
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as parcel:
                names = parcel.namelist()
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                names = archive.getnames()
        else:
            return None
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, ValueError):
        return None  # no archive that anybody unpacks
    odd = next((name for name in names if any(map(looks_private, PurePosixPath(name).parts))), None)
    return None if odd is None else f"{odd}, which looks private by its name, in an archive"


def _lines(path: Path) -> set[bytes]:
    """Return the lines of a file that tell anything, its head and what is blank aside."""
    with path.open("rb") as file:
        file.readline(_PIECE)
        return {line.strip() for line in file if len(line.strip()) > 2}
