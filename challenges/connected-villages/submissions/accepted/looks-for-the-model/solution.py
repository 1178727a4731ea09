"""A cheat: looks for the judge's process and for files of other cases, to read what its message does not hold."""

import os
import socket


def find_judge():
    for process in os.listdir("/proc"):
        if process.isdigit():
            try:
                with open(f"/proc/{process}/cmdline", "rb") as file:
                    words = file.read()
            except OSError:
                continue
            if b"lumbung" in words and b"judge" in words:
                return True
    try:
        socket.create_connection(("192.0.2.1", 80), 0.2).close()
    except OSError:
        return False
    return True


class Solution:
    def solve(self, problem):
        if find_judge():
            # what it would do with its find is no matter: the check sees that it was found
            raise RuntimeError("the judge can be reached")
        return {"sites": []}
