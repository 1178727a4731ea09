"""Nobody ever comes: what a forecast is worth that looks at nothing."""


def solve(problem):
    return {"id": problem["keys"], "prediction": [0] * len(problem["keys"])}
