"""The node's life: ask for work, judge it, deliver it, and never lose a result or hang without a word."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from types import TracebackType

import msgspec

from lumbung.node.account import LedgerTeller
from lumbung.node.arrivals import take_in
from lumbung.node.folder import NodeError, NodeFolder, Settings
from lumbung.node.gate import Gate, Parcel, Shelf, parcel_of
from lumbung.node.judging import NotAccepted, Withdrawn, faulted, judge_job
from lumbung.node.line import CentreLied, CentreRefused, Line, LineDown, NodeRefused
from lumbung.node.witness import LogBroken, LogWatch
from lumbung.proving.boundary import told
from lumbung.proving.evidence import FaultMark, Isolation
from lumbung.proving.executors import Executor
from lumbung.proving.faults import Owner, PlatformFault, RunFault
from lumbung.proving.job import Delivery, Job, Renewal, Wanted
from lumbung.proving.keys import KeyUnusable

WAIT_S = 20.0
SLOWEST_RETRY_S = 30.0

Say = Callable[[str], None]


class Heartbeat:
    """Renews a lease while its run is judged, in a thread of its own; learns when the run was withdrawn."""

    def __init__(self, job: Job, line: Line) -> None:
        self._job, self._line = job, line
        self._over = threading.Event()
        self.withdrawn = threading.Event()
        self._told: tuple[int, int, str | None] | None = None
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(timeout=15)

    def on_case(self, finished: int, total: int, case: str | None) -> None:
        """Note how far the run is; stop it when it was withdrawn."""
        first = self._told is None
        self._told = (finished, total, case)
        if first:
            self._renew()
        if self.withdrawn.is_set():
            raise Withdrawn

    def _beat(self) -> None:
        while not self._over.wait(self._job.lease_s / 4):
            self._renew()

    def _renew(self) -> None:
        try:
            if self._line.renew(
                self._job.run, Renewal(self._job.lease, *(self._told or (0, 0, None)))
            ).withdrawn:
                self.withdrawn.set()
        except (LineDown, CentreRefused, CentreLied):
            pass  # the line may come back before the lease is over; the result is delivered in any case


class Node:
    """A node at work.

    Parameters
    ----------
    folder : NodeFolder
    line : Line
    isolation : Isolation
        What the sandbox obtained here.
    executor : Executor
        Kept from run to run, so that its processes stay warm.
    say : callable
        Told one line per event, for people and logs; never anything of a private case.
    """

    def __init__(
        self,
        folder: NodeFolder,
        line: Line,
        isolation: Isolation,
        executor: Executor,
        say: Say,
    ) -> None:
        self.folder, self.line = folder, line
        self.isolation, self.executor, self.say = isolation, executor, say
        self.gate = Gate(folder, line, say)
        self.watch, self.teller = LogWatch(folder), LedgerTeller(folder)
        self._failures = 0
        self.stopping = threading.Event()

    def run(self, *, once: bool = False) -> None:
        """Work until `stopping` is set; with *once*, until there is nothing to do."""
        while not self.stopping.is_set():
            try:
                take_in(self.folder, self.say)
                settings = self.folder.settings()
                try:
                    self.gate.open()
                except (LineDown, PlatformFault) as error:
                    if isinstance(error, LineDown) and not error.answered:
                        raise
                    # One result cannot leave; that is no reason to leave the others' work undone.
                    self.say(f"a result stays in the outbox ({error})")
                self.watch.attend(self.line)
                self.teller.tell(self.line, settings)
                worked = self.work(settings, wait_s=0.0 if once else WAIT_S)
                self._failures = 0
            except (LineDown, CentreLied) as error:  # also where something else answers in the centre's place
                self._pause(f"no line to the centre ({error})")
                continue
            except (RunFault, NodeError, KeyUnusable, OSError) as error:
                # A full disk, or the owner's hand: a node.toml half written, a key that others may read. Who mends it
                # need not start the node again; the run it had is judged again, here or elsewhere.
                self._pause(f"this node cannot work ({error})")
                if once:
                    return
                continue
            except LogBroken as error:
                self.say(str(error))
                if once:
                    return
                self.stopping.wait(SLOWEST_RETRY_S)
                continue
            if once and not worked:
                if not self.gate.outbox.waiting():
                    return
                self._pause("a result waits to leave")

    def work(self, settings: Settings, *, wait_s: float) -> bool:
        """Ask for one job and do it; return whether there was one."""
        job = self.line.lease(_wanted(settings, wait_s, self.isolation))
        if job is None:
            return False
        begun = time.monotonic()
        parcel = self._judged(job, settings)
        if parcel is not None:
            self.gate.outbox.put(parcel)
            self.say(f"run {job.run}: {self._end_of(parcel)}, {time.monotonic() - begun:.1f} s")
            self.gate.open()
            self.folder.forget_old_runs()
        return True

    def _end_of(self, parcel: Parcel) -> str:
        found = parcel.delivery.fault or parcel.delivery.finding
        if found is None:
            return "scored"
        scored = "" if parcel.delivery.fault else "scored, "
        return f"{scored}fault of the {found.owner}: {found.code} (see {self.folder.runs / parcel.run})"

    def _judged(self, job: Job, settings: Settings) -> Parcel | None:
        self.say(f"run {job.run}: leased ({job.challenge}, {job.phase})")
        try:
            with Heartbeat(job, self.line) as heartbeat:
                return judge_job(job, self.folder, settings, self.line, self.executor, heartbeat.on_case)
        except Withdrawn:
            self.say(f"run {job.run}: withdrawn by its team")
        except (LineDown, NodeRefused):
            raise
        except (NotAccepted, CentreLied, CentreRefused) as error:
            self.say(f"run {job.run}: refused: {error}")
            fault = PlatformFault("job_refused", detail=str(error)).fault
            return parcel_of(job, faulted(job, fault, self.folder))
        except RunFault as error:
            return parcel_of(job, Delivery(job.lease, fault=FaultMark(Owner.PLATFORM, error.fault.code)))
        except Exception as error:  # a defect of ours: this run ends with it, and the next one is judged
            self.say(
                f"run {job.run}: this node failed: {type(error).__name__}; see {self.folder.runs / job.run}"
            )
            fault = PlatformFault("judge_failed", error=told(error)).fault
            return parcel_of(job, faulted(job, fault, self.folder))
        return None

    def _pause(self, why: str) -> None:
        self._failures += 1
        longest = min(SLOWEST_RETRY_S, 0.5 * 2 ** min(self._failures, 6))
        # Spread, so that many nodes do not come back in the same moment.
        pause = longest * (0.5 + random.random() / 2)  # noqa: S311
        self.say(f"{why}; again in {pause:.1f} s")
        self.stopping.wait(pause)


def _wanted(settings: Settings, wait_s: float, isolation: Isolation) -> Wanted:
    holds = {name: accepted.digest for name, accepted in settings.challenges.items()}
    return Wanted(tuple(settings.challenges), wait_s, isolation, holds)


def describe(folder: NodeFolder) -> dict[str, object]:
    """Return a node's state as plain data."""
    settings = folder.settings()
    return {
        "name": settings.name,
        "country": settings.country,
        "centre": settings.centre,
        "joined": (folder.path / "token").exists(),
        "challenges": {name: msgspec.to_builtins(accepted) for name, accepted in settings.challenges.items()},
        "outbox": list(Shelf(folder.path / "outbox").waiting()),
        "held": list(Shelf(folder.path / "held").waiting()),
        "refused": list(Shelf(folder.path / "refused").waiting()),
    }
