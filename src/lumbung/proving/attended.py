"""A worker process that is watched: it may die, hang or grow, and only the task it had is lost.

A judge is a stranger's program too. It is not shut in as a solution is, but nothing it does may end whoever asked for
its verdict: it works in a process of its own, for a bounded time, within bounded memory. The worker stays warm from
task to task of one judge, since engines are slow to load; one that a task left in disorder (another folder, an emptied
environment, threads that go on) is replaced, and what a judge changed inside Python no other judge ever meets. Whatever
a worker started ends with it, daemons too.
"""

from __future__ import annotations

import _thread
import contextlib
import itertools
import multiprocessing
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

LOOK_S = 0.2
"""How often a busy worker is looked at [s]."""
PATIENCE_S = 5.0
"""How long a worker is given to end by itself [s]."""

_SERVE = "from lumbung.proving.attended import serve; import sys; serve(int(sys.argv[1]), int(sys.argv[2]))"
_MARK = "LUMBUNG_WORKER"
"""In the environment of a worker and of all that descends from it, however it was started."""
_numbers = itertools.count()
_LIMITS = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_FSIZE")
_inside = False


class Watch(msgspec.Struct, frozen=True):
    """What one task may take.

    Attributes
    ----------
    wall_s : float
        [s]
    memory_bytes : int
        Resident memory of the worker and everything it started [bytes]; watched where there is ``/proc``.
    judge : str
        Whose code the task runs. A worker serves one judge: another would meet what this one patched.
    """

    wall_s: float
    memory_bytes: int
    judge: str = ""


class Lost(msgspec.Struct, frozen=True):
    """How a worker ended over a task.

    Attributes
    ----------
    how : {"ended", "killed", "timed_out", "out_of_memory"}
        ``killed``: by a signal that somebody else may have sent (SIGKILL, SIGTERM).
    detail : str
        The exit code or signal.
    """

    how: Literal["ended", "killed", "timed_out", "out_of_memory"]
    detail: str = ""


class Unreadable(Exception):
    """What came back from a worker is no answer."""


class WorkerUnavailable(RuntimeError):
    """No worker process could be started here."""


def inside() -> bool:
    """Tell whether this process is such a worker."""
    return _inside


