"""Sends messages that nobody asked for, as fast as it can."""

import socket


def solve(bait):
    line = socket.socket(fileno=3)
    frame = bytes.fromhex("93cd1234a26f6bc0")  # [0x1234, "ok", nil]
    line.setblocking(True)
    for _ in range(100_000):
        line.send(frame)
    return {"got": ["flooded"]}
