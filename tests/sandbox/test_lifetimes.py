"""Nothing survives: not a closed box, not a killed host, not Ctrl-C; no process, no file, no control group."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lumbung.sandbox import BoxFault, Limits, accounts, box, open_box

Write = Callable[[str], Path]
ROOT = Path(__file__).parents[2]

# Marks its own process and two that hide from it, one in a session of its own.
MARKED = """
    import os, sys, time
    def hide(mark):
        for session in (False, True):
            if os.fork() == 0:
                if session:
                    os.setsid()
                    if os.fork() != 0:
                        os._exit(0)
                os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)", mark])
        time.sleep(0.3)
        return "hidden"
    def hang(payload):
        time.sleep(60)
"""


def marked(mark: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if mark.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


def gone_within(mark: str, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while marked(mark):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def box_groups(host: int) -> set[Path]:
    """Control groups of the boxes of one host process; others may judge on this machine at the same time."""
    mine = f"{accounts.PREFIX}{host}-*"
    ground = accounts.own_ground()
    return {path for _, folder in ground.folders for path in folder.glob(mine)} if ground else set()


def test_a_closed_box_takes_its_children_along(submission: Write) -> None:
    mark = secrets.token_hex(8)
    before = box_groups(os.getpid())
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    with open_box(submission(MARKED)) as opened:
        assert opened.ask("hide", mark) == "hidden"
        assert len(marked(mark)) == 2
        assert opened._warden.survivors(), "while it is open they are in its namespace"
    assert marked(mark) == [] and opened._warden.survivors() == []
    assert box_groups(os.getpid()) == before
    assert len(list(Path("/proc/self/fd").iterdir())) == descriptors
    assert not opened._warden.is_alive()


def test_a_hanging_box_takes_its_children_along(submission: Write) -> None:
    mark = secrets.token_hex(8)
    with pytest.raises(BoxFault) as caught, open_box(submission(MARKED)) as opened:
        opened.ask("hide", mark)
        opened.ask("hang", timeout_s=0.2)
    assert caught.value.code == "timed_out"
    assert marked(mark) == []


def test_no_file_is_left(submission: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    folder = submission("def solve(payload):\n    open('/tmp/left', 'w').write('x' * 1000)\n    return True")
    before = sorted(tmp_path.rglob("*"))
    mounts = Path("/proc/self/mountinfo").read_text()
    with open_box(folder) as opened:
        assert opened.ask("solve") is True
    assert sorted(tmp_path.rglob("*")) == before
    assert not Path("/tmp/left").exists()
    assert Path("/proc/self/mountinfo").read_text() == mounts


HOST = """
import sys, time
from pathlib import Path
from lumbung.sandbox import open_box
opened = open_box(Path(sys.argv[1]))
opened.ask("hide", sys.argv[2])
try:
    print("ready", flush=True)
    opened.ask("hang", timeout_s=60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    opened.close()
    sys.exit(130)
"""


@contextlib.contextmanager
def host(folder: Path, mark: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOST, str(folder), mark]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def test_a_killed_host_takes_its_box_along(submission: Write) -> None:
    mark = secrets.token_hex(8)
    with host(submission(MARKED), mark) as process:
        assert len(marked(mark)) == 3  # the two hidden ones, and the host itself, told the mark
        process.kill()
        process.wait()
        assert gone_within(mark, 5)
    # What the killed host could not clear away, the next box does, once the kernel has emptied it.
    until = time.monotonic() + 5
    while any((group / "cgroup.procs").read_text() for group in box_groups(process.pid)):
        assert time.monotonic() < until
        time.sleep(0.02)
    with open_box(submission(MARKED)):
        assert not box_groups(process.pid)


def test_ctrl_c_ends_host_and_box(submission: Write) -> None:
    mark = secrets.token_hex(8)
    with host(submission(MARKED), mark) as process:
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole foreground group
        told, _ = process.communicate(timeout=20)
        assert (process.returncode, told.split()) == (130, ["interrupted"])
        assert gone_within(mark, 5)


def test_ctrl_c_does_not_reach_the_solution(submission: Write) -> None:
    """A host that handles Ctrl-C by finishing its case must find the solution alive."""
    code = """
        import signal
        heard = []
        signal.signal(signal.SIGINT, lambda *_: heard.append(1))
        def solve(payload): return len(heard)
    """
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with open_box(submission(code)) as opened:
            os.kill(os.getpid(), signal.SIGINT)
            assert opened.ask("solve") == 0
            # The box is in another session, so no terminal's signal can reach it.
            assert os.getsid(opened._warden._init_pid) != os.getsid(0)
    finally:
        signal.signal(signal.SIGINT, previous)


@pytest.mark.parametrize("after_ms", [0, 1, 2, 4, 8, 12, 16, 24, 32])
def test_a_host_killed_while_it_launches_leaves_nothing(after_ms: int, submission: Write) -> None:
    mark = secrets.token_hex(8)
    folder = submission(f"import time\nMARK = '{mark}'\ntime.sleep(60)")
    marked_folder = folder.rename(folder.with_name(mark))
    code = f"""
import os, threading, time
from pathlib import Path
from lumbung.sandbox import Limits, open_box
threading.Thread(target=lambda: (time.sleep({after_ms / 1000}), os.kill(os.getpid(), 9))).start()
open_box(Path({str(marked_folder)!r}))
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    # The submission's path is an argument of bwrap's, so the mark finds the whole chain.
    assert gone_within(mark, 5)


# ------------------------------------------------------------------------ without control groups


@pytest.fixture
def rlimits_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box, "own_ground", lambda: None)


