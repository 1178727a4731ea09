def solve(problem):
    return {"guess": 5, "note": "ÿþ"}
