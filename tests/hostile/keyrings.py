"""Joins, fills and reads the kernel's keyrings, which know no namespace."""

import ctypes
import os

NUMBERS = {
    "x86_64": {"add": 248, "request": 249, "keyctl": 250},
    "aarch64": {"add": 217, "request": 218, "keyctl": 219},
}
SESSION, USER = -3, -4
JOIN, DESCRIBE, SEARCH = 1, 6, 10


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = NUMBERS[os.uname().machine]
    tries = {
        "joined a session": (numbers["keyctl"], JOIN, 0),
        "described a ring": (numbers["keyctl"], DESCRIBE, USER, 0, 0),
        "searched a ring": (numbers["keyctl"], SEARCH, SESSION, b"user", b"secret", 0),
        "added a key": (numbers["add"], b"user", b"mark", b"payload", 7, SESSION),
        "asked for a key": (numbers["request"], b"user", b"mark", 0, SESSION),
    }
    return {"got": [name for name, call in tries.items() if libc.syscall(*call) >= 0]}
