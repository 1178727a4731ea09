"""Hands over an epoll as its result, which is neither file nor stream."""

import array
import os
import select
import socket

LENGTH = 300_000


def open_result(bait):
    queue = select.epoll()
    return os.dup(queue.fileno())


def solve(bait):
    descriptor = open_result(bait)
    line = socket.socket(fileno=3)
    line.send(b"\x93\x01\xa5memfd\xce" + LENGTH.to_bytes(4, "big"))
    line.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))])
    line.detach()
    return {"got": ["was read"]}
