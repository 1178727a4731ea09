# expected: challenge judge_timed_out
"""Hangs."""


def score(truth, answers, items):
    while True:
        pass
