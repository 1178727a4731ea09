"""Sends descriptors to itself over sockets that it then closes: open files that no table shows."""

import array
import os
import socket


def solve(bait):
    for _ in range(200 if bait["enclosed"] else 0):
        try:
            left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            rights = array.array(
                "i", [os.open("/dev/null", os.O_RDONLY) for _ in range(50)] + [right.fileno()]
            )
            left.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        except OSError:
            break
        finally:
            for descriptor in rights[:-1]:
                os.close(descriptor)
    return {"got": []}
