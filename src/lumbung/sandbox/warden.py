"""One thread per box: it launches the program, keeps its log, watches its limits and sees it out.

The thread is the program's parent in the kernel's eyes, so that the death signal reaches the box when the thread ends
for whatever reason. It never touches messages: a question and its answer pass without it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lumbung.sandbox.accounts import Account, sample_family
from lumbung.sandbox.faults import BoxFault
from lumbung.sandbox.legible import legible
from lumbung.sandbox.limits import Limits

TICK_S = 0.1
FLOOD_FACTOR = 64
PATIENCE_S = 5.0


class Log:
    """The first and the last half of what a program printed, with a mark where the middle was cut."""

    def __init__(self, limit_bytes: int) -> None:
        self._half = limit_bytes // 2
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def add(self, piece: bytes) -> None:
        """Take in what was just read."""
        self.total += len(piece)
        room = self._half - len(self._head)
        if room > 0:
            self._head += piece[:room]
            piece = piece[room:]
        self._tail += piece
        if len(self._tail) > 2 * self._half:
            del self._tail[: -self._half or None]

    def text(self) -> str:
        """Return what was kept; undecodable bytes and what would steer a terminal are written out."""
        tail = bytes(self._tail[-self._half :]) if self._half else b""
        cut = self.total - len(self._head) - len(tail)
        mark = f"\n[... {cut} bytes cut ...]\n".encode() if cut else b""
        return legible((bytes(self._head) + mark + tail).decode("utf-8", "backslashreplace"))


@dataclass(frozen=True)
class Launch:
    """A command ready to start: its arguments, and the descriptors it inherits."""

    command: Sequence[str]
    socket: socket.socket
    descriptors: Sequence[int]
    status: tuple[int, int] | None  # read and write end of bubblewrap's status pipe; None without bubblewrap
    env: dict[str, str]
    cwd: str


class Warden(threading.Thread):
    """Launches and watches one box; :meth:`end` sees it out."""

    def __init__(self, launch: Launch, limits: Limits, account: Account | None) -> None:
        super().__init__(name="lumbung-box", daemon=True)
        self._launch = launch
        self._limits = limits
        self._account = account
        self.log = Log(limits.log_bytes)
        self.verdict: BoxFault | None = None
        self.error: OSError | None = None
        self.exit_code: int | None = None  # negative: minus the signal
        self.left_by_itself = False
        self.set_up = launch.status is None
        self.cpu_s = 0.0
        self.peak_memory_bytes = 0
        self.oom_kills = 0
        self.all_gone = False
        self.began = time.monotonic()
        self.ended: float | None = None
        self._wake_read, self._wake_write = os.pipe()
        self._exited = threading.Event()
        self._init_pidfd = self._init_pid = -1
        self._status_text = b""
        self.pid_namespace = 0
        self._returncode: int | None = None

    # ------------------------------------------------------------------ from the host's thread

    def end(self) -> None:
        """Kill what is left and wait until nothing is; calling twice is harmless."""
        with contextlib.suppress(OSError):
            os.write(self._wake_write, b"\0")
        self.join()

    def wait_exit(self, seconds: float) -> bool:
        """Wait until the program ended by itself."""
        return self._exited.wait(seconds)

    # ------------------------------------------------------------------------- the thread itself

    def run(self) -> None:
        """Launch, watch, see out."""
        log_read, log_write = os.pipe()
        try:
            process = self._spawn(log_write)
        except OSError as error:
            self.error = error
            self._close(log_read)
            return
        finally:
            os.close(log_write)
            self._release_launch()
        os.set_blocking(log_read, False)
        try:
            self._watch(process, log_read)
        finally:
            self._see_out(process, log_read)

    def _spawn(self, log_write: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._launch.command,
            stdin=self._launch.socket.fileno(),
            stdout=log_write,
            stderr=log_write,
            pass_fds=tuple(self._launch.descriptors),
            env=self._launch.env,
            cwd=self._launch.cwd,
            start_new_session=True,  # Ctrl-C is the host's to handle
        )

    def _release_launch(self) -> None:
        self._launch.socket.close()
        for descriptor in self._launch.descriptors:
            os.close(descriptor)

    def _watch(self, process: subprocess.Popen[bytes], log_read: int) -> None:
        readers: dict[int, Callable[[], bool]] = {log_read: lambda: self._read_log(log_read)}
        if self._launch.status is not None:
            readers[self._launch.status[0]] = self._read_status
        poll = select.poll()
        for descriptor in (*readers, self._wake_read):
            poll.register(descriptor, select.POLLIN)
        pidfd = _open_pidfd(process.pid)
        if pidfd >= 0:
            poll.register(pidfd, select.POLLIN)
        try:
            while True:
                left_s = self.began + self._limits.total_s - time.monotonic()
                ready = {descriptor for descriptor, _ in poll.poll(1000 * max(0.0, min(TICK_S, left_s)))}
                for descriptor in ready & readers.keys():
                    if not readers[descriptor]():
                        poll.unregister(descriptor)
                if pidfd in ready or (pidfd < 0 and self._reap(process.pid, os.WNOHANG)):
                    self.left_by_itself = True
                    return
                self.verdict = self._exceeded(process.pid)
                if self.verdict is not None or self._wake_read in ready:
                    return
        finally:
            if pidfd >= 0:
                os.close(pidfd)

    def _read_log(self, log_read: int) -> bool:
        try:
            piece = os.read(log_read, 65536)
        except BlockingIOError:
            return True
        self.log.add(piece)
        return bool(piece)

    def _read_status(self) -> bool:
        assert self._launch.status is not None
        piece = os.read(self._launch.status[0], 4096)
        self._status_text += piece
        for line in self._status_text.splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                told = json.loads(line)
                if "child-pid" in told and self._init_pidfd < 0:
                    self._init_pid = told["child-pid"]
                    self._init_pidfd = _open_pidfd(self._init_pid)
                    self.pid_namespace = told.get("pid-namespace", 0)
                # Written only when the program itself had been executed: what failed before is our own set-up.
                if "exit-code" in told:
                    self.set_up = True
                    self.exit_code = _signed(told["exit-code"])
        return bool(piece)

    def _exceeded(self, pid: int) -> BoxFault | None:
        limits = self._limits
        if time.monotonic() - self.began >= limits.total_s:
            return BoxFault("timed_out", {"which": "total", "seconds": limits.total_s})
        if self.log.total > FLOOD_FACTOR * limits.log_bytes:
            return BoxFault("log_flood", {"limit_bytes": FLOOD_FACTOR * limits.log_bytes})
        self._measure(pid)
        if self.oom_kills or (self._account is None and self.peak_memory_bytes > limits.memory_bytes):
            return BoxFault("out_of_memory", {"limit_bytes": limits.memory_bytes})
        if self.cpu_s > limits.cpu_s:
            return BoxFault("timed_out", {"which": "cpu", "seconds": limits.cpu_s})
        return None

    def _measure(self, pid: int) -> None:
        cpu_s = self._account.cpu_s() if self._account is not None else None
        if self._account is not None:
            self.oom_kills = self._account.oom_kills()
            self.peak_memory_bytes = self._account.peak_memory_bytes()
        if cpu_s is None:
            cpu_s, memory = (
                sample_family(pid, self._limits.memory_bytes) if sys.platform == "linux" else (0.0, 0)
            )
            if self._account is None:
                self.peak_memory_bytes = max(self.peak_memory_bytes, memory)
        self.cpu_s = max(self.cpu_s, cpu_s)

    # -------------------------------------------------------------------------------- seeing out

    def _see_out(self, process: subprocess.Popen[bytes], log_read: int) -> None:
        self._kill(process)
        self._reap(process.pid, 0)
        process.returncode = self._returncode
        if self._launch.status is not None:
            with contextlib.suppress(OSError):
                while self._read_status():
                    pass
            os.close(self._launch.status[0])
        if self.left_by_itself and self.exit_code is None:
            self.exit_code = process.returncode
        self.ended = time.monotonic()
        self.all_gone = self._await_init()
        if self._account is not None:
            self._measure(process.pid)
            self.all_gone = self._account.remove(PATIENCE_S) and self.all_gone
        while _readable(log_read) and self._read_log(log_read):
            if self.log.total > 2 * FLOOD_FACTOR * self._limits.log_bytes:
                break
        self._close(log_read)

    def _reap(self, pid: int, options: int) -> bool:
        """Collect the process once; with ``WNOHANG`` only if it has ended (macOS has no pidfd to wait on)."""
        if self._returncode is None:
            found, status, used = os.wait4(pid, options)
            if not found:
                return False
            self._returncode = os.waitstatus_to_exitcode(status)
            self.cpu_s = max(self.cpu_s, used.ru_utime + used.ru_stime)
        return True

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        if self._launch.status is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        elif not self.left_by_itself:
            if self._init_pidfd < 0 and _readable(self._launch.status[0], 1.0):
                self._read_status()
            if self._init_pidfd >= 0:
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(self._init_pidfd, signal.SIGKILL)
                if _await_exit(process.pid, PATIENCE_S):
                    return  # bubblewrap outside has collected its child and gone by itself
        if self._returncode is None:  # else the number may already be another's
            os.kill(process.pid, signal.SIGKILL)

    def _await_init(self) -> bool:
        # The first process of a PID namespace is gone only after every other process in it.
        if self._init_pidfd < 0:
            return True
        gone = _readable(self._init_pidfd, PATIENCE_S)
        # Orphaned when bubblewrap outside went first; where we are process 1 of a container, it is ours to collect.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._init_pid, os.WNOHANG)
        os.close(self._init_pidfd)
        self._init_pidfd = -1
        return gone

    def survivors(self) -> list[int]:
        """Numbers of the processes still in the box's PID namespace, looked for one by one in /proc."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if str((entry / "ns/pid").readlink()) == f"pid:[{self.pid_namespace}]":
                        found.append(int(entry.name))
        return [pid for pid in found if not _is_zombie(pid)]

    def _close(self, log_read: int) -> None:
        os.close(log_read)
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._wake_write = -1
        self._exited.set()


def _is_zombie(pid: int) -> bool:
    """Whether a process is dead and only waits for the machine's process 1 to collect it."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] in "ZX"


def _await_exit(pid: int, seconds: float) -> bool:
    pidfd = _open_pidfd(pid)
    if pidfd < 0:
        return False
    try:
        return _readable(pidfd, seconds)
    finally:
        os.close(pidfd)


def _open_pidfd(pid: int) -> int:
    if not hasattr(os, "pidfd_open"):
        return -1
    try:
        return os.pidfd_open(pid)
    except OSError:
        return -1


def _readable(descriptor: int, seconds: float = 0.0) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(1000 * seconds))


def _signed(exit_code: int) -> int:
    """Bubblewrap tells a signal as 128 plus its number."""
    return 128 - exit_code if 128 < exit_code <= 128 + signal.NSIG else exit_code
