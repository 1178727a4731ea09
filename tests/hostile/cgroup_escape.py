"""Leaves its control group, or has the kernel start a program when the group is empty (release_agent)."""

import ctypes
import os


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    for kind in (b"cgroup", b"cgroup2"):
        if bait["enclosed"] and libc.mount(b"none", b"/tmp", kind, 0, b"memory") == 0:
            got.append(f"mounted {kind.decode()}")
    for root, _folders, files in os.walk("/sys/fs/cgroup"):
        for name in files:
            if name in ("cgroup.procs", "tasks", "release_agent", "notify_on_release", "memory.max"):
                try:
                    os.close(os.open(os.path.join(root, name), os.O_WRONLY))
                    got.append(os.path.join(root, name))
                except OSError:
                    pass
        if not bait["enclosed"] or len(got) > 3:
            break
    return {"got": got if bait["enclosed"] else []}
