def solve(problem):
    keys = problem["keys"][::2]
    return {"id": keys, "prediction": [1.0] * len(keys)}
