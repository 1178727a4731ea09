"""Exits at once while a child that holds the message socket goes on."""

import os
import time


def solve(bait):
    os.set_inheritable(3, True)
    if os.fork() == 0:
        time.sleep(30)
        os._exit(0)
    os._exit(7)
