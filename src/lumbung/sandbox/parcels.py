"""Submissions as they arrive: archives unpacked without trusting a word of them, folders named by their content.

An archive states names, sizes and kinds of its members; each statement is checked, and so is what really comes out.
"""

from __future__ import annotations

import bz2
import contextlib
import errno
import gzip
import hashlib
import lzma
import os
import shutil
import stat
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from lumbung.sandbox.legible import legible

CHUNK_BYTES = 2**20
# What desktops put beside people's files, unasked: never part of what was meant.
_LITTER_FOLDERS = frozenset({"__MACOSX", ".Spotlight-V100", ".Trashes", "__pycache__"})
_LITTER_FILES = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
# Which systems part folders with a backslash (APPNOTE 4.4.2.2): MS-DOS and Windows, by FAT, NTFS and VFAT.
_WINDOWS = frozenset({0, 10, 14})
# No link is followed, nothing is inherited, and no line end is translated, where a system knows of these.
_AS_IT_IS = sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))


@dataclass(frozen=True)
class ParcelLimits:
    """What an archive may hold.

    Attributes
    ----------
    files
        Number of members, folders included.
    total_bytes
        All files together, unpacked [bytes].
    name_bytes, depth
        Length of a member's name in UTF-8, and the folders it may lie in.
    """

    files: int = 5_000
    total_bytes: int = 512 * 2**20
    name_bytes: int = 240
    depth: int = 16


class ParcelError(ValueError):
    """An archive or folder that must not be taken in: names the member, what was found, what is expected."""


class _EveryHeader(tarfile.TarInfo):
    """Says so where a header is cut or damaged: tarfile takes that for the end, and the files behind it go missing unheard."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str | None, errors: str) -> _EveryHeader:
        try:
            return super().frombuf(buf, encoding, errors)  # type: ignore[arg-type]
        except tarfile.HeaderError:
            if len(buf) == tarfile.BLOCKSIZE and not any(buf):
                raise  # the end, as an archive writes it
            raise ParcelError(
                "a member's header is cut or damaged, or the archive's end is missing"
            ) from None


@dataclass(frozen=True)
class _Member:
    name: str
    kind: Literal["file", "folder"]
    size: int
    executable: bool


class _Gauge:
    """Counts what comes out of a decompressor, so that a bomb is noticed at the limit and not at the end."""

    def __init__(self, source: IO[bytes], limit: int) -> None:
        self._source, self._left = source, limit

    def read(self, size: int) -> bytes:
        piece = self._source.read(min(size, self._left + 1))
        self._left -= len(piece)
        if self._left < 0:
            raise ParcelError("the archive unpacks to more than allowed (a decompression bomb?)")
        return piece


def unpack(archive: Path, into: Path, limits: ParcelLimits = ParcelLimits()) -> Path:
    """Unpack a zip or tar (plain, gz, bz2, xz) archive into a new folder.

    Files get mode 644, or 755 where the archive marks them executable; an archive that holds one folder and nothing
    beside it is unpacked as that folder's content. What a desktop added by itself (``__MACOSX``, ``.DS_Store``,
    ``Thumbs.db``) is left out. Nothing is left behind when it fails.

    Parameters
    ----------
    archive
        The archive file.
    into
        The folder to make; it must not exist, or be empty.
    limits
        What the archive may hold.

    Returns
    -------
    Path
        ``into``.

    Raises
    ------
    ParcelError
        Not an archive; a member that is absolute, climbs out, is a link or device, comes twice, is encrypted, or
        exceeds the limits.
    """
    if into.exists() and (into.is_symlink() or not into.is_dir() or any(into.iterdir())):
        raise ParcelError(f"{into} exists already; unpack into a new or empty folder")
    into.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".unpack-", dir=into.parent))
    try:
        content = workshop / "content"
        content.mkdir(mode=0o755)
        _unpack(archive, content, limits)
        os.replace(_lifted(content), into)  # noqa: PTH105 - replaces an empty folder
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return into


def _lifted(content: Path) -> Path:
    entries = list(content.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else content


def _unpack(archive: Path, content: Path, limits: ParcelLimits) -> None:
    taken: set[str] = set()
    left = limits.total_bytes
    try:
        for count, (member, stream) in enumerate(_members(archive, limits), start=1):
            if count > limits.files:
                raise ParcelError(f"{archive.name} holds more than {limits.files} members")
            path = _safe_path(member.name, limits)
            if str(path) == "." or _is_litter(path):
                continue
            if member.size < 0:
                raise ParcelError(f"{archive.name}: {member.name} declares {member.size} bytes")
            if member.kind == "folder":
                with _naming(member):
                    (content / path).mkdir(mode=0o755, parents=True, exist_ok=True)
                continue
            # Where case or composition of letters does not count, both would be one file: compared as such everywhere.
            same = unicodedata.normalize("NFKC", str(path)).casefold()
            if same in taken:
                raise ParcelError(
                    f"{archive.name}: {member.name} comes twice, or differs from another member only in case or in how "
                    "its letters are composed; which one is meant cannot be known"
                )
            taken.add(same)
            if member.size > left:
                raise ParcelError(f"{archive.name} unpacks to more than {limits.total_bytes} bytes")
            left -= _write(content / path, member, stream)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's trouble, not the archive's
        raise ParcelError(f"{archive.name} cannot be unpacked: {error}") from error
    except ParcelError:
        raise
    # zipfile: passwords, unknown compression; tarfile: extended headers that hold no numbers where numbers belong
    except (RuntimeError, NotImplementedError, ValueError, LookupError, ArithmeticError, TypeError) as error:
        raise ParcelError(f"{archive.name} cannot be unpacked: {error}") from error


@contextlib.contextmanager
def _naming(member: _Member) -> Iterator[None]:
    """Where the disk refuses a name, it is the archive's fault; where it has no room, it is not."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR):
            raise ParcelError(f"member {member.name!r} is both a file and a folder") from error
        if error.errno in (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL):
            raise ParcelError(f"member {member.name[:60]!r}: this machine cannot keep the name") from error
        raise


