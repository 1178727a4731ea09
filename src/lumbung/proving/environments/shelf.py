"""Environments built once: each a read-only folder under the digest of what it is built from.

    <shelf>/<digest>/packages/          what a box shows at /packages
    <shelf>/<digest>/environment.json   the digest of what came out, Python's version, the machine
    <shelf>/.<digest>.lock              held while it is built
    <shelf>/.<digest>.building-*        a workshop; what a killed builder left is swept by the next

A workshop takes its place under its digest in one step, when it is whole.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import importlib.util
import os
import platform
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from lumbung.proving.digest import digest_data, digest_file
from lumbung.proving.environments.locks import LockError, Pin
from lumbung.proving.environments.wheels import BYTES_LIMIT, check_carried
from lumbung.proving.evidence import EnvironmentMark
from lumbung.proving.faults import PlatformFault
from lumbung.proving.unreadable import UNREADABLE
from lumbung.proving.weights import WeightStore
from lumbung.sandbox.packages import Packages, built
from lumbung.sandbox.programs import PYTHON, Program

BUILD_S = 900.0
"""How long a build may take, the line included [s]."""
_BY_THE_WAY = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"})
"""What an installer writes about itself into ``*.dist-info``: no part of what was installed."""
_OF_THE_LINE = re.compile(
    r"error sending request|dns error|connect|timed out|failed to fetch|status code|certificate",
    re.IGNORECASE,
)
_NO_ROOM = re.compile(r"no space left|disk quota|os error 28", re.IGNORECASE)


class Environment(msgspec.Struct, frozen=True):
    """What is run of a submission, what it finds in its box besides, and the mark of that that evidence carries.

    Attributes
    ----------
    packages : Packages
    mark : EnvironmentMark
    weights : Path, optional
        A folder with the weights that it names.
    program : Program
    """

    packages: Packages
    mark: EnvironmentMark
    weights: Path | None = None
    program: Program = PYTHON


class Shelf:
    """Where environments are kept.

    Parameters
    ----------
    folder : Path
        Made at the first build.
    index : str
        From where wheels may come: the address of an index (``https://pypi.org/simple``) or an absolute folder of
        wheels; empty for carried wheels alone.
    weights : WeightStore, optional
        Where weights lie.
    """

    def __init__(self, folder: Path, index: str = "", weights: WeightStore | None = None) -> None:
        self.folder, self.index, self.weights = folder, index, weights

    def kept(self, pins: Sequence[Pin]) -> Environment | None:
        """Return the environment of *pins* where it is built already."""
        place = self.folder / _key(pins)
        try:
            mark = msgspec.json.decode((place / "environment.json").read_bytes(), type=EnvironmentMark)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, *UNREADABLE) as error:
            raise PlatformFault(
                "environment_unavailable", detail=f"{place}: {error}; remove the folder"
            ) from None
        return Environment(built(place / "packages"), mark)

    def take(self, pins: Sequence[Pin], wheels: Path | None = None) -> Environment:
        """Return the environment of *pins*, built where it is not here yet.

        Parameters
        ----------
        pins : sequence of Pin
        wheels : Path, optional
            A folder of wheels that came along.

        Raises
        ------
        LockError
            It cannot be built anywhere, or not for this Python and machine.
        PlatformFault
            ``environment_unavailable`` or ``disk_full``: it cannot be built here and now.
        """
        found = self.kept(pins)
        if found is not None:
            return found
        carried = check_carried(wheels, pins) if wheels is not None else set()
        missing = [pin for pin in pins if pin.name not in carried]
        if missing and not self.index:
            raise PlatformFault(
                "environment_unavailable",
                detail=f"{missing[0].name} {missing[0].version} does not come along, and the owner of this machine allows no index",
            )
        key = _key(pins)
        try:
            with self._alone(key):
                found = self.kept(pins)  # by another builder, meanwhile
                return found or self._build(key, pins, wheels)
        except OSError as error:
            code = "disk_full" if error.errno in (28, 122) else "unwritable"
            raise PlatformFault(code, where=str(self.folder), detail=str(error)) from None

    @contextlib.contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        import fcntl  # not at the top: whoever reads evidence on Windows has none

        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        with (self.folder / f".{key}.lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _build(self, key: str, pins: Sequence[Pin], wheels: Path | None) -> Environment:
        for left in self.folder.glob(f".{key}.building-*"):
            _remove(left)
        workshop = Path(tempfile.mkdtemp(prefix=f".{key}.building-", dir=self.folder))
        try:
            workshop.chmod(0o755)
            packages = workshop / "packages"
            self._install(pins, wheels, workshop / "requirements.txt", packages)
            digest = _settle(packages)
            mark = EnvironmentMark(digest, platform.python_version(), platform.machine())
            with (workshop / "environment.json").open("wb") as file:
                file.write(msgspec.json.encode(mark))
                file.flush()
                os.fsync(file.fileno())
            place = self.folder / key
            if place.exists():  # cut short by a disk that failed: without a mark it was never whole
                _remove(place)
            workshop.rename(place)
        finally:
            _remove(workshop)
        return Environment(built(place / "packages"), mark)

    def _install(self, pins: Sequence[Pin], wheels: Path | None, requirements: Path, target: Path) -> None:
        lines = [
            " ".join([f"{pin.name}=={pin.version}", *(f"--hash={each}" for each in pin.hashes)])
            for pin in pins
        ]
        requirements.write_text("\n".join([*lines, ""]))
        command = [
            *_bounded(), find_uv(), "pip", "install", "--target", str(target), "--python", sys.executable,
            "--no-deps", "--require-hashes", "--only-binary", ":all:", "--link-mode", "copy",
            "--quiet", "--no-config", "--no-python-downloads", "--no-progress", "--color", "never",
            "--requirement", str(requirements), *self._sources(wheels),
        ]  # fmt: skip
        kept_back = ("UV_", "PIP_", "PYTHON")
        own = {name: said for name, said in os.environ.items() if not name.startswith(kept_back)}
        own |= {name: os.environ[name] for name in ("UV_CACHE_DIR",) if name in os.environ}
        try:
            ended = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=BUILD_S, env=own,
                stdin=subprocess.DEVNULL, cwd=requirements.parent,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            detail = f"the build took longer than {BUILD_S:g} s"
            raise PlatformFault("environment_unavailable", detail=detail) from None
        if ended.returncode:
            raise _refusal(ended.stderr, pins)

    def _sources(self, wheels: Path | None) -> list[str]:
        folders = [str(wheels)] if wheels is not None else []
        if self.index.startswith("/"):
            folders.append(self.index)
        index = ["--default-index", self.index] if self.index and self.index[0] != "/" else ["--no-index"]
        return [*index, *(part for folder in folders for part in ("--find-links", folder))]


def find_uv() -> str:
    """Find the installer: on the PATH, else the package ``uv``.

    Raises
    ------
    PlatformFault
        There is neither.
    """
    path = shutil.which("uv")
    if path is None and importlib.util.find_spec("uv") is not None:
        from uv import find_uv_bin  # type: ignore[import-not-found, unused-ignore]

        path = str(find_uv_bin())
    if path is None:
        detail = "uv, which installs wheels, is missing: pip install uv"
        raise PlatformFault("environment_unavailable", detail=detail)
    return path


def _key(pins: Sequence[Pin]) -> str:
    python = f"{sys.implementation.name}-{platform.python_version()}"
    return digest_data([python, platform.machine(), platform.libc_ver(), tuple(pins)]).removeprefix("sha256:")


def _bounded() -> list[str]:
    bounding = shutil.which("prlimit")
    return [bounding, f"--fsize={BYTES_LIMIT}", "--"] if bounding else []


def _settle(packages: Path) -> str:
    """Leave nothing but what was installed, readable by all and writable by nobody; return the digest of it."""
    recorded = _recorded(packages)
    (packages / ".lock").unlink(missing_ok=True)
    shutil.rmtree(packages / "bin", ignore_errors=True)  # its scripts name this machine's Python
    rows, total = [], 0
    for path in sorted(packages.rglob("*")):
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise LockError(str(path.relative_to(packages)), "a link or device", "wheels of plain files")
        if path.is_dir():
            continue
        total += path.stat().st_size
        runs = bool(path.stat().st_mode & 0o100)
        path.chmod(0o555 if runs else 0o444)
        if not (path.name in _BY_THE_WAY and path.parent.name.endswith(".dist-info")):
            name, digest = path.relative_to(packages).as_posix(), digest_file(path)
            _check_recorded(name, digest, recorded)
            rows.append((name, runs, digest))
    if total > BYTES_LIMIT:
        raise LockError("the environment", f"{total} bytes", f"at most {BYTES_LIMIT}")
    for folder in (packages, *(path for path in packages.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    return digest_data(rows)


def _recorded(packages: Path) -> dict[str, str]:
    """Return what each package's RECORD says of its files (``sha256=…`` in base64, or nothing), by path.

    Raises
    ------
    LockError
        Two packages bring the same file, and not the same bytes: which stays would be the installer's hurry.
    """
    found: dict[str, tuple[str, str]] = {}
    for record in sorted(packages.glob("*.dist-info/RECORD")):
        by = record.parent.name.removesuffix(".dist-info")
        with record.open(encoding="utf-8", errors="replace", newline="") as rows:
            for path, said, *_ in (row for row in csv.reader(rows) if len(row) > 1):
                name = posixpath.normpath(path)
                before, theirs = found.setdefault(name, (by, said))
                if before != by and not (said == theirs and said.startswith("sha256=")):
                    raise LockError(
                        f"the environment: {name[:120]}",
                        f"a file that {before} and {by} both bring",
                        "packages that do not overwrite each other's files",
                    )
    return {name: said for name, (_by, said) in found.items()}


def _check_recorded(name: str, digest: str, recorded: dict[str, str]) -> None:
    """Hold a file to its RECORD, as PEP 427 asks of installers ("both mentioned and correctly hashed")."""
    said = recorded.get(name)
    if said is None:
        found = "a file that no RECORD names"
    elif said.startswith("sha256=") and said != _in_base64(digest):
        found = "a file that is another than its RECORD says"
    else:
        return
    raise LockError(f"the environment: {name[:120]}", found, "wheels whose RECORD is true")


def _in_base64(digest: str) -> str:
    binary = bytes.fromhex(digest.removeprefix("sha256:"))
    return "sha256=" + base64.urlsafe_b64encode(binary).rstrip(b"=").decode()


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _refusal(told: str, pins: Sequence[Pin]) -> Exception:
    """Read what the installer says: the machine's trouble, or what is wrong with the pins."""
    said = " ".join(line.strip(" │├╰─▶×·") for line in told.strip().splitlines() if line.strip())[:400]
    if _NO_ROOM.search(told):
        return PlatformFault("disk_full", where=said)
    # A package may be called mysql-connector or certificates: whose trouble it is, its name must not say.
    names = sorted((pin.name for pin in pins), key=len, reverse=True)
    named_by_pins = re.compile("|".join(name.replace("-", "[-_.]+") for name in names), re.IGNORECASE)
    if _OF_THE_LINE.search(named_by_pins.sub("", told)):
        return PlatformFault("environment_unavailable", detail=said)
    named = next((pin for pin in pins if pin.name in told.lower().replace("_", "-")), None)
    where = f"{named.name} {named.version}" if named else "the lock"
    return LockError(where, said, f"wheels for Python {platform.python_version()} on {platform.machine()}")
