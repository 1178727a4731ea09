"""Forks without end."""

import os
import time


def solve(bait):
    made = 0
    for _ in range(bait["forks"]):
        try:
            child = os.fork()
        except OSError:
            time.sleep(0.001)
            continue
        if child == 0:
            time.sleep(30)
            os._exit(0)
        made += 1
    return {"got": [], "made": made}