def _safe_path(name: str, limits: ParcelLimits) -> PurePosixPath:
    path = PurePosixPath(name)
    if "\\" in name:
        raise ParcelError(
            f"member {name!r}: a slash parts folders, not a backslash, as some programs write on Windows; "
            "pack with the file manager, or with tar"
        )
    if not name or legible(name) != name or "\t" in name or "\n" in name:
        raise ParcelError(
            f"member {name!r}: names may hold neither control characters nor marks of direction"
        )
    if path.is_absolute() or (len(name) > 1 and name[1] == ":"):
        raise ParcelError(f"member {name!r} has an absolute path; pack with paths relative to the folder")
    if ".." in path.parts:
        raise ParcelError(f"member {name!r} climbs out of the folder; pack without ..")
    if len(name.encode("utf-8", "surrogateescape")) > limits.name_bytes or len(path.parts) > limits.depth:
        raise ParcelError(
            f"member {name[:60]!r}: at most {limits.name_bytes} bytes and {limits.depth} levels are allowed"
        )
    return path


def _is_litter(path: PurePosixPath) -> bool:
    return (
        not _LITTER_FOLDERS.isdisjoint(path.parts)
        or path.name.lower() in _LITTER_FILES
        or path.name.startswith("._")
    )


def _members(archive: Path, limits: ParcelLimits) -> Iterator[tuple[_Member, IO[bytes] | None]]:
    descriptor = os.open(archive, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ParcelError(f"{archive.name} is not a regular file")
        head = file.read(6)
        file.seek(0)
        if head[:4] in (b"PK\3\4", b"PK\5\6"):
            yield from _zip_members(archive, file, limits)
        else:
            yield from _tar_members(archive, _decompressed(file, head), limits)


def _zip_members(
    archive: Path, file: IO[bytes], limits: ParcelLimits
) -> Iterator[tuple[_Member, IO[bytes] | None]]:
    with zipfile.ZipFile(file) as parcel:
        infos = parcel.infolist()
        if len(infos) > limits.files:
            raise ParcelError(
                f"{archive.name} holds {len(infos)} members; at most {limits.files} are allowed"
            )
        declared = sum(info.file_size for info in infos)
        if declared > limits.total_bytes:
            raise ParcelError(
                f"{archive.name} unpacks to {declared} bytes; at most {limits.total_bytes} are allowed"
            )
        for info in infos:
            mode = info.external_attr >> 16 if info.create_system == 3 else 0
            kind = stat.S_IFMT(mode)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise ParcelError(
                    f"{archive.name}: {info.filename} is a link or device; only files and folders travel"
                )
            name = _with_slashes(info)
            if name.endswith("/"):
                yield _Member(name, "folder", 0, False), None
                continue
            with parcel.open(info) as stream:
                yield _Member(name, "file", info.file_size, bool(mode & 0o111)), stream


def _with_slashes(info: zipfile.ZipInfo) -> str:
    """A member's name with its folders parted as the format says (APPNOTE 4.4.17.1): some programs on Windows do not."""
    return info.filename.replace("\\", "/") if info.create_system in _WINDOWS else info.filename


def _decompressed(file: IO[bytes], head: bytes) -> IO[bytes]:
    if head[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]
    if head[:3] == b"BZh":
        return bz2.BZ2File(file)
    if head == b"\xfd7zXZ\0":
        return lzma.LZMAFile(file)
    return file


def _tar_members(
    archive: Path, file: IO[bytes], limits: ParcelLimits
) -> Iterator[tuple[_Member, IO[bytes] | None]]:
    # Headers count too: a member of extended header can itself be a bomb.
    gauge = _Gauge(file, limits.total_bytes + 4096 * limits.files)
    try:
        parcel = tarfile.open(  # noqa: SIM115
            fileobj=gauge, mode="r|", encoding="utf-8", tarinfo=_EveryHeader
        )  # type: ignore[call-overload]
    except (tarfile.ReadError, ParcelError) as error:
        raise ParcelError(f"{archive.name} is neither a zip nor a tar archive") from error
    with parcel:
        for info in parcel:
            if info.isdir():
                yield _Member(info.name, "folder", 0, False), None
            elif info.isreg() and not info.issparse():
                yield _Member(info.name, "file", info.size, bool(info.mode & 0o111)), parcel.extractfile(info)
            else:
                raise ParcelError(
                    f"{archive.name}: {info.name} is a link, device or sparse file; only files and folders travel"
                )


def _write(path: Path, member: _Member, stream: IO[bytes] | None) -> int:
    assert stream is not None
    with _naming(member):
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _AS_IT_IS, 0o644)
    written = 0
    with os.fdopen(descriptor, "wb") as file:
        while piece := stream.read(CHUNK_BYTES):
            written += len(piece)
            if written > member.size:
                raise ParcelError(
                    f"member {member.name!r} is longer than the {member.size} bytes it declares"
                )
            file.write(piece)
        if hasattr(os, "fchmod"):  # Windows has no such bit
            os.fchmod(file.fileno(), 0o755 if member.executable else 0o644)
    return written


