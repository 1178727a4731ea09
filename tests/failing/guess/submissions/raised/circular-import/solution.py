from helper import BEST


def solve(problem):
    return {"guess": BEST}
