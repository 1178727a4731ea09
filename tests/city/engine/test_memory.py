"""Work in unused memory: its result, its errors, and an interruption that does not wait."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from lumbung.city.engine.memory import in_fresh_memory


def test_results_and_errors_come_through() -> None:
    assert in_fresh_memory(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        in_fresh_memory(lambda: 1 // 0)
    assert not [t for t in threading.enumerate() if t.name == "lumbung-episode"]


INTERRUPTED = """
import os, signal, threading, time
from lumbung.city.engine.memory import in_fresh_memory
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    in_fresh_memory(lambda: time.sleep(20))
except KeyboardInterrupt:
    print("interrupted")
"""


def test_an_interruption_does_not_wait_for_the_work() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=15, check=False
    )
    assert done.stdout.strip() == "interrupted"
