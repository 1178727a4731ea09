"""Crashes so that the kernel writes its memory to the host's disk or feeds it to the host's crash handler."""

import os
import resource
import signal


def solve(bait):
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (OSError, ValueError):
        pass
    os.chdir(bait["folder"])
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGQUIT)
    status = os.waitpid(child, 0)[1]
    return {"got": ["dumped core"] if os.WCOREDUMP(status) else []}
