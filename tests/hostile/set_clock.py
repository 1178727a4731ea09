"""Sets the machine's clock, by every call and device that could."""

import ctypes
import os
import time

NUMBERS = {"x86_64": {"settimeofday": 164, "adjtimex": 159, "clock_settime": 227, "clock_adjtime": 305},
           "aarch64": {"settimeofday": 170, "adjtimex": 171, "clock_settime": 112, "clock_adjtime": 266}}  # fmt: skip
ADJ_OFFSET = 1


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    numbers, got = NUMBERS[os.uname().machine], []
    now = (ctypes.c_int64 * 2)(int(time.time()), 0)
    change = ctypes.create_string_buffer(208)
    change[0] = ADJ_OFFSET
    if bait["enclosed"]:
        calls = {
            "settimeofday": (now, 0),
            "adjtimex": (change,),
            "clock_settime": (0, now),
            "clock_adjtime": (0, change),
        }
        got = [name for name, call in calls.items() if libc.syscall(numbers[name], *call) >= 0]
    for path in ("/dev/rtc", "/dev/rtc0", "/dev/ptp0", "/proc/self/timens_offsets"):
        try:
            os.write(os.open(path, os.O_WRONLY), b"monotonic 1000 0")
            got.append(path)
        except OSError:
            pass
    return {"got": got}
