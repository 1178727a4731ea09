"""Hands over a memory file that it can still shrink while it is read."""

import array
import os
import socket

LENGTH = 300_000


def open_result(bait):
    descriptor = os.memfd_create("result", os.MFD_ALLOW_SEALING)
    os.write(descriptor, b"x" * 300_000)
    return descriptor


def solve(bait):
    descriptor = open_result(bait)
    line = socket.socket(fileno=3)
    line.send(b"\x93\x01\xa5memfd\xce" + LENGTH.to_bytes(4, "big"))
    line.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))])
    line.detach()
    return {"got": ["was read"]}
