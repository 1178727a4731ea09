"""Traces another process and reads its memory."""

import ctypes
import os
import signal
import time

PTRACE_ATTACH = 16
NUMBERS = {
    "x86_64": {"ptrace": 101, "process_vm_readv": 310},
    "aarch64": {"ptrace": 117, "process_vm_readv": 270},
}


class Span(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = NUMBERS[os.uname().machine]
    got = []
    buffer = ctypes.create_string_buffer(b"secret of the parent")
    child = os.fork()
    if child == 0:
        time.sleep(5)
        os._exit(0)
    target = ctypes.create_string_buffer(64)
    here = Span(ctypes.cast(target, ctypes.c_void_p), 20)
    there = Span(ctypes.cast(buffer, ctypes.c_void_p), 20)
    if (
        libc.syscall(numbers["process_vm_readv"], child, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
        == 20
    ):
        got.append("read another process's memory")
    if libc.syscall(numbers["ptrace"], PTRACE_ATTACH, child, 0, 0) == 0:
        got.append("attached")
    os.kill(child, signal.SIGKILL)
    return {"got": got}
