"""Hands over a memory file without a byte in it, and says that it is a terabyte long."""

import array
import os
import socket


def solve(bait):
    descriptor = os.memfd_create("result", os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, 2**20)
    line = socket.socket(fileno=3)
    line.send(b"\x93\x01\xa5memfd\xcf" + (2**40).to_bytes(8, "big"))
    line.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))])
    line.detach()
    return {"got": ["was read"]}
