"""Weights: large files that a submission names by digest in ``submission.toml``, kept once, shown read-only at ``/weights``.

    <store>/<hex>                 each file under its SHA-256, mode 444
    <store>/sets/<hex>/NAME       what one submission names, as links to the same files

What a file is, is read from its head without executing anything. A pickle runs code when it is loaded: that happens inside the box
and nowhere else.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from lumbung.proving.digest import digest_data, digest_file
from lumbung.proving.faults import PlatformFault
from lumbung.proving.unreadable import UNREADABLE

BYTES_LIMIT = 4 * 2**30
"""Of one file, unless a centre or a node says otherwise [bytes]."""
UNUSED_S = 30 * 86_400.0
"""After what time a file that nothing used is forgotten [s]."""
_HEADER_LIMIT = 16 * 2**20
"""Of safetensors [bytes]: fifty times what models of ten thousand tensors need, and read in 200 MB."""
_FIELDS_LIMIT = 10_000
"""Of a model's outermost fields: ONNX has a dozen kinds, and repeats them for opsets, notes and functions."""


class Format(StrEnum):
    """What a file of weights is."""

    SAFETENSORS = "safetensors"
    ONNX = "onnx"
    GGUF = "gguf"
    PICKLE = "pickle"
    OTHER = "other"


class WeightsError(ValueError):
    """A file of weights that cannot be used: names the place, the found, the expected."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found}, expected {expected}")


def look_at(path: Path) -> Format:
    """Tell what a file is, and refuse one that was cut. Nothing in it is executed, and little of it is read.

    Raises
    ------
    WeightsError
        It is empty, no plain file, or ends before what its head promises.
    OSError
    """
    if not path.is_file():
        raise WeightsError(path.name, "no plain file", "one file of weights")
    size = path.stat().st_size
    if not size:
        raise WeightsError(path.name, "an empty file", "weights")
    with path.open("rb") as file:
        head = file.read(8)
        if head[:4] == b"GGUF":
            return Format.GGUF
        if head[:2] == b"PK" or (head[:1] == b"\x80" and head[1:2] in b"\2\3\4\5"):
            return Format.PICKLE  # also what torch.save writes: a zip with a pickle in it
        length = int.from_bytes(head, "little")
        if len(head) == 8 and 2 <= length <= _HEADER_LIMIT and file.read(1) == b"{":
            file.seek(8)
            _check_safetensors(path.name, file.read(length), length, size)
            return Format.SAFETENSORS
        if path.suffix == ".onnx":
            _check_protobuf(path.name, file, size)
            return Format.ONNX
    if path.suffix == ".safetensors":
        raise WeightsError(path.name, "no header", "a file as safetensors writes it; is it cut?")
    return Format.OTHER


def _check_safetensors(name: str, header: bytes, length: int, size: int) -> None:
    if len(header) < length:
        raise WeightsError(name, f"{size} bytes", f"a header of {length} bytes; the file was cut")
    try:
        tensors = msgspec.json.decode(header, type=dict[str, dict[str, Any]])
        ends = [int(t["data_offsets"][1]) for key, t in tensors.items() if key != "__metadata__"]
    except (*UNREADABLE, LookupError, TypeError):
        raise WeightsError(name, "a header that cannot be read", "a file as safetensors writes it") from None
    whole = 8 + length + max(ends, default=0)
    if size != whole:
        raise WeightsError(name, f"{size} bytes", f"{whole}, as its header says; the file was cut or joined")


def _check_protobuf(name: str, file: Any, size: int) -> None:
    """Walk the outermost fields (https://protobuf.dev/programming-guides/encoding/): each must end within the file."""
    at = fields = 0
    while at < size:
        fields += 1
        if fields > _FIELDS_LIMIT:
            raise WeightsError(
                name, f"more than {_FIELDS_LIMIT} outermost fields", "a model as ONNX writes it"
            )
        file.seek(at)
        piece = file.read(20)
        key, used = _varint(piece)
        kind = key & 7
        if kind == 0:
            _, more = _varint(piece[used:])
            at += used + more if more else size + 1
        elif kind == 2:
            length, more = _varint(piece[used:])
            at += used + more + length if more else size + 1
        elif kind in (1, 5):
            at += used + (8 if kind == 1 else 4)
        else:
            raise WeightsError(name, f"a field of kind {kind} at byte {at}", "a model as ONNX writes it")
        if not used or at > size:
            raise WeightsError(
                name, f"{size} bytes", "a model that ends where its fields do; the file was cut"
            )


def _varint(piece: bytes) -> tuple[int, int]:
    value = 0
    for used, byte in enumerate(piece[:10], start=1):
        value |= (byte & 0x7F) << 7 * (used - 1)
        if byte < 0x80:
            return value, used
    return 0, 0


class WeightStore:
    """Where weights lie on this machine, each file once.

    Parameters
    ----------
    folder : Path
        Made at the first file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return where the file of a digest lies, or would."""
        return self.folder / digest.removeprefix("sha256:")

    def keep(self, path: Path) -> str:
        """Keep a file of one's own and return its digest.

        Raises
        ------
        WeightsError
            See `look_at`.
        PlatformFault
            ``disk_full`` or ``unwritable``.
        """
        look_at(path)
        found = hashlib.sha256()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (
                tempfile.NamedTemporaryFile(dir=self.folder, prefix=".draft-") as draft,
                path.open("rb") as file,
            ):
                while piece := file.read(1 << 20):
                    found.update(piece)
                    draft.write(piece)
                draft.flush()
                os.fsync(draft.fileno())
                digest = f"sha256:{found.hexdigest()}"
                kept = self.path(digest)
                if not kept.exists():
                    os.chmod(draft.name, 0o444)  # noqa: PTH101
                    os.link(draft.name, kept)
        except FileExistsError:  # another keeps the same at this moment
            return digest
        except OSError as error:
            raise _of_the_disk(error, self.folder) from None
        return digest

    def lay_out(self, named: Mapping[str, str]) -> Path:
        """Return a folder in which the files lie under their names, each checked against its digest.

        Raises
        ------
        PlatformFault
            ``weights_missing``: one is not here, or no longer what it was; ``disk_full``, ``unwritable``.
        """
        for name, digest in named.items():
            kept = self.path(digest)
            if not kept.is_file():
                raise PlatformFault("weights_missing", name=name, digest=digest)
            if digest_file(kept) != digest:
                kept.unlink(missing_ok=True)
                raise PlatformFault("weights_missing", name=name, digest=digest)
        place = self.folder / "sets" / digest_data(dict(named)).removeprefix("sha256:")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with _held(place.parent):
                for digest in named.values():
                    os.utime(self.path(digest))  # used today
                if not self._lies(place, named):
                    self._link(place, named)
        except OSError as error:
            raise _of_the_disk(error, self.folder) from None
        return place

    def _lies(self, place: Path, named: Mapping[str, str]) -> bool:
        """Whether a set is whole as it lies: another box may look into it at this moment, so that it is left then."""
        try:
            return all((place / name).samefile(self.path(digest)) for name, digest in named.items())
        except OSError:
            return False

    def _link(self, place: Path, named: Mapping[str, str]) -> None:
        workshop = Path(tempfile.mkdtemp(prefix=".set-", dir=place.parent))
        try:
            workshop.chmod(0o755)
            for name, digest in named.items():
                kept = self.path(digest)
                kept.chmod(0o444)
                os.link(kept, workshop / name)
            if place.exists():  # its links lead to files that were replaced since
                shutil.rmtree(place)
            workshop.rename(place)
        finally:
            shutil.rmtree(workshop, ignore_errors=True)

    def forget_unused(self) -> int:
        """Remove files that nothing used for `UNUSED_S`, and sets that name them; return how many files went."""
        before, gone = time.time() - UNUSED_S, 0
        for path in self.folder.glob("*"):
            if path.is_file() and path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
                gone += 1
        for place in self.folder.glob("sets/*"):
            if any(path.stat().st_nlink < 2 for path in place.iterdir()):
                shutil.rmtree(place, ignore_errors=True)
        return gone


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Keep others from laying out meanwhile."""
    import fcntl  # not at the top: whoever reads evidence on Windows has none

    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def _of_the_disk(error: OSError, where: Path) -> PlatformFault:
    code = "disk_full" if error.errno in (28, 122) else "unwritable"
    return PlatformFault(code, where=str(where), detail=error.strerror or str(error))
