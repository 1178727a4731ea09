"""The same results from threads, processes and Ray, in the order of the tasks."""

from __future__ import annotations

import math

import pytest

from lumbung.farm.executors import ExecutorError, in_tasks


@pytest.mark.parametrize("executor", ["threads", "processes", pytest.param("ray", marks=pytest.mark.slow)])
def test_in_order_whatever_the_executor(executor: str) -> None:
    assert list(in_tasks(math.sqrt, range(20), executor=executor, workers=2)) == [
        math.sqrt(k) for k in range(20)
    ]


def test_few_tasks_are_taken_ahead() -> None:
    taken = []

    def tasks():
        for k in range(100):
            taken.append(k)
            yield k

    results = in_tasks(math.sqrt, tasks(), executor="threads", workers=2)
    next(results)
    assert len(taken) <= 5


def test_a_fault_in_a_task_reaches_the_caller() -> None:
    with pytest.raises(ValueError, match=r"math domain error|expected a nonnegative"):
        list(in_tasks(math.sqrt, [1.0, -1.0], executor="threads", workers=1))


def test_an_executor_nobody_knows() -> None:
    with pytest.raises(ExecutorError, match="threads, processes, ray; found 'cloud'"):
        list(in_tasks(math.sqrt, [1.0], executor="cloud"))
