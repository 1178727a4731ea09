"""Leaves a daemon behind: forks twice, takes a session of its own and outlives the run."""

import os
import sys


def solve(bait):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(30)", bait["marker"]])
        os._exit(0)
    return {"got": []}
