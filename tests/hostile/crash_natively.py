"""Breaks its own process below Python: a wild pointer, an illegal instruction, an abort."""

import ctypes
import os
import signal


def solve(bait):
    if bait["which"] == 0:
        ctypes.string_at(8)
    os.kill(os.getpid(), (signal.SIGILL, signal.SIGABRT, signal.SIGBUS)[bait["which"] % 3])
    return {"got": ["went on"]}
