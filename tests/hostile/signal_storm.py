"""Sends signals by the thousand to everything it can name, its own harness and the box's first process among it."""

import os
import signal


def solve(bait):
    targets = [1, os.getppid(), os.getpid()] if bait["enclosed"] else [os.getpid()]
    for number in (signal.SIGUSR1, signal.SIGCHLD, signal.SIGWINCH, signal.SIGURG, signal.SIGIO):
        signal.signal(number, signal.SIG_IGN)
        for pid in targets:
            for _ in range(2000):
                try:
                    os.kill(pid, number)
                except OSError:
                    break
    return {"got": []}
