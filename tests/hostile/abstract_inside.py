"""Listens on an abstract address, for an accomplice in another box to meet it there."""

import socket


def solve(bait):
    got = []
    try:
        service = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        service.bind("\0meeting-" + bait["marker"])
        service.listen()
        got.append("listens")
    except OSError:
        pass
    try:
        left, _right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        left.sendto(b"x", "\0" + bait["abstract"])
        got.append("sent to a name")
    except OSError:
        pass
    return {"got": got}
