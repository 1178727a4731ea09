# expected: challenge judge_result
"""Gives no number."""


def score(truth, answers, items):
    return {"right": float("nan")}
