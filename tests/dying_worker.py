"""A task that ends its worker process; in a module of its own, so that the worker can import it."""

from __future__ import annotations

import os
import signal
import time


def die_on_three(number: int) -> int:
    if number == 3:
        time.sleep(0.5)
        os._exit(1)
    return number


def be_killed(notes: str) -> str:
    """Note that it began, and end as by somebody else's hand."""
    with open(notes, "a") as file:
        file.write("began\n")
    os.kill(os.getpid(), signal.SIGKILL)
    return notes
