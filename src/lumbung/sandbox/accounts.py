"""Control groups: one account for all processes of a box, whatever they fork.

Version 2 where a subtree is delegated to us, version 1 where its hierarchies are writable, else none: then limits hold
per process only (``prlimit``) and the sum is sampled. The group is a child of our own group (or of the nearest ancestor
we may write), so that whatever bounds us bounds the box too.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lumbung.sandbox.faults import SandboxUnavailable
from lumbung.sandbox.limits import Limits

PREFIX = "lumbung-box-"
EXTRA_PROCESSES = 3  # bwrap outside, bwrap as process 1 inside, and the short life of prlimit
_serial = itertools.count()


@dataclass(frozen=True)
class Ground:
    """Where box groups can be made: a v2 folder, or a folder per v1 controller."""

    version: Literal["cgroup2", "cgroup1"]
    folders: tuple[tuple[str, Path], ...]  # (controller or "", folder)


def _mounts(mountinfo: str) -> list[tuple[str, str, Path, str]]:
    """Return (type, options, mount point, root) of the control group mounts."""
    found = []
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields, tail = left.split(), right.split()
        if len(fields) >= 5 and len(tail) >= 3 and tail[0] in ("cgroup", "cgroup2"):
            found.append((tail[0], tail[2], Path(fields[4]), fields[3]))
    return found


def _own_groups(text: str) -> dict[str, str]:
    """Return controller -> path of our own group; the key of version 2 is empty."""
    groups: dict[str, str] = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            groups[controller] = path
    return groups


def _below(point: Path, root: str, path: str) -> Path:
    """Where our group's folder is, seen through a mount that may show only part of the hierarchy."""
    relative = path if root == "/" else path.removeprefix(root)
    return point / relative.lstrip("/")


