# expected: challenge judge_raised
"""Floods whoever reads it."""


def score(truth, answers, items):
    return {f"figure{number}": 1.0 for number in range(1_000_000)}
