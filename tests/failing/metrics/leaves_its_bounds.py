# expected: challenge judge_result
"""Gives a share of two."""


def score(truth, answers, items):
    return {"right": 2.0}
