"""Closes the message socket and stays."""

import os
import time


def solve(bait):
    os.close(3)
    time.sleep(30)
