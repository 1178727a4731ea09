def solve(problem):
    return "A"
