"""Changes kernel settings under /proc: as real root inside, core_pattern alone is a way out to the host."""

import os

SETTINGS = (
    "kernel/core_pattern",
    "kernel/modprobe",
    "kernel/hostname",
    "vm/overcommit_memory",
    "fs/suid_dumpable",
)


def solve(bait):
    got = []
    for path in (*(f"/proc/sys/{name}" for name in SETTINGS), "/proc/sysrq-trigger"):
        try:
            os.close(os.open(path, os.O_WRONLY))  # opened for writing is enough to know; nothing is written
            got.append(path)
        except OSError:
            pass
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("-1000")
        got.append("out of the out-of-memory killer's reach")
    except OSError:
        pass
    return {"got": got}
