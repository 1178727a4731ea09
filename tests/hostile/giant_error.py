"""Fails with an error of a hundred megabytes."""


def solve(bait):
    raise ValueError("x" * bait["bytes"])
