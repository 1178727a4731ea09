"""A worker stays warm from task to task, and one that a task left in disorder is replaced."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import pytest

from lumbung.proving import attended
from lumbung.proving.attended import Watch
from lumbung.proving.executors import Attendance, ProcessPool
from spoiling_tasks import in_worker


@pytest.mark.parametrize(
    ("task", "warm"),
    [
        ("nothing", True),
        ("adds_to_the_environment", True),
        ("changes_folder", False),
        ("changes_umask", False),
        ("empties_the_environment", False),
        ("points_home_elsewhere", False),
        ("leaves_a_thread", False),
        ("ignores_children", False),
        ("hurries_sockets", False),
        ("forbids_large_files", False),
    ],
)
def test_a_worker_left_in_disorder_serves_nobody_else(task, warm):
    pool = ProcessPool(1)
    try:
        (first, second) = (found for _, found in pool.run(in_worker, [task, "nothing"]))
    finally:
        pool.close()
    assert (first == second) is warm


def test_a_worker_serves_one_judge():
    """What one judge patched inside Python, another never meets; room is made for it, and no process is left over."""
    pool = ProcessPool(2)
    watched = [
        Attendance(lambda task, judge=judge: Watch(60.0, 2**32, judge), lost) for judge in ("a", "b", "c")
    ]
    try:
        found = [
            next(one for _, one in pool.run(in_worker, ["nothing"], each))
            for each in (*watched[:2], *watched)
        ]
        assert len(pool._idle) == 2
    finally:
        pool.close()
    first, other, again, again_other, third = found
    assert first == again != other == again_other and third not in (first, other)


def test_daemons_end_with_their_worker():
    pool = ProcessPool(1)
    try:
        ((_, worker), (_, daemon)) = pool.run(in_worker, ["nothing", "leaves_a_daemon"])
        assert Path(f"/proc/{daemon}").exists() and daemon != worker
    finally:
        pool.close()
    until = time.monotonic() + 10.0  # a signal is on its way for a moment
    while _alive(daemon) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _alive(daemon)


def lost(task, how):
    raise AssertionError(how)


def _alive(process):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


def test_memory_is_that_of_a_process_and_all_it_started(monkeypatch):
    alone = attended.memory_of(os.getpid())
    monkeypatch.setattr(attended, "_tree", lambda process: iter([process, process, 2**22 + 1, process]))
    assert 10 * 2**20 < alone < 2**34
    assert attended.memory_of(os.getpid()) == pytest.approx(3 * alone, rel=0.2)


def test_a_worker_that_is_on_its_way_out_when_its_asker_ends_says_no_word(capfd):
    worker = attended.Worker()
    worker.begin(in_worker, "is_slow_to_end", None)
    worker.finish()
    worker.answers.close()
    time.sleep(0.1)
    worker.stop()
    worker.close()
    assert capfd.readouterr() == ("", "")
