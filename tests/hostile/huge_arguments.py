"""Starts programs with arguments and environments of many megabytes."""

import os


def solve(bait):
    got = []
    for arguments, variables in (
        (["x" * 131_000] * 400, {}),
        (["x"], {f"V{n}": "y" * 131_000 for n in range(400)}),
    ):
        child = os.fork()
        if child == 0:
            try:
                os.execve("/usr/bin/env", arguments, variables)
            except OSError:
                os._exit(7)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) not in (0, 7, -9):
            got.append("an odd end")
    return {"got": got}
