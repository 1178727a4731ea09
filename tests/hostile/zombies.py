"""Leaves dead children unburied until no process can be started any more."""

import os


def solve(bait):
    made = 0
    for _ in range(bait["forks"]):
        try:
            child = os.fork()
        except OSError:
            break
        if child == 0:
            os._exit(0)
        made += 1
    return {"made": made, "got": []}
