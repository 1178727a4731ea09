"""A worker stays warm from task to task, and one that a task left in disorder is replaced."""

from __future__ import annotations

import pytest

from lumbung.proving.executors import ProcessPool
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
