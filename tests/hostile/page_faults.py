"""Handles the page faults of the kernel itself (userfaultfd), by call and by device, to win races against it."""

import ctypes
import os

NUMBERS = {"x86_64": 323, "aarch64": 282}
USER_MODE_ONLY = 1


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    for flags in (0, USER_MODE_ONLY, os.O_CLOEXEC | os.O_NONBLOCK):
        if libc.syscall(NUMBERS[os.uname().machine], flags) >= 0:
            got.append(f"userfaultfd {flags}")
    try:
        os.open("/dev/userfaultfd", os.O_RDWR)
        got.append("/dev/userfaultfd")
    except OSError:
        pass
    return {"got": got}
