"""The same results from threads, processes and Ray, as they are ready or in the order of the tasks."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from dying_worker import die_on_three
from lumbung.executors import EXECUTORS, ProcessPool, Serial, Threads, WorkerLost

WORDS = ["threads", "processes", pytest.param("ray", marks=pytest.mark.slow)]


@pytest.mark.parametrize("word", WORDS)
def test_the_same_whatever_the_executor(word: str) -> None:
    expected = [(k, math.sqrt(k)) for k in range(20)]
    with closing(EXECUTORS[word](2)) as executor:
        assert list(executor.run(math.sqrt, range(20), in_order=True)) == expected
        assert sorted(executor.run(math.sqrt, range(20))) == expected
    assert list(Serial().run(math.sqrt, range(20))) == expected


@pytest.mark.parametrize("in_order", [False, True])
def test_few_tasks_are_taken_ahead(in_order: bool) -> None:
    taken = []

    def tasks() -> Iterator[int]:
        for k in range(100):
            taken.append(k)
            yield k

    with closing(Threads(2)) as executor:
        next(executor.run(math.sqrt, tasks(), in_order=in_order))
    assert len(taken) <= 5


@pytest.mark.parametrize("word", WORDS)
def test_a_fault_in_a_task_reaches_the_caller(word: str) -> None:
    with closing(EXECUTORS[word](1)) as executor, pytest.raises(ValueError, match=r"math domain|nonnegative"):
        list(executor.run(math.sqrt, [1.0, -1.0]))


def test_a_worker_that_dies_is_said_and_finished_work_is_kept() -> None:
    done = []
    executor = ProcessPool(1)
    with pytest.raises(WorkerLost, match="worker process died"):
        for index, _result in executor.run(die_on_three, range(6)):
            done.append(index)
    assert done and 3 not in done
    with closing(executor):  # a later run starts anew
        assert list(executor.run(math.sqrt, [4.0])) == [(0, 2.0)]


def test_without_ray_the_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['ray'] = None; from lumbung.executors import RayCluster\n"
        "try: list(RayCluster(1).run(abs, [1]))\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "lumbung[cluster]" in done.stdout
