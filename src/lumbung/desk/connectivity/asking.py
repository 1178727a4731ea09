"""Asks the process that keeps the ground in memory, which is started when a map asks first and again if it died."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from typing import Any

from lumbung.desk.jobs.folder import Job

_turn = threading.Lock()
_process: subprocess.Popen[str] | None = None


def ask(job: Job, what: str, **given: Any) -> dict[str, Any]:
    """Return the answer to a question about a job; ``error`` where there is none.

    One question at a time: the engine uses every processor for each.
    """
    question = json.dumps({"job": str(job.folder), "ask": what, **given})
    with _turn:
        for _attempt in range(2):  # the first may find a process that just died
            with contextlib.suppress(OSError, ValueError):
                process = _running()
                if process.stdin is not None and process.stdout is not None:
                    process.stdin.write(question + "\n")
                    process.stdin.flush()
                    found: dict[str, Any] = json.loads(process.stdout.readline())
                    return found
            _forget()
    return {"error": "died"}


def _running() -> subprocess.Popen[str]:
    global _process
    if _process is None or _process.poll() is not None:
        _process = subprocess.Popen(
            [sys.executable, "-m", "lumbung.desk.connectivity.live"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip
    return _process


def _forget() -> None:
    global _process
    if _process is not None:
        _process.kill()
        _process.wait()
    _process = None
