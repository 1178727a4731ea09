"""Runs a program that lies in memory only, hoping that it starts without the filter."""

import os


def solve(bait):
    got = []
    descriptor = os.memfd_create("program")
    with open("/usr/bin/env", "rb") as program:
        os.write(descriptor, program.read())
    child = os.fork()
    if child == 0:
        try:
            os.execve(
                descriptor, ["env", "grep", "-q", "^Seccomp:.*2", "/proc/self/status"], {"PATH": "/usr/bin"}
            )
        finally:
            os._exit(9)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, 9, 126, 127):
        got.append(f"a program without the filter ({status})")
    return {"got": got}