HOGS = {
    "one": "x = bytearray(b'x') * (1 << 30)",
    "many": "[os.fork() == 0 and (globals().update(x=bytearray(b'x') * (80 << 20)), time.sleep(20)) for _ in range(6)]",
}


@pytest.mark.usefixtures("rlimits_only")
@pytest.mark.parametrize("hog", HOGS)
def test_memory_is_held_by_rlimits_and_samples(hog: str, submission: Write, tight: Limits) -> None:
    folder = submission(f"import os, time\ndef solve(payload):\n    {HOGS[hog]}\n    time.sleep(20)")
    with pytest.raises(BoxFault) as caught, open_box(folder, tight) as opened:
        assert opened.isolation.limits_by == "rlimit" and "sampled" in opened.isolation.notes[0]
        opened.ask("solve", timeout_s=15)
    assert caught.value.code == "out_of_memory"


@pytest.mark.usefixtures("rlimits_only")
@pytest.mark.parametrize("forks", [0, 2])
def test_cpu_time_is_held_by_rlimits_and_samples(forks: int, submission: Write) -> None:
    code = f"import os\ndef solve(payload):\n    for _ in range({forks}):\n        os.fork()\n    while True: pass"
    with pytest.raises(BoxFault) as caught, open_box(submission(code), Limits(cpu_s=0.5)) as opened:
        opened.ask("solve")
    assert (caught.value.code, caught.value.params["which"]) == ("timed_out", "cpu")


@pytest.mark.usefixtures("rlimits_only")
def test_processes_are_held_by_rlimits(submission: Write) -> None:
    code = """
        import os, time
        def solve(payload):
            made = 0
            try:
                while True:
                    if os.fork() == 0:
                        time.sleep(20)
                    made += 1
            except BlockingIOError:
                return made
    """
    with open_box(submission(code), Limits(processes=20)) as opened:
        assert 10 <= opened.ask("solve") <= 20
    assert opened._warden.survivors() == []


# ------------------------------------------------------------------------------ as another user


@pytest.fixture
def foreign_python() -> Iterator[list[str]]:
    """A command that runs Python as a user with no rights at all, from an installation of his own."""
    if os.geteuid() != 0:
        pytest.skip("takes root to become another user; as a plain user, every other test is this test")
    system = Path("/usr/bin") / f"python{sys.version_info.major}.{sys.version_info.minor}"
    if not system.exists():
        pytest.skip(f"needs {system}, which every user can reach")
    folder = Path(f"/tmp/lumbung-test-{secrets.token_hex(4)}")
    site = folder / "lib" / system.name / "site-packages"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(system)
    (folder / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {sys.version.split()[0]}\n")
    ours = Path(sysconfig.get_path("purelib"))
    for package in (
        "msgpack",
        "msgspec",
        "platformdirs",
        "numpy",
        *(path.name for path in ours.glob("numpy-*.dist-info")),
        "numpy.libs",
        "click",
        "rich",
        "pygments",
        "markdown_it",
        "mdurl",
    ):
        if (ours / package).exists():
            shutil.copytree(
                ours / package, site / package, ignore=shutil.ignore_patterns("tests", "__pycache__")
            )
    shutil.copytree(ROOT / "src" / "lumbung", site / "lumbung", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests" / "hostile", site / "lumbung" / "sandbox" / "hostile")
    drop = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"]
    clean = ["env", "-i", "PATH=/usr/bin", "HOME=/nonexistent", "PYTHONDONTWRITEBYTECODE=1"]
    yield [*drop, *clean, str(folder / "bin" / "python")]
    shutil.rmtree(folder)


def test_a_plain_user_is_held_as_firmly(foreign_python: list[str]) -> None:
    chosen = "network_tcp read_host_files write_kernel_settings see_processes mount fork_bomb memory_children disk_fill"
    options = [part for name in chosen.split() for part in ("--attack", name)]
    code = "from lumbung.cli.sandbox import command; command()"
    told = subprocess.run(
        [*foreign_python, "-c", code, "check", *options], capture_output=True, text=True, cwd="/"
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "All 8 attacks were held." in told.stdout
    assert "limits by" in told.stdout


def test_an_installed_lumbung_is_hidden_from_solutions(foreign_python: list[str], submission: Write) -> None:
    code = """
import sys
from pathlib import Path
from lumbung.sandbox import open_box
site = Path(sys.argv[1]).parents[1] / "lib"
with open_box(Path(sys.argv[2])) as opened:
    print(opened.ask("solve"))
"""
    folder = Path(foreign_python[-1]).parents[1] / "submission"
    shutil.copytree(
        submission(
            "def solve(payload):\n    try:\n        import lumbung\n    except ImportError:\n        return []"
        ),
        folder,
    )
    told = subprocess.run(
        [*foreign_python, "-c", code, foreign_python[-1], str(folder)],
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert told.stdout == "[]\n", told.stderr
