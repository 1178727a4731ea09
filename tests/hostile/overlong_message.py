"""Answers with far more than a message may hold."""


def solve(bait):
    return b"x" * bait["bytes"]
