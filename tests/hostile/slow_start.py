"""Takes for ever to load, before anything was asked."""

import time

time.sleep(20)


def solve(bait):
    return {"got": ["was waited for"]}
