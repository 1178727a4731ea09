"""A process of its own for each case, for engines whose results follow what their process did before.

A template process has loaded what every case needs and runs nothing itself; each call is answered by a copy of it
that is gone afterwards. Even memory then lies alike from call to call: the copy works in a thread of its own, and so
in a region of the C library's memory that nobody has used.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import multiprocessing
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, NoReturn, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

PATIENCE_S = 5.0
"""How long a template is given to end by itself [s]."""

_SERVE = "import sys; from lumbung.proving.apart import serve; serve(int(sys.argv[1]))"
_PR_SET_PDEATHSIG = 1


class Lost(RuntimeError):
    """The process of a call ended without an answer."""


class Apart(Generic[Task, Result]):
    """Calls a function, each time in a fresh copy of one template process.

    The template starts with the first call, ends with this process or with `close`, and is replaced should it die.
    Calls of several threads wait for each other.

    Parameters
    ----------
    prepare : callable
        Called in the template before each copy is made, with the task: loads what later tasks need too. What it
        raises is dropped.
    function : callable
        Called in the copy with the task. Both are functions of modules, so that the template can import them; tasks
        and results are picklable.
    """

    def __init__(self, prepare: Callable[[Task], None], function: Callable[[Task], Result]) -> None:
        self._story = (prepare, function)
        self._lock = threading.Lock()
        atexit.register(self.close)
        self._template: tuple[subprocess.Popen[bytes], Connection] | None = None

    def __call__(self, task: Task) -> Result:
        """Return what the function returns.

        Raises
        ------
        Lost
            The copy, or the template, died; or the function raised.
        """
        with self._lock:
            try:
                requests = self._started()
                requests.send(task)
                answered, answer = requests.recv()
            except (EOFError, OSError) as error:
                self.close()
                raise Lost(f"the template of cases ended: {error or type(error).__name__}") from None
            except BaseException:  # an interrupt: nobody waits for this copy any more
                self.close()
                raise
        if not answered:
            raise Lost(answer)
        result: Result = pickle.loads(answer)  # noqa: S301 - written by the copy of our own process
        return result

    def _started(self) -> Connection:
        if self._template is None:
            ours, theirs = multiprocessing.Pipe()
            # In a group of its own: an interrupt at the terminal reaches this process, which then closes the template.
            process = subprocess.Popen(
                [sys.executable, "-c", _SERVE, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
            theirs.close()
            self._template = process, ours
            ours.send(self._story)
        return self._template[1]

    @property
    def pid(self) -> int | None:
        """The template's process id, None while there is none."""
        return self._template[0].pid if self._template is not None else None

    def close(self) -> None:
        """End the template and whatever copy still runs; a later call starts a new one."""
        if self._template is not None:
            process, requests = self._template
            self._template = None
            requests.close()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:  # a process forked from this one still holds our end
                process.kill()
                process.wait()


def serve(descriptor: int) -> None:
    """Be a template: answer the calls that come over the socket *descriptor* until its other end closes."""
    requests = Connection(descriptor)
    with contextlib.suppress(EOFError, ConnectionError):  # whoever asked is gone, in order or not
        prepare, function = requests.recv()
        while True:
            task = requests.recv()
            with contextlib.suppress(Exception):
                prepare(task)
            requests.send(_in_a_copy(function, task, requests))


def _in_a_copy(function: Callable[[Any], Any], task: Any, requests: Connection) -> tuple[bool, Any]:
    """Return (True, the pickled result) or (False, how the copy ended)."""
    answers, theirs = multiprocessing.Pipe(duplex=False)
    # Whatever becomes of the copy, its temporary files go. The name's length never varies.
    folder = tempfile.mkdtemp(prefix="lumbung-case-")
    parent = os.getpid()
    copy = os.fork()
    if copy == 0:
        answers.close()
        requests.close()
        _answer(function, task, theirs, folder, parent)
    theirs.close()
    try:
        if requests in wait([answers, requests]):  # nothing is asked meanwhile: the asker is gone
            os.kill(copy, signal.SIGKILL)
        answer = answers.recv_bytes()
    except EOFError:
        answer = None
    finally:
        answers.close()
        status = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
        shutil.rmtree(folder, ignore_errors=True)
    return (True, answer) if answer is not None else (False, f"the process of a case ended with {status}")


def _answer(
    function: Callable[[Any], Any], task: Any, theirs: Connection, folder: str, parent: int
) -> NoReturn:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    tempfile.tempdir = folder
    gc.freeze()  # what the template loaded is there to stay: the collector need not look through it again and again
    sent = threading.Event()

    def work() -> None:
        theirs.send_bytes(pickle.dumps(function(task)))
        sent.set()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join()
    # Not by the usual way out: what the copy inherited is its template's to end.
    sys.stderr.flush()
    os._exit(0 if sent.is_set() else 1)
