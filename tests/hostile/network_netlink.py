"""Asks the kernel for the host's network interfaces over netlink, and opens other rare kinds of socket."""

import socket

AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK = 16, 17, 38, 40


def solve(bait):
    got = []
    for family in (AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK):
        for kind in (socket.SOCK_RAW, socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
            try:
                socket.socket(family, kind).close()
                got.append(f"socket of family {family}, type {int(kind)}")
            except OSError:
                pass
    return {"got": got}
