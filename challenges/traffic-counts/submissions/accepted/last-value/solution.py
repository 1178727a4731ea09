"""What was counted last is what will be counted: your start, make it better.

`problem["inputs"]` holds the columns of inputs.csv, each a list; answer a number for every id. print() goes to your log."""


def solve(problem):
    inputs = problem["inputs"]
    return {"id": inputs["id"], "prediction": [float(count) for count in inputs["c1"]]}
