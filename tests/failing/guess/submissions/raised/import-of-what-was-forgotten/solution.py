from model import weights  # model.py was not packed


def solve(problem):
    return {"guess": weights}
