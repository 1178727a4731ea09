"""Connects to a Unix socket in the host's file system."""

import socket


def solve(bait):
    got = []
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(1)
            line.connect(bait["unix_path"])
            line.sendall(bait["marker"].encode())
            got.append("connected")
    except OSError:
        pass
    return {"got": got}
