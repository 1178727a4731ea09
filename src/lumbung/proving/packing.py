"""What a challenge declares, and so what of its folder may leave. Nothing else is digested, packed or sent.

An author's folder holds more than the challenge: private cases, keys, notes, what an earlier run left. A list of what
must stay would forget something; so this is the list of what goes, and the rest stays because nobody named it.
"""

from __future__ import annotations

import fnmatch
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

PICTURE = "picture.svg"
ALWAYS = ("challenge.toml", PICTURE)
PAPERS = ("licen[sc]e*", "copying*", "notice*", "citation*", "readme*")
PROOFS = "submissions"
PRIVATE = (
    "private", "private[._-]*", "*[._-]private", "*[._-]private.*",
    "secret", "secrets", "secret[._-]*", "secrets[._-]*", "*[._-]secret", "*[._-]secret.*",
    "credentials", "credentials.*", "token", "token.*", "*.token",
    ".env", ".env.*", "*.env", ".netrc", ".pgpass", ".npmrc", ".pypirc", ".aws", ".ssh", ".gnupg",
    "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.kdbx", "id_rsa*", "id_ed25519*", "id_ecdsa*", "id_dsa*",
)  # fmt: skip
"""Names that say of themselves that they are not for others; lower case."""
LEFTOVERS = (
    "__pycache__", "*.pyc", ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "*.egg-info", "lumbung-out",
    ".pytest_cache", ".mypy_cache", ".ruff_cache", ".ipynb_checkpoints", ".ds_store", "thumbs.db", "*~", ".*.swp",
)  # fmt: skip
"""What tools leave behind: never part of anything, also below a declared folder."""


class Undeclarable(ValueError):
    """A challenge declares what cannot leave, or what is not there. Names the place, the found, the expected."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found}, expected {expected}")


def declared(folder: Path, options: Mapping[str, Any], data: Sequence[str] = ()) -> tuple[PurePosixPath, ...]:
    """List the files that a challenge declares.

    ``challenge.toml``; its picture; its papers (licence, notice, readme); the submissions of known verdict; every file or folder that
    one of the judge's options names; what the field ``data`` names.

    Parameters
    ----------
    folder : Path
        The challenge's.
    options : mapping
        Of ``challenge.toml``: each text in it that is a path below *folder* declares what is there.
    data : sequence of str
        Paths and globs (``networks/**``) below *folder*.

    Returns
    -------
    tuple of PurePosixPath
        Relative to *folder*, sorted, each file once.

    Raises
    ------
    Undeclarable
        Something declared looks private by its name, is a link or no plain file, lies elsewhere, or is not there.
    """
    named = [folder / name for name in ALWAYS if (folder / name).is_file()]
    named += [entry for entry in folder.iterdir() if entry.is_file() and _is_one_of(entry.name, PAPERS)]
    named += [folder / PROOFS] if (folder / PROOFS).is_dir() else []
    for text in _texts(options):
        if _below(text) and os.path.lexists(
            folder / text
        ):  # a Path raises where a text is too long for a name
            named.append(folder / text)
    for number, pattern in enumerate(data):
        found = _matching(folder, pattern) if _below(pattern) else []
        if not found:
            raise Undeclarable(
                f"{folder / ALWAYS[0]}: data[{number}]",
                repr(pattern),
                f"files below {folder}, by path or glob",
            )
        named += found
    files = {file.relative_to(folder) for path in named for file in _files(folder, path)}
    return tuple(PurePosixPath(file) for file in sorted(files))


def looks_private(name: str) -> bool:
    """Whether a file or folder of this name says of itself that it is not for others."""
    return _is_one_of(name, PRIVATE)


def private_files(folder: Path) -> Iterator[Path]:
    """Yield the plain files in a folder that look private by their name, or by that of a folder above them."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if any(_is_one_of(part, LEFTOVERS) for part in parts):
            continue
        if any(map(looks_private, parts)) and path.is_file() and not path.is_symlink():
            yield path


def left_out(folder: Path, files: Iterable[PurePosixPath]) -> list[str]:
    """Return the entries of *folder* that stay at home, folders with a slash: what an author should know of."""
    going = set(files)
    folders = {parent for file in going for parent in file.parents}
    return sorted(_staying(folder, PurePosixPath(), going, folders))


def _staying(
    folder: Path, above: PurePosixPath, going: set[PurePosixPath], folders: set[PurePosixPath]
) -> Iterator[str]:
    for entry in (folder / above).iterdir():
        path = above / entry.name
        if _is_one_of(entry.name, LEFTOVERS) or path in going:
            continue
        if path in folders:
            yield from _staying(folder, path, going, folders)
        else:
            yield f"{path}/" if entry.is_dir() else str(path)


def write_tar(folder: Path, files: Iterable[PurePosixPath], into: BinaryIO) -> None:
    """Write *files* of *folder* as a plain tar whose bytes depend on their names, content and executable bits alone."""
    with tarfile.open(fileobj=into, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(files):
            path = folder / name
            info = tarfile.TarInfo(str(name))
            info.size = path.stat().st_size
            info.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            with path.open("rb") as file:
                archive.addfile(info, file)


def _matching(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except ValueError:  # no glob at all, such as a**b
        return []


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _below(text: str) -> bool:
    path = PurePosixPath(text)
    # A text with a null byte is no path, and "." would declare everything.
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\0" not in text


def _is_one_of(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name.lower(), pattern) for pattern in patterns)


def _files(folder: Path, path: Path) -> Iterator[Path]:
    """Yield the plain files at or below *path*, which is declared; leftovers of tools are passed over."""
    relative = path.relative_to(folder)
    if any(_is_one_of(part, LEFTOVERS) for part in relative.parts):
        return
    if not str(relative).isprintable():  # bytes that are no UTF-8, line breaks, direction marks
        raise Undeclarable(ascii(str(path)), "a name with characters that cannot be shown", "a plain name")
    secret = next(filter(looks_private, relative.parts), None)
    if secret is not None:
        raise Undeclarable(
            str(path),
            f"{secret}, which looks private by its name, among what the challenge declares",
            "another name if it may be seen by all, or a place that challenge.toml does not declare",
        )
    if any((folder / part).is_symlink() for part in (relative, *relative.parents[:-1])):
        raise Undeclarable(
            str(path), "a link", "files and folders only: a link leads elsewhere on every machine"
        )
    if path.is_dir():
        for entry in sorted(path.iterdir()):
            yield from _files(folder, entry)
    elif path.is_file():
        yield path
    else:
        raise Undeclarable(str(path), "a FIFO, socket or device", "plain files and folders")
