"""Where tasks run: here, in threads, in processes of this machine, or on a Ray cluster, behind one interface.

A task is the argument of a function. Tasks are drawn from their iterable only when there is room for them, so that
whoever makes them can stop early. Results come back as they are ready, each with its task's index, so that finished
work is kept whatever happens to the rest; or in the order of the tasks, for whoever adds them up as they come.

A task costs about a millisecond in a pool of processes, more on a cluster: it should take 50 ms or longer.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures import Executor as Pool
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol, TypeVar

AHEAD = (
    2  # tasks under way for each worker: enough to keep it busy, few enough that an interrupt drops little
)
Task = TypeVar("Task")
Result = TypeVar("Result")


class WorkerLost(RuntimeError):
    """A worker died, and its task with it; the results before it were handed out."""


class Executor(Protocol):
    """Runs the same function over many tasks."""

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], *, in_order: bool = False
    ) -> Iterator[tuple[int, Result]]:
        """Yield ``(index of the task, result)``, as results are ready or in the order of the tasks.

        What a task raises is raised here.

        Parameters
        ----------
        function
            For processes and clusters it must be importable by name.

        Raises
        ------
        WorkerLost
            A worker died; finished results were yielded before.
        """
        ...

    def close(self) -> None:
        """End what `run` started and wait for it; a later run starts anew."""
        ...


class Serial:
    """One task after the other in this process."""

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], *, in_order: bool = False
    ) -> Iterator[tuple[int, Result]]:
        for index, task in enumerate(tasks):
            yield index, function(task)

    def close(self) -> None:
        """There is nothing to end."""


class _Workers:
    """A pool of workers, started at the first task and kept warm from one run to the next.

    Parameters
    ----------
    workers : int, optional
        Defaults to the processors this process may use.
    """

    def __init__(self, workers: int | None = None) -> None:
        self.workers = workers or available_processors()
        self._pool: Pool | None = None

    def _start(self) -> Pool:
        raise NotImplementedError

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], *, in_order: bool = False
    ) -> Iterator[tuple[int, Result]]:
        pool = self._pool = self._pool or self._start()

        def send(task: Task) -> Future[Result]:
            return pool.submit(function, task)

        def ready(running: list[Future[Result]]) -> Iterable[Future[Result]]:
            return wait(running, return_when=FIRST_COMPLETED).done

        room = AHEAD * self.workers
        try:
            yield from _few_at_a_time(send, ready, Future.result, tasks, room=room, in_order=in_order)
        except BrokenProcessPool as error:
            self._drop()
            raise WorkerLost("a worker process died") from error
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        """Let the workers end by themselves: what they still do is of no use."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


class Threads(_Workers):
    """Threads of this process, for functions that let go of the interpreter: compiled kernels, files, the network."""

    def _start(self) -> Pool:
        return ThreadPoolExecutor(self.workers)


class ProcessPool(_Workers):
    """Processes of this machine."""

    def _start(self) -> Pool:
        # Not plain fork: the parent may hold threads (a progress bar, a heartbeat, a kernel's), and a lock held there
        # stays locked in the child. Windows knows spawn only.
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        return ProcessPoolExecutor(self.workers, mp_context=multiprocessing.get_context(method))


class RayCluster:
    """A Ray cluster (extra ``cluster``), for when one machine is outgrown.

    Parameters
    ----------
    workers : int, optional
        Processors of a cluster started on this machine. One that is already there has its own.
    address : str, optional
        Of a running cluster; by default the one that RAY_ADDRESS names, else one is started on this machine and ended
        with the run.
    options : dict, optional
        Passed to ``ray.init``.

    Raises
    ------
    ImportError
        Ray is not installed.
    """

    def __init__(self, workers: int | None = None, address: str | None = None, **options: Any) -> None:
        self.address, self.options = address, options
        if workers and not (address or os.environ.get("RAY_ADDRESS")):
            self.options.setdefault("num_cpus", workers)

    def run(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], *, in_order: bool = False
    ) -> Iterator[tuple[int, Result]]:
        # Under ``uv run``, Ray would pack this folder and build its environment anew on the same machine.
        os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
        try:
            import ray
        except ImportError as error:
            raise ImportError(
                "Ray is not installed; install it with: pip install 'lumbung[cluster]'"
            ) from error

        started_here = not ray.is_initialized()
        if started_here:
            options = {"include_dashboard": False, "log_to_driver": False, "configure_logging": False}
            ray.init(address=self.address, **(options | self.options))

        def ready(running: list[Any]) -> Iterable[Any]:
            return ray.wait(running, num_returns=1)[0]

        try:
            room = AHEAD * int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
            remote: Any = ray.remote(_call)
            fetch: Any = ray.get
            yield from _few_at_a_time(
                lambda task: remote.remote(function, task),
                ready,
                fetch,
                tasks,
                room=room,
                in_order=in_order,
            )
        except (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError) as error:
            raise WorkerLost("the cluster lost a task") from error
        finally:
            if started_here:
                ray.shutdown()

    def close(self) -> None:
        """A cluster started here ended with its run."""


def _call(function: Callable[[Task], Result], task: Task) -> Result:
    return function(task)


def _few_at_a_time(
    send: Callable[[Task], Any],
    ready: Callable[[list[Any]], Iterable[Any]],
    result: Callable[[Any], Result],
    tasks: Iterable[Task],
    *,
    room: int,
    in_order: bool,
) -> Iterator[tuple[int, Result]]:
    """Keep ``room`` tasks under way until there are no more, and yield what comes of them."""
    waiting = iter(enumerate(tasks))
    running: dict[Any, int] = {}  # in the order of the tasks
    while True:
        for index, task in waiting:
            running[send(task)] = index
            if len(running) >= room:
                break
        if not running:
            return
        for sent in [next(iter(running))] if in_order else ready(list(running)):
            yield running.pop(sent), result(sent)


EXECUTORS: dict[str, Callable[[int | None], Executor]] = {
    "threads": Threads,
    "processes": ProcessPool,
    "ray": RayCluster,
}
"""What a person may name, and what it makes of a number of workers."""


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
