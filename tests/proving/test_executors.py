"""What an executor does with its tasks: order, room, early ends, and what becomes of a task that is lost."""

from __future__ import annotations

import itertools
import sys
import types

import pytest

from dying_worker import be_killed
from lumbung.proving import executors
from lumbung.proving.attended import Lost, Watch
from lumbung.proving.executors import (
    Attendance,
    ProcessPool,
    RayCluster,
    Serial,
    available_processors,
    make_executor,
)
from lumbung.proving.faults import PlatformFault


class OutOfMemoryError(Exception):
    pass


class WorkerCrashedError(Exception):
    pass


class NodeDiedError(Exception):
    pass


class StandInRay:
    """Does at once what Ray would do somewhere else, and remembers what it was asked.

    A task that is an exception is raised where its result is fetched; a task ``"hangs"`` is never done.
    """

    def __init__(self, *, running: bool = False, processors: int | None = 2) -> None:
        self.running, self.asked, self.cancelled, self.most = running, [], [], 0
        self.resources = {} if processors is None else {"CPU": float(processors)}
        self.results, self.open = {}, set()
        self.exceptions = types.SimpleNamespace(
            OutOfMemoryError=OutOfMemoryError,
            WorkerCrashedError=WorkerCrashedError,
            NodeDiedError=NodeDiedError,
        )

    def is_initialized(self):
        return self.running

    def init(self, **options):
        self.running = True
        self.asked.append(options)

    def shutdown(self):
        self.running = False

    def cluster_resources(self):
        return self.resources

    def remote(self, **options):
        self.asked.append(options)

        def of(function):
            def start(task):
                number = len(self.results)
                self.results[number] = (
                    task if isinstance(task, Exception) or task == "hangs" else function(task)
                )
                self.open.add(number)
                self.most = max(self.most, len(self.open))
                return number

            return types.SimpleNamespace(remote=start)

        return of

    def wait(self, references, *, num_returns, timeout):
        assert (num_returns, timeout) == (1, 1.0)
        done = [
            one
            for one in references
            if not (isinstance(self.results[one], str) and self.results[one] == "hangs")
        ]
        return done[-1:], [one for one in references if one not in done[-1:]]

    def get(self, reference):
        self.open.discard(reference)
        result = self.results[reference]
        if isinstance(result, Exception):
            raise result
        return result

    def cancel(self, reference, *, force):
        self.open.discard(reference)
        self.cancelled.append((reference, force))


@pytest.fixture
def ray(monkeypatch):
    found = StandInRay()
    monkeypatch.setitem(sys.modules, "ray", found)
    return found


def doubled(task):
    return 2 * task


def attended_for(seconds=60.0):
    return Attendance(lambda task: Watch(seconds, 2**30), lambda task, lost: (task, lost))


def test_a_cluster_is_started_for_a_run_and_ended_with_it(ray):
    found = dict(RayCluster("ray://x", num_cpus=3, include_dashboard=True).run(doubled, [1, 2, 3]))
    assert found == {0: 2, 1: 4, 2: 6} and not ray.running
    assert ray.asked == [
        {
            "address": "ray://x", "include_dashboard": True, "log_to_driver": False, "configure_logging": False,
            "num_cpus": 3,
        },
        {"max_retries": 1},
    ]  # fmt: skip
    RayCluster().close()


def test_a_cluster_that_runs_already_is_left_running(ray):
    ray.running = True
    assert list(RayCluster().run(doubled, [1])) == [(0, 2)]
    assert ray.running and ray.asked == [{"max_retries": 1}]


@pytest.mark.parametrize(("processors", "room"), [(3, 6), (1, 2), (None, 2)])
def test_tasks_are_drawn_only_when_there_is_room(monkeypatch, processors, room):
    ray = StandInRay(processors=processors)
    monkeypatch.setitem(sys.modules, "ray", ray)
    drawn = itertools.count()
    results = RayCluster().run(doubled, (next(drawn) for _ in range(50)))
    next(results)
    assert next(drawn) == room == ray.most
    results.close()
    assert not ray.running, "who stops listening ends it"


@pytest.mark.parametrize(
    ("error", "lost", "words"),
    [
        (OutOfMemoryError(), Lost("out_of_memory"), "the cluster ran out of memory"),
        (WorkerCrashedError(), Lost("ended", "on the cluster, twice"), "the cluster lost a task"),
        (NodeDiedError(), Lost("ended", "on the cluster, twice"), "the cluster lost a task"),
    ],
)
def test_a_task_that_a_cluster_loses_has_the_result_that_its_attendance_gives(ray, error, lost, words):
    assert dict(RayCluster().run(doubled, [error, 4], attended_for())) == {0: (error, lost), 1: 8}
    with pytest.raises(PlatformFault, match=words) as caught:
        list(RayCluster().run(doubled, [error]))
    assert caught.value.fault.code == "judge_failed" and caught.value.__cause__ is error


def test_a_task_without_end_is_cancelled_after_the_time_of_two(ray, monkeypatch):
    clock = itertools.count(0.0, 1.0)
    monkeypatch.setattr(executors.time, "monotonic", lambda: next(clock))
    found = list(RayCluster().run(doubled, ["hangs", 4], attended_for(10.0)))
    assert found == [(1, 8), (0, ("hangs", Lost("timed_out")))]
    assert ray.cancelled == [(0, True)] and 20 < next(clock) <= 24


def test_errors_of_a_task_are_its_callers(ray):
    with pytest.raises(ZeroDivisionError):
        list(RayCluster().run(doubled, [ZeroDivisionError()], attended_for()))
    assert not ray.running


def test_one_after_the_other_is_lazy_and_in_order():
    drawn = itertools.count()
    results = Serial().run(doubled, (next(drawn) for _ in range(5)))
    assert next(results) == (0, 0) and next(results) == (1, 2) and next(drawn) == 2
    Serial().close()


def test_a_pool_uses_the_processors_there_are_unless_told():
    assert ProcessPool().workers == available_processors() >= 1 and not ProcessPool().silent
    assert ProcessPool(3, silent=True).workers == 3 and ProcessPool(3, silent=True).silent
    assert isinstance(make_executor(), ProcessPool) and make_executor(5).workers == 5
    assert isinstance(make_executor(cluster=True), RayCluster)


def test_processors_are_those_this_process_may_use(monkeypatch):
    monkeypatch.setattr(executors.os, "sched_getaffinity", lambda process: {0, 3, 5}, raising=False)
    assert available_processors() == 3
    monkeypatch.delattr(executors.os, "sched_getaffinity")
    monkeypatch.setattr(executors.os, "cpu_count", lambda: None)
    assert available_processors() == 1
    monkeypatch.setattr(executors.os, "cpu_count", lambda: 7)
    assert available_processors() == 7


def test_a_worker_that_somebody_killed_is_given_one_more_try(tmp_path):
    notes = tmp_path / "notes"
    attendance = Attendance(
        lambda _task: Watch(60.0, 2**34), lambda task, lost: (task, lost.how, lost.detail)
    )
    pool = ProcessPool(1, silent=True)
    try:
        (found,) = pool.run(be_killed, [str(notes)], attendance)
    finally:
        pool.close()
    assert found == (0, (str(notes), "killed", "SIGKILL"))
    assert notes.read_text() == "began\n" * 2
