# expected: challenge judge_raised
"""Returns an object."""


def score(truth, answers, items):
    return {"right": object()}
