"""Sends a datagram to a UDP service of the host."""

import socket


def solve(bait):
    got = []
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.sendto(bait["marker"].encode(), ("127.0.0.1", bait["udp_port"]))
            got.append("sent a datagram")
    except OSError:
        pass
    return {"got": got}
