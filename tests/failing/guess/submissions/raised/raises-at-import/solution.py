with open("weights.bin", "rb") as file:
    WEIGHTS = file.read()


def solve(problem):
    return {"guess": len(WEIGHTS)}
