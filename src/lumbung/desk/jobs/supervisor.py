"""Keeps a worker, gives it the oldest job that waits, ends what is to be cancelled, and knows what to do when a worker dies.

One worker at a time: an engine uses every processor by itself. While a worker has a job only the worker writes its state;
otherwise only the supervisor does.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lumbung.desk.jobs.folder import DEATHS, Job, Jobs, Reason, State
from lumbung.proving.faults import PlatformFault
from lumbung.sandbox.lifeline import with_lifeline

LOOK_S = 0.1
AGAIN_S = 1.0  # a worker that dies at once is not started more often than this


class Supervisor:
    """Runs the jobs of a desk, until it is stopped.

    Parameters
    ----------
    desk : Path
        The desk's folder. Nobody else supervises it.
    """

    def __init__(self, desk: Path) -> None:
        self._jobs = Jobs(desk)
        self._worker: subprocess.Popen[str] | None = None
        self._said: queue.Queue[str] = queue.Queue()
        self._at: Job | None = None
        self._ready = False
        self._not_before = 0.0
        self._unsaid: dict[str, tuple[Job, State]] = {}

    def run(self, stop: threading.Event) -> None:
        """Supervise until *stop* is set."""
        self._jobs.sweep()
        for job in self._jobs.all():
            if job.state().status == "running":  # the machine stopped
                self._say(job, msgspec.structs.replace(job.state(), status="queued"))
        while not stop.wait(LOOK_S):
            with contextlib.suppress(OSError):  # too little memory, a folder just removed: looked at again
                self.look()
        self._end_worker()

    def look(self) -> None:
        """Do what there is to do now."""
        for job, state in list(self._unsaid.values()):
            self._say(job, state)
        if self._worker is None:
            if time.monotonic() >= self._not_before:
                self._start_worker()
        elif self._worker.poll() is not None:
            self._worker = None
            self._mourn()
            return
        while not self._said.empty():
            said = self._said.get_nowait()
            if said in ("disk_full", "unwritable") and self._at is not None:
                self._fail(self._at, Reason(said))
            self._ready, self._at = True, None
        if self._at is not None:
            if self._at.to_be_cancelled.exists():
                self._end_worker()
                self._say(self._at, self._ended(self._at, "cancelled"))
                self._at = None
            return
        if self._ready:
            self._give_next()

    def _give_next(self) -> None:
        for job in reversed(self._jobs.all()):
            if job.id in self._unsaid or job.state().status != "queued":
                continue
            if job.to_be_cancelled.exists():
                self._say(job, self._ended(job, "cancelled"))
                continue
            self._at = job
            if self._worker is not None and self._worker.stdin is not None:
                try:
                    self._worker.stdin.write(f"{job.folder}\n")
                    self._worker.stdin.flush()
                except OSError:
                    self._at = None  # it is just dying and never saw the job
            return

    def _start_worker(self) -> None:
        self._ready = False
        self._not_before = time.monotonic() + AGAIN_S
        said: queue.Queue[str] = queue.Queue()
        self._said = said
        worker = subprocess.Popen(
            [sys.executable, "-m", "lumbung.desk.jobs.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=with_lifeline(dict(os.environ)), text=True, start_new_session=True,
        )  # fmt: skip

        def listen() -> None:
            for line in worker.stdout or ():
                said.put(line.strip())

        threading.Thread(target=listen, name="worker", daemon=True).start()
        self._worker = worker

    def _end_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is None:
            return
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
        else:
            worker.kill()
        worker.wait()

    def _mourn(self) -> None:
        """A worker died over a job: it is begun again, from what is finished, unless it kills every worker."""
        job, self._at = self._at, None
        if job is None:
            return
        state = job.state()
        if state.status in ("done", "failed"):
            return  # it died after the end
        deaths = state.deaths + 1
        if deaths >= DEATHS:
            self._fail(job, Reason("worker_died"))
        else:
            self._say(job, msgspec.structs.replace(state, status="queued", deaths=deaths))

    def _fail(self, job: Job, reason: Reason) -> None:
        self._say(job, msgspec.structs.replace(self._ended(job, "failed"), reason=reason))

    @staticmethod
    def _ended(job: Job, status: str) -> State:
        return msgspec.structs.replace(job.state(), status=status, ended=datetime.now(UTC))

    def _say(self, job: Job, state: State) -> None:
        """Write a state; on a full disk it is kept and written when there is room."""
        try:
            job.write_state(state)
            self._unsaid.pop(job.id, None)
        except PlatformFault:
            self._unsaid[job.id] = job, state
