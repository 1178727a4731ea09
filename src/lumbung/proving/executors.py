"""Where tasks run: here, in a pool of processes, or on a Ray cluster, behind one interface.

A task is the argument of a picklable function. Tasks are drawn from their iterable only when there is room for them,
so that whoever makes them can stop early; results come back as they are ready, each with its task's index, so that
finished work is kept whatever happens to the rest.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol, TypeVar

from lumbung.proving.faults import PlatformFault

Task = TypeVar("Task")
Result = TypeVar("Result")


class Executor(Protocol):
    """Runs the same function over many tasks."""

    def run(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[tuple[int, Result]]:
        """Yield ``(index of the task, result)`` as results are ready, in any order.

        Raises
        ------
        PlatformFault
            A worker died; finished results were yielded before.
        """
        ...

    def close(self) -> None:
        """End what `run` started and wait for it; a later run starts anew."""
        ...


class Serial:
    """One task after the other in this process."""

    def run(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[tuple[int, Result]]:
        for index, task in enumerate(tasks):
            yield index, function(task)

    def close(self) -> None:
        """There is nothing to end."""


class ProcessPool:
    """A pool of processes on this machine, kept warm from one run to the next.

    Parameters
    ----------
    workers : int, optional
        Defaults to the processors this process may use.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or available_processors()
        self._pool: ProcessPoolExecutor | None = None

    def run(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[tuple[int, Result]]:
        if self._pool is None:
            # Not plain fork: the parent may hold threads (a progress bar, a heartbeat), and a lock held there stays
            # locked in the child.
            context = multiprocessing.get_context("forkserver")
            self._pool = ProcessPoolExecutor(self.workers, mp_context=context)
        try:
            yield from self._drain(self._pool, function, tasks)
        except BrokenProcessPool as error:
            self._drop()
            raise PlatformFault("judge_failed", error="a worker process died") from error
        except BaseException:
            self._drop()
            raise

    def _drain(
        self, pool: ProcessPoolExecutor, function: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[int, Result]]:
        waiting = iter(enumerate(tasks))
        running: dict[Future[Result], int] = {}
        while True:
            # Few tasks are in flight, so that an interrupt drops little.
            for index, task in waiting:
                running[pool.submit(function, task)] = index
                if len(running) >= 2 * self.workers:
                    break
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), future.result()

    def _drop(self) -> None:
        """Let the processes end by themselves: what they still do is of no use."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


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

    def run(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[tuple[int, Result]]:
        # Under ``uv run``, Ray would pack this folder and build its environment anew on the same machine.
        os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
        import ray

        started_here = not ray.is_initialized()
        if started_here:
            options = {"include_dashboard": False, "log_to_driver": False, "configure_logging": False}
            ray.init(address=self.address, **(options | self.options))
        try:
            remote = ray.remote(function)
            room = 2 * int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
            waiting = iter(enumerate(tasks))
            running: dict[Any, int] = {}
            while True:
                for index, task in waiting:
                    running[remote.remote(task)] = index
                    if len(running) >= room:
                        break
                if not running:
                    return
                done, _ = ray.wait(list(running), num_returns=1)
                yield running.pop(done[0]), ray.get(done[0])
        except (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError) as error:
            raise PlatformFault("judge_failed", error="the cluster lost a task") from error
        finally:
            if started_here:
                ray.shutdown()

    def close(self) -> None:
        """A cluster started here ended with its run."""


def available_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def make_executor(workers: int | None = None, *, cluster: bool = False) -> Executor:
    """Choose an executor: Ray when asked, none for one worker, else a process pool."""
    if cluster:
        return RayCluster()
    return Serial() if workers == 1 else ProcessPool(workers)
