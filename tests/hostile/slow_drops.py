"""Sends one harmless word after the other so that the line never falls silent."""

import socket
import time


def solve(bait):
    line = socket.socket(fileno=3)
    until = time.monotonic() + bait["seconds"]
    while time.monotonic() < until:
        line.send(b"\x93\x00\xa3log\xa1.")
        time.sleep(0.02)
    line.detach()
    return {"got": ["was waited for"]}
