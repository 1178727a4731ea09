"""Wheels that a submission or a challenge carries along, looked at before anything of them is unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lumbung.proving.digest import digest_file
from lumbung.proving.environments.locks import LockError, Pin

if TYPE_CHECKING:
    from packaging.tags import Tag

BYTES_LIMIT = 4 * 2**30
"""Of an environment, unpacked [bytes]."""


def check_carried(folder: Path, pins: Sequence[Pin]) -> set[str]:
    """Look at carried wheels; return the names of pinned packages that lie there for this Python and machine.

    Raises
    ------
    LockError
        Something in the folder is no wheel, is none of those pinned, is damaged, or unpacks to too much; or a pinned
        package lies there for other machines alone.
    """
    from packaging.tags import sys_tags
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    if not folder.is_dir():
        raise LockError(folder.name, "no such folder", "a folder of wheels")
    pinned, here = {pin.name: pin for pin in pins}, set(sys_tags())
    fitting: set[str] = set()
    others: dict[str, Path] = {}
    unpacked = 0
    for path in sorted(folder.iterdir()):
        place = f"{folder.name}/{path.name}"
        if path.name.endswith((".tar.gz", ".zip", ".tar.bz2")):
            raise LockError(
                place, "a source distribution", "a wheel: building one would run its code on the node"
            )
        try:
            name, version, _build, tags = parse_wheel_filename(path.name)
        except InvalidWheelFilename:
            raise LockError(place, "no wheel by its name", "name-1.0-py3-none-any.whl") from None
        pin = pinned.get(name)
        if pin is None or pin.version != str(version):
            raise LockError(place, f"{name} {version}", "wheels of the packages that the lock pins")
        if path.is_symlink() or not path.is_file():
            raise LockError(place, "a folder, a link or no plain file", "a wheel, which is a zip archive")
        if here.isdisjoint(tags):
            others[name] = path
            continue
        if digest_file(path) not in pin.hashes:
            raise LockError(
                place,
                digest_file(path),
                f"a file that the lock pins; is it cut or damaged? ({len(pin.hashes)} known)",
            )
        unpacked += _unpacked_bytes(place, path)
        fitting.add(name)
    if unpacked > BYTES_LIMIT:
        raise LockError(folder.name, f"{unpacked} bytes unpacked", f"at most {BYTES_LIMIT}")
    for absent in sorted(set(others) - fitting):
        raise LockError(
            f"{folder.name}/{others[absent].name}", "a wheel for another platform", f"one for {_best(here)}"
        )
    return fitting


def _unpacked_bytes(place: str, path: Path) -> int:
    try:
        with zipfile.ZipFile(path) as wheel:
            return sum(info.file_size for info in wheel.infolist())
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise LockError(place, str(error), "a wheel, which is a zip archive") from None


def _best(tags: set[Tag]) -> str:
    from packaging.tags import sys_tags

    return str(next(tag for tag in sys_tags() if tag in tags))
