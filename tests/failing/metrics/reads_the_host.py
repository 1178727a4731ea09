# expected: challenge judge_raised
"""Looks for the host's files."""

from pathlib import Path


def score(truth, answers, items):
    for name in ("/etc/passwd", "/etc/shadow", "/etc/hostname", "/var/log", "/tmp/secret"):
        if Path(name).exists():
            return {"right": 1.0}
    raise PermissionError("nothing of the host is here")
