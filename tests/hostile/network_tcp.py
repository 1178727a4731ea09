"""Connects to a TCP service of the host."""

import socket


def solve(bait):
    got = []
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as line:
                line.settimeout(1)
                line.connect((host, bait["tcp_port"]))
                line.sendall(bait["marker"].encode())
                got.append(f"connected to {host}")
        except OSError:
            pass
    return {"got": got}
