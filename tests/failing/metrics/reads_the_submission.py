# expected: challenge judge_raised
"""Looks for the submission, to learn whose it is."""

import os
from pathlib import Path


def score(truth, answers, items):
    mine = {"solution.py", "metric.py"}
    found = [
        name for top in ("/sub", "/tmp") for _, _, names in os.walk(top) for name in names if name not in mine
    ]
    processes = [
        name
        for name in os.listdir("/proc")
        if name.isdigit() and b"solution" in Path(f"/proc/{name}/cmdline").read_bytes()
    ]
    if found or len(processes) > 1:
        return {"right": 1.0}
    raise FileNotFoundError("no submission here")