def _writable(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and os.access(folder / "cgroup.procs", os.W_OK)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def find_ground(proc: Path = Path("/proc/self"), *, uid: int | None = None) -> Ground | None:
    """Find where box groups can be made; None where nothing is delegated to us.

    Parameters
    ----------
    proc
        Where ``mountinfo`` and ``cgroup`` are read (another folder in tests).
    uid
        Whose delegation counts; default: ours.
    """
    mounts = _mounts(_read(proc / "mountinfo"))
    groups = _own_groups(_read(proc / "cgroup"))
    return _find_version2(mounts, groups, os.geteuid() if uid is None else uid) or _find_version1(
        mounts, groups
    )


def _find_version2(
    mounts: list[tuple[str, str, Path, str]], groups: dict[str, str], uid: int
) -> Ground | None:
    for kind, _, point, root in mounts:
        if kind != "cgroup2" or "" not in groups:
            continue
        own = _below(point, root, groups[""])
        for folder in [own, *own.parents]:
            if not _writable(folder):
                break
            if {"memory", "pids"} <= set(_read(folder / "cgroup.subtree_control").split()):
                return Ground("cgroup2", (("", folder),))
            if folder == point:
                break
        if _writable(own) and _open_own_group(own, uid):
            return Ground("cgroup2", (("", own),))
    return None


def _open_own_group(own: Path, uid: int) -> bool:
    """Make our own group able to hold box groups: its processes move to a leaf, then controllers are passed on.

    Version 2 allows no processes beside controlled children. Only processes of our own user are moved.
    """
    wanted = [c for c in ("memory", "pids", "cpu") if c in _read(own / "cgroup.controllers").split()]
    if not {"memory", "pids"} <= set(wanted):
        return False
    processes = _read(own / "cgroup.procs").split()
    try:
        if any(Path(f"/proc/{pid}").stat().st_uid != uid for pid in processes):
            return False
        leaf = own / "lumbung-host"
        leaf.mkdir(exist_ok=True)
        for pid in processes:
            (leaf / "cgroup.procs").write_text(pid)
        (own / "cgroup.subtree_control").write_text(" ".join(f"+{c}" for c in wanted))
    except OSError:
        return False
    return True


def _find_version1(mounts: list[tuple[str, str, Path, str]], groups: dict[str, str]) -> Ground | None:
    folders: dict[str, Path] = {}
    for kind, options, point, root in mounts:
        for controller in ("memory", "pids", "cpuacct"):
            if kind == "cgroup" and controller in options.split(",") and controller in groups:
                folder = _below(point, root, groups[controller])
                if _writable(folder):
                    folders[controller] = folder
    if not {"memory", "pids"} <= set(folders):
        return None
    return Ground("cgroup1", tuple(sorted(folders.items())))


@functools.cache
def own_ground() -> Ground | None:
    """:func:`find_ground` for this process, looked for once."""
    return find_ground()


class Account:
    """The control group of one box.

    Raises
    ------
    SandboxUnavailable
        The group could not be made or limited.
    """

    def __init__(self, ground: Ground, limits: Limits) -> None:
        self.version = ground.version
        name = f"{PREFIX}{os.getpid()}-{next(_serial)}"
        _sweep(ground)
        self._groups = {controller: folder / name for controller, folder in ground.folders}
        try:
            for folder in dict.fromkeys(self._groups.values()):
                folder.mkdir()
            self._limit(limits)
        except OSError as error:
            self.remove()
            raise SandboxUnavailable(
                f"the control group for a box could not be set up: {error}. Delegate a subtree with memory and pids "
                "to this user (systemd: Delegate=yes), or withdraw write access to it so that rlimits are used"
            ) from error

    def _limit(self, limits: Limits) -> None:
        memory, pids = self._folder("memory"), self._folder("pids")
        (pids / "pids.max").write_text(str(limits.processes + EXTRA_PROCESSES))
        if self.version == "cgroup2":
            (memory / "memory.max").write_text(str(limits.memory_bytes))
            _write_if_there(memory / "memory.swap.max", "0")
            _write_if_there(memory / "memory.oom.group", "1")
        else:
            (memory / "memory.limit_in_bytes").write_text(str(limits.memory_bytes))
            _write_if_there(memory / "memory.memsw.limit_in_bytes", str(limits.memory_bytes))
            _write_if_there(memory / "memory.swappiness", "0")

    def _folder(self, controller: str) -> Path:
        return self._groups[controller if self.version == "cgroup1" else ""]

    def doors(self) -> list[Path]:
        """Return the files a process writes its number into to join."""
        return [folder / "cgroup.procs" for folder in dict.fromkeys(self._groups.values())]

    def cpu_s(self) -> float | None:
        """CPU seconds used by all its processes, dead or alive; None where not accounted."""
        if self.version == "cgroup2":
            return _field(self._folder("") / "cpu.stat", "usage_usec") / 1e6
        if "cpuacct" not in self._groups:
            return None
        return int(_read(self._groups["cpuacct"] / "cpuacct.usage") or 0) / 1e9

    def peak_memory_bytes(self) -> int:
        """The most memory the box held at one moment [bytes]."""
        folder = self._folder("memory")
        name = "memory.peak" if self.version == "cgroup2" else "memory.max_usage_in_bytes"
        fallback = "memory.current" if self.version == "cgroup2" else "memory.usage_in_bytes"
        return int(_read(folder / name) or _read(folder / fallback) or 0)

    def oom_kills(self) -> int:
        """How often the kernel killed one of its processes for want of memory."""
        folder = self._folder("memory")
        return _field(
            folder / ("memory.events" if self.version == "cgroup2" else "memory.oom_control"), "oom_kill"
        )

    def processes(self) -> list[int]:
        """Numbers of the processes in the box, as seen from here."""
        found: set[int] = set()
        for door in self.doors():
            found.update(int(pid) for pid in _read(door).split())
        return sorted(found)

    def kill(self) -> None:
        """Kill whatever is in the box."""
        if self.version == "cgroup2":
            _write_if_there(self._folder("") / "cgroup.kill", "1")
        for pid in self.processes():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, 9)

    def remove(self, patience_s: float = 5.0) -> bool:
        """Remove the group, waiting until its processes are gone; False where some did not go."""
        until = time.monotonic() + patience_s
        pause_s = 0.0005
        for folder in dict.fromkeys(self._groups.values()):
            while not _remove(folder):
                if time.monotonic() > until:
                    return False
                self.kill()
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, 0.05)
        return True


def _remove(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _write_if_there(path: Path, text: str) -> None:
    if path.exists():
        path.write_text(text)


def _field(path: Path, name: str) -> int:
    for line in _read(path).splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0


def _sweep(ground: Ground) -> None:
    """Remove the empty groups that a host killed in mid-run left behind."""
    for _, folder in ground.folders:
        for stale in folder.glob(f"{PREFIX}*"):
            pid = stale.name.removeprefix(PREFIX).partition("-")[0]
            if pid.isdigit() and not Path(f"/proc/{pid}").exists():
                _remove(stale)


# ------------------------------------------------------------------------- without control groups


def sample_family(root: int) -> tuple[float, int]:
    """CPU seconds and resident bytes of a process and all that descend from it, now.

    A process that leaves its parent inside a PID namespace is adopted by that namespace's first process, so it stays
    a descendant. Pages shared between processes are counted once for each: too strict rather than too lax.
    """
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    ticks, pages, waiting = 0, 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                waiting.extend(int(child) for child in children.read_text().split())
        except OSError:
            continue
        ticks += sum(int(field) for field in stat[11:15])  # own and waited-for children's, user and system
        pages += int(stat[21])
    return ticks / tick, pages * page
