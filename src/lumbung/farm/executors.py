"""Where tasks run: threads of this process, processes of this machine, or a Ray cluster, chosen by one word.

Results come in the order of the tasks and do not depend on the choice. Only a few tasks are under way at a time, so
that a caller who reduces results as they come holds few of them.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any, TypeVar

EXECUTORS = ("threads", "processes", "ray")
AHEAD = 2  # tasks under way per worker
Task = TypeVar("Task")
Result = TypeVar("Result")


class ExecutorError(ValueError):
    """A way of running tasks that does not exist here."""


def in_tasks(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    *,
    executor: str = "processes",
    workers: int | None = None,
) -> Iterator[Result]:
    """Yield ``function(task)`` for each task, in order.

    Parameters
    ----------
    function
        For processes and Ray it must be importable by name. It should take 50 ms or more: a task costs about one.
    tasks
        Taken one by one as workers become free.
    executor
        "threads", "processes" or "ray" (the extra ``cluster``; joins the cluster that RAY_ADDRESS names, else starts one
        on this machine).
    workers
        How many at a time; all processors by default.

    Raises
    ------
    ExecutorError
        For another word, or when Ray is not installed.
    """
    count = workers or os.cpu_count() or 1
    if executor == "threads":
        yield from _in_pool(ThreadPoolExecutor(count), function, tasks, count)
    elif executor == "processes":
        # Not fork: numba's threads and locks do not survive it.
        context = multiprocessing.get_context("forkserver")
        yield from _in_pool(ProcessPoolExecutor(count, context), function, tasks, count)
    elif executor == "ray":
        yield from _in_ray(function, tasks, count)
    else:
        raise ExecutorError(f"executor must be one of {', '.join(EXECUTORS)}; found {executor!r}")


def _in_pool(
    pool: Executor, function: Callable[[Task], Result], tasks: Iterable[Task], count: int
) -> Iterator[Result]:
    with pool:
        waiting: deque[Any] = deque()
        try:
            for task in tasks:
                waiting.append(pool.submit(function, task))
                if len(waiting) >= AHEAD * count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _call(function: Callable[[Task], Result], task: Task) -> Result:
    return function(task)


def _in_ray(function: Callable[[Task], Result], tasks: Iterable[Task], count: int) -> Iterator[Result]:
    try:
        import ray
    except ImportError:
        raise ExecutorError("Ray is not installed; install it with: pip install 'lumbung[cluster]'") from None
    started = not ray.is_initialized()
    if started:
        options: dict[str, Any] = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": count}
        ray.init(include_dashboard=False, log_to_driver=False, configure_logging=False, **options)
    try:
        remote: Any = ray.remote(_call)
        waiting: deque[Any] = deque()
        for task in tasks:
            waiting.append(remote.remote(function, task))
            if len(waiting) >= AHEAD * count:
                yield ray.get(waiting.popleft())
        while waiting:
            yield ray.get(waiting.popleft())
    finally:
        if started:
            ray.shutdown()