# ------------------------------------------------------------------------------------------- digests


def digest_folder(folder: Path) -> str:
    """Return the content digest of a folder: ``"sha256:"`` and 64 hexadecimal digits.

    It covers each file's path relative to the folder, whether it is executable, its length and its bytes, in the
    order of the paths' bytes; neither times, owners, nor empty folders.

    Raises
    ------
    ParcelError
        The folder holds a link, FIFO, socket or device, or cannot be read.
    """
    total = hashlib.sha256()
    try:
        for name, path in sorted(_files(folder, b"")):
            executable, length, content = _digest_file(path)
            total.update(b"%c %d %d " % (b"x" if executable else b"-", len(name), length) + name + content)
    except OSError as error:
        raise ParcelError(f"{folder} cannot be read: {error}") from error
    return f"sha256:{total.hexdigest()}"


def _files(folder: Path, above: bytes) -> Iterator[tuple[bytes, Path]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = above + os.fsencode(entry.name)
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path), name + b"/")
            elif entry.is_file(follow_symlinks=False):
                yield name, Path(entry.path)
            else:
                raise ParcelError(
                    f"{entry.path} is a link, FIFO, socket or device; only files and folders count"
                )


def _digest_file(path: Path) -> tuple[bool, int, bytes]:
    # Between the listing and here the file may have been exchanged: ask again what it is, without waiting on a FIFO.
    descriptor = os.open(path, os.O_RDONLY | _AS_IT_IS | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ParcelError(f"{path} is not a regular file")
        content = hashlib.file_digest(file, "sha256")
        return bool(status.st_mode & 0o111), file.tell(), content.digest()
