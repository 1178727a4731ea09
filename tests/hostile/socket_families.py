"""Opens sockets of every family there is: the kernel's crypto, virtual machines, packets, Bluetooth, CAN."""

import socket

PERMITTED = ()


def solve(bait):
    got = []
    for family in range(46):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
                got.append(f"family {family} kind {kind}")
            except OSError:
                pass
    return {"got": got}
