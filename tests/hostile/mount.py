"""Mounts file systems, by the old call and the new ones, as it is and from a user namespace of its own."""

import ctypes
import os

CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x00020000
FSOPEN, OPEN_TREE, FSCONTEXT = 430, 428, 433


def try_mounts(libc, got, where):
    os.makedirs("/tmp/target", exist_ok=True)
    if libc.mount(b"none", b"/tmp/target", b"tmpfs", 0, None) == 0:
        got.append(f"mount {where}")
        libc.umount2(b"/tmp/target", 2)
    if libc.syscall(FSOPEN, b"tmpfs", 0) >= 0:
        got.append(f"fsopen {where}")
    if libc.syscall(OPEN_TREE, -100, b"/usr", 1) >= 0:
        got.append(f"open_tree {where}")


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    if bait["enclosed"]:
        try_mounts(libc, got, "as it is")
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0:
        try_mounts(libc, got, "in a namespace of its own")
    return {"got": got}
