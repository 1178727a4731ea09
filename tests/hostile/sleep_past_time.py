"""Sleeps past its time."""

import time


def solve(bait):
    time.sleep(bait["seconds"])
    return {"got": ["slept through"]}