class Worker:
    """One worker process. Give it a task with `begin`; `answers` becomes readable when it has done it.

    Parameters
    ----------
    silent : bool
        Drop what tasks print; else it goes to standard error, so that standard output stays the caller's.
    """

    def __init__(self, *, silent: bool = False) -> None:
        self.answers, theirs = multiprocessing.Pipe()
        alive, self._life = os.pipe()
        self._mark = f"{_MARK}={os.getpid()}.{next(_numbers)}"
        name, _, value = self._mark.partition("=")
        self.judge: str | None = None
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _SERVE, str(theirs.fileno()), str(alive)],
                pass_fds=[theirs.fileno(), alive],
                env={**os.environ, name: value},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL if silent else 2,
                stderr=subprocess.DEVNULL if silent else None,
                process_group=0,  # an interrupt at the terminal reaches the asker alone, who then ends it in order
            )
        except OSError as error:
            self.answers.close()
            os.close(self._life)
            raise WorkerUnavailable(f"no process could be started: {error}") from error
        finally:
            theirs.close()
            os.close(alive)
        self._until = float("inf")
        self._watch: Watch | None = None
        self._killed_here = False
        try:
            self.answers.send(sys.path)
            self.answers.recv()
        except (EOFError, OSError):
            self.kill()
            raise WorkerUnavailable(f"a worker process ended at its start ({self._how_it_ended()})") from None

    def begin(self, function: Callable[[Any], Any], task: Any, watch: Watch | None) -> None:
        """Hand over a task. Both are picklable, and *function* is a module's.

        Raises
        ------
        OSError
            The worker is gone.
        """
        self._watch, self.judge = watch, watch.judge if watch is not None else ""
        self._until = time.monotonic() + watch.wall_s if watch is not None else float("inf")
        self.answers.send_bytes(pickle.dumps((function, task)))

    def finish(self) -> tuple[Any, bool]:
        """Read the answer; returns the result, and whether the worker may be used again.

        Raises
        ------
        Unreadable
            There is none: the worker ended, or wrote something else on its way back.
        Exception
            What the function raised.
        """
        try:
            fine, answer, usable = pickle.loads(self.answers.recv_bytes())  # noqa: S301 - our own process wrote it
        except Exception as error:
            raise Unreadable from error
        if not fine:
            raise answer
        return answer, usable

    def trouble(self) -> Lost | None:
        """Look at a busy worker: has it ended, or taken too long, or too much?"""
        if self._process.poll() is not None and not self.answers.poll():
            return self.how_it_was_lost()
        if time.monotonic() > self._until:
            return Lost("timed_out")
        if self._watch is not None and memory_of(self._process.pid) > self._watch.memory_bytes:
            return Lost("out_of_memory")
        return None

    def how_it_was_lost(self) -> Lost:
        """Say how a worker ended that left no answer."""
        self.kill()
        if self._process.returncode == -signal.SIGKILL and self._killed_here:
            return Lost("ended", "rubbish on the way back")
        killed = self._process.returncode in (-signal.SIGKILL, -signal.SIGTERM)
        return Lost("killed" if killed else "ended", self._how_it_ended())

    def _how_it_ended(self) -> str:
        code = self._process.returncode
        if code is None or code >= 0:
            return f"exit code {code}"
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
        return f"signal {-code}"

    def kill(self) -> None:
        """End it now, and everything it started."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)  # it may be ending by itself, and its own exit code tells more
        self._killed_here = self._process.poll() is None
        for process in reversed(list(_tree(self._process.pid))):
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for process in _marked(self._mark):  # daemons, whose parents are long gone
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        self._release()

    def stop(self) -> None:
        """Interrupt its task, so that a box that is open is closed on the way out."""
        self._release()

    def close(self) -> None:
        """Let it end, in order where it does so soon."""
        self.answers.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE_S)
        self.kill()

    def _release(self) -> None:
        self.answers.close()
        if self._life >= 0:
            os.close(self._life)
            self._life = -1


def memory_of(process: int) -> int:
    """Return the resident memory of a process and its descendants [bytes]; 0 where there is no ``/proc``."""
    pages = 0
    for one in _tree(process):
        with contextlib.suppress(OSError, IndexError, ValueError):
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _tree(process: int) -> Iterator[int]:
    yield process
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            with contextlib.suppress(OSError):
                for child in (thread / "children").read_text().split():
                    yield from _tree(int(child))


def _marked(mark: str) -> Iterator[int]:
    """Find the processes that have *mark* in the environment they were started with; none where there is no ``/proc``."""
    wanted = mark.encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)


# ------------------------------------------------------------------------------------------ in the worker


def serve(descriptor: int, alive: int) -> None:
    """Be a worker: answer tasks that come over *descriptor* until its other end closes.

    The other end of the pipe *alive* closes when nobody waits any more, also where the asker was killed.
    """
    global _inside
    _inside = True
    requests = Connection(descriptor)
    try:
        with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
            sys.path[:] = requests.recv()
            requests.send("ready")
            threading.Thread(target=_end_with_the_asker, args=(alive,), daemon=True).start()
            while True:
                requests.send_bytes(_answer(requests.recv_bytes()))
    finally:
        signal.signal(
            signal.SIGINT, signal.SIG_IGN
        )  # on its way out already; what is left to close is closed


def _end_with_the_asker(alive: int) -> None:
    while os.read(alive, 1):
        pass
    _thread.interrupt_main()  # a box that is open is closed on the way out
    time.sleep(PATIENCE_S / 2)
    os.killpg(0, signal.SIGKILL)


def _answer(request: bytes) -> bytes:
    worker, before = os.getpid(), _surroundings()
    answer: tuple[bool, Any]
    try:
        function, task = pickle.loads(request)  # noqa: S301 - the asker wrote it
        answer = True, function(task)
    except Exception as error:
        answer = False, error
    except BaseException as error:  # an end that somebody wished for; the asker must not take it for its own
        answer = False, RuntimeError(f"the task ended with {type(error).__name__}")
    if os.getpid() != worker:  # a copy that the task made and forgot
        os._exit(0)
    usable = _unspoiled(before, _surroundings())
    try:
        return pickle.dumps((*answer, usable))
    except Exception as error:
        return pickle.dumps((False, RuntimeError(f"an answer that cannot travel: {error}"), usable))


class _Surroundings(NamedTuple):
    """What the next task needs to find as this one did: a box that opens under another umask or an empty environment
    would fail, and its team would hear that its solution ended by itself."""

    folder: str
    umask: int
    environment: dict[str, str]
    threads: frozenset[int | None]
    handlers: tuple[object, ...]
    socket_timeout: float | None
    limits: tuple[tuple[int, int], ...]


def _resource_limits() -> tuple[tuple[int, int], ...]:
    """Return the process's own limits; there are none to ask for where the system has no POSIX."""
    try:
        import resource
    except ImportError:
        return ()
    return tuple(resource.getrlimit(getattr(resource, name)) for name in _LIMITS)


def _surroundings() -> _Surroundings:
    umask = os.umask(0o077)
    os.umask(umask)
    try:
        folder = str(Path.cwd())
    except OSError:
        folder = ""
    return _Surroundings(
        folder,
        umask,
        dict(os.environ),
        frozenset(thread.ident for thread in threading.enumerate()),
        tuple(signal.getsignal(number) for number in (signal.SIGCHLD, signal.SIGPIPE)),
        socket.getdefaulttimeout(),
        _resource_limits(),
    )


def _unspoiled(before: _Surroundings, after: _Surroundings) -> bool:
    """Tell whether a task left its process as it found it; engines may add to the environment, and threads may end."""
    kept = all(after.environment.get(name) == value for name, value in before.environment.items())
    same = before._replace(environment={}, threads=frozenset()) == after._replace(
        environment={}, threads=frozenset()
    )
    return kept and same and after.threads <= before.threads
