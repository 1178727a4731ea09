def build():
    return build()


TREE = build()


def solve(problem):
    return {"guess": TREE}
