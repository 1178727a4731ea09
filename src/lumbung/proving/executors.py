"""Where tasks run: here, in a pool of processes, or on a Ray cluster, behind one interface.

A task is the argument of a picklable function. Tasks are drawn from their iterable only when there is room for them,
so that whoever makes them can stop early; results come back as they are ready, each with its task's index, so that
finished work is kept whatever happens to the rest.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from multiprocessing.connection import wait
from typing import Any, Generic, Protocol, TypeVar

from lumbung.proving.attended import LOOK_S, Lost, Unreadable, Watch, Worker, WorkerUnavailable
from lumbung.proving.faults import PlatformFault

Task = TypeVar("Task")
Result = TypeVar("Result")


class Attendance(Generic[Task, Result]):
    """What becomes of a task whose worker dies, hangs or grows.

    Parameters
    ----------
    watch : callable
        What a task may take.
    lost : callable
        The result that stands for a task whose worker was lost.
    """

    def __init__(self, watch: Callable[[Task], Watch], lost: Callable[[Task, Lost], Result]) -> None:
        self.watch, self.lost = watch, lost


class Executor(Protocol):
    """Runs the same function over many tasks."""

    def run(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        attendance: Attendance[Task, Result] | None = None,
    ) -> Generator[tuple[int, Result], None, None]:
        """Yield ``(index of the task, result)`` as results are ready, in any order.

        With *attendance*, a task that ends, hangs or outgrows its worker has the result that it gives; the other
        tasks go on.

        Raises
        ------
        PlatformFault
            A worker died and nobody attends; finished results were yielded before. Or none can be started.
        """
        ...

    def close(self) -> None:
        """End what `run` started and wait for it; a later run starts anew."""
        ...


class Serial:
    """One task after the other in this process, which lives and dies with them."""

    def run(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        attendance: Attendance[Task, Result] | None = None,
    ) -> Generator[tuple[int, Result], None, None]:
        for index, task in enumerate(tasks):
            yield index, function(task)

    def close(self) -> None:
        """There is nothing to end."""


class ProcessPool:
    """Watched processes on this machine, kept warm from one run to the next, each for one judge.

    Parameters
    ----------
    workers : int, optional
        Defaults to the processors this process may use.
    silent : bool
        Drop what tasks print.
    """

    def __init__(self, workers: int | None = None, *, silent: bool = False) -> None:
        self.workers, self.silent = workers or available_processors(), silent
        self._idle: list[Worker] = []

    def run(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        attendance: Attendance[Task, Result] | None = None,
    ) -> Generator[tuple[int, Result], None, None]:
        waiting = iter(enumerate(tasks))
        busy: dict[Worker, tuple[int, Task, bool]] = {}
        try:
            while True:
                while len(busy) < self.workers and (drawn := next(waiting, None)) is not None:
                    self._begin(busy, function, *drawn, attendance)
                if not busy:
                    return
                for worker, answered in self._ready(busy):
                    index, task, tried = busy[worker]
                    lost: Lost | None = None
                    try:
                        if not answered:
                            lost = worker.trouble()
                            if lost is None:
                                continue
                        else:
                            result, usable = worker.finish()
                    except Unreadable:
                        lost = worker.how_it_was_lost()
                    del busy[worker]
                    if lost is None:
                        if usable:
                            self._idle.append(worker)
                        else:
                            worker.kill()
                        yield index, result
                        continue
                    worker.kill()
                    if attendance is None:
                        raise PlatformFault("judge_failed", error="a worker process died")
                    if lost.how == "killed" and not tried:
                        # By whom, nobody can say: once may be chance, or this machine's memory.
                        self._begin(busy, function, index, task, attendance, tried=True)
                        continue
                    yield index, attendance.lost(task, lost)
        except WorkerUnavailable as error:
            raise PlatformFault("judge_failed", error=str(error)) from error
        finally:
            for worker in busy:
                worker.stop()
            for worker in busy:
                worker.close()

    def _begin(
        self,
        busy: dict[Worker, tuple[int, Task, bool]],
        function: Callable[[Task], Result],
        index: int,
        task: Task,
        attendance: Attendance[Task, Result] | None,
        *,
        tried: bool = False,
    ) -> None:
        watch = attendance.watch(task) if attendance else None
        for worker in [idle for idle in self._idle if idle.judge == (watch.judge if watch else "")]:
            self._idle.remove(worker)
            try:
                worker.begin(function, task, watch)
            except OSError:  # it ended while nobody needed it
                worker.kill()
                continue
            busy[worker] = index, task, tried
            return
        while self._idle and len(busy) + len(self._idle) >= self.workers:
            self._idle.pop(0).close()  # another judge's makes room
        worker = Worker(silent=self.silent)
        worker.begin(function, task, watch)
        busy[worker] = index, task, tried

    @staticmethod
    def _ready(busy: Mapping[Worker, Any]) -> list[tuple[Worker, bool]]:
        """Wait a little; return every worker, and whether there is something to read from it."""
        ready = wait([worker.answers for worker in busy], LOOK_S)
        return [(worker, worker.answers in ready) for worker in list(busy)]

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


class RayCluster:
    """A Ray cluster (extra ``cluster``), for when one machine is outgrown.

    Parameters
    ----------
    address : str, optional
        Of a running cluster; by default one is started on this machine and ended with the run.
    options : dict, optional
        Passed to ``ray.init``.
    """

    def __init__(self, address: str | None = None, **options: Any) -> None:
        self.address, self.options = address, options

    def run(
        self,
        function: Callable[[Task], Result],
        tasks: Iterable[Task],
        attendance: Attendance[Task, Result] | None = None,
    ) -> Generator[tuple[int, Result], None, None]:
        # Under ``uv run``, Ray would pack this folder and build its environment anew on the same machine.
        os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
        import ray

        started_here = not ray.is_initialized()
        if started_here:
            options = {"include_dashboard": False, "log_to_driver": False, "configure_logging": False}
            ray.init(address=self.address, **(options | self.options))
        try:
            # Tried once more by Ray itself where a worker crashes: that may be a machine that left.
            remote = ray.remote(max_retries=1)(function)
            room = 2 * int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
            waiting = iter(enumerate(tasks))
            running: dict[Any, tuple[int, Task, float]] = {}
            while True:
                while len(running) < room and (drawn := next(waiting, None)) is not None:
                    index, task = drawn
                    # It may wait for another to end, so that it is given the time of two.
                    allowed_s = 2 * attendance.watch(task).wall_s if attendance else float("inf")
                    running[remote.remote(task)] = index, task, time.monotonic() + allowed_s
                if not running:
                    return
                done, _ = ray.wait(list(running), num_returns=1, timeout=1.0)
                for reference in done:
                    index, task, _until = running.pop(reference)
                    yield index, self._result(ray, reference, task, attendance)
                for reference, (index, task, until) in list(running.items()):
                    if attendance is not None and time.monotonic() > until:
                        ray.cancel(reference, force=True)
                        del running[reference]
                        yield index, attendance.lost(task, Lost("timed_out"))
        finally:
            if started_here:
                ray.shutdown()

    @staticmethod
    def _result(ray: Any, reference: Any, task: Task, attendance: Attendance[Task, Result] | None) -> Result:
        try:
            result: Result = ray.get(reference)
        except ray.exceptions.OutOfMemoryError as error:
            if attendance is not None:
                return attendance.lost(task, Lost("out_of_memory"))
            raise PlatformFault("judge_failed", error="the cluster ran out of memory") from error
        except (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError) as error:
            if attendance is not None:
                return attendance.lost(task, Lost("ended", "on the cluster, twice"))
            raise PlatformFault("judge_failed", error="the cluster lost a task") from error
        return result

    def close(self) -> None:
        """A cluster started here ended with its run."""


def available_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def make_executor(workers: int | None = None, *, cluster: bool = False) -> Executor:
    """Choose an executor: Ray when asked, else watched processes, so that no judge takes this one with it."""
    return RayCluster() if cluster else ProcessPool(workers)
