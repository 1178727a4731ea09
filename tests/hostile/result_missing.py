"""Announces a result in a file and never hands it over."""

import socket
import time


def solve(bait):
    line = socket.socket(fileno=3)
    line.send(b"\x93\x01\xa5memfd\xce" + (300_000).to_bytes(4, "big"))
    time.sleep(bait["seconds"])
    line.detach()
    return {"got": ["was waited for"]}
