"""Connects to an abstract Unix socket, which has no place in any file system."""

import socket


def solve(bait):
    got = []
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(1)
            line.connect("\0" + bait["abstract"])
            line.sendall(bait["marker"].encode())
            got.append("connected")
    except OSError:
        pass
    return {"got": got}
