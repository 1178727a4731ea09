def solve(problem):
    return {"id": problem["keys"], "prediction": [float("nan")] * len(problem["keys"])}
