"""Asks the processes that keep the ground in memory, which are started when a map asks first and again if they died.

There are two: one for what a person waits for, one for what takes its time, so that the first never waits for the second.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from typing import Any

from lumbung.desk.jobs.folder import Job


class _Mind:
    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def ask(self, question: str) -> dict[str, Any]:
        with self._turn:
            for _attempt in range(2):  # the first may find a process that just died
                with contextlib.suppress(OSError, ValueError):
                    process = self._running()
                    if process.stdin is not None and process.stdout is not None:
                        process.stdin.write(question + "\n")
                        process.stdin.flush()
                        found: dict[str, Any] = json.loads(process.stdout.readline())
                        return found
                self._forget()
        return {"error": "died"}

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "lumbung.desk.connectivity.live"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
        return self._process

    def _forget(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None


_quick, _patient = _Mind(), _Mind()


def ask(job: Job, what: str, *, patient: bool = False, **given: Any) -> dict[str, Any]:
    """Return the answer to a question about a job; ``error`` where there is none.

    One question at a time of each kind: the engine uses every processor for each.

    Parameters
    ----------
    job : Job
    what : str
        As `lumbung.desk.connectivity.live` knows it.
    patient : bool
        Whether it may take long; nobody's quick question waits behind it.
    given
        With the question.
    """
    return (_patient if patient else _quick).ask(json.dumps({"job": str(job.folder), "ask": what, **given}))
