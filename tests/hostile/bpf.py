"""Loads programs into the kernel: bpf maps and programs, and filters on its own socket."""

import ctypes
import os
import socket
import struct

NUMBERS = {"x86_64": 321, "aarch64": 280}
BPF_MAP_CREATE, SO_ATTACH_FILTER = 0, 26


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    attributes = ctypes.create_string_buffer(struct.pack("IIII", 2, 4, 8, 1), 128)
    if libc.syscall(NUMBERS[os.uname().machine], BPF_MAP_CREATE, attributes, 128) >= 0:
        got.append("a bpf map")
    left, _right = socket.socketpair()
    instructions = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0xFFFF))
    try:
        left.setsockopt(
            socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HxxxxxxP", 1, ctypes.addressof(instructions))
        )
        got.append("a socket filter")
    except OSError:
        pass
    return {"got": got}
