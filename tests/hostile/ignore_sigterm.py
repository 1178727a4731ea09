"""Ignores every signal that can be ignored, stops nobody, and goes on."""

import os
import signal
import time


def solve(bait):
    for number in range(1, signal.NSIG):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            time.sleep(30)
            os._exit(0)
    time.sleep(bait["seconds"])
    return {"got": ["went on"]}
