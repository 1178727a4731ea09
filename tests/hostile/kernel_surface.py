"""Reaches for rare kernel interfaces: keyrings, userfaultfd, perf, file handles, personality, fanotify."""

import ctypes
import os

NUMBERS = {
    "x86_64": {"add_key": 248, "keyctl": 250, "userfaultfd": 323, "perf_event_open": 298, "personality": 135,
               "name_to_handle_at": 303, "fanotify_init": 300, "vmsplice": 278, "kcmp": 312, "syslog": 103,
               "swapon": 167, "reboot": 169, "init_module": 175, "kexec_load": 246, "acct": 163, "quotactl": 179,
               "process_madvise": 440, "pidfd_getfd": 438, "seccomp": 317, "shmget": 29, "mbind": 237},
    "aarch64": {"add_key": 217, "keyctl": 219, "userfaultfd": 282, "perf_event_open": 241, "personality": 92,
                "name_to_handle_at": 264, "fanotify_init": 262, "vmsplice": 75, "kcmp": 272, "syslog": 116,
                "swapon": 224, "reboot": 142, "init_module": 105, "kexec_load": 104, "acct": 89, "quotactl": 60,
                "process_madvise": 440, "pidfd_getfd": 438, "seccomp": 277, "shmget": 194, "mbind": 235},
}  # fmt: skip
EPERM, ENOSYS = 1, 38
ADDR_NO_RANDOMIZE = 0x0040000
# Without a sandbox only calls are tried that change nothing.
HARMLESS = ("keyctl", "userfaultfd", "kcmp", "pidfd_getfd", "process_madvise", "seccomp", "shmget")


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    numbers = NUMBERS[os.uname().machine]
    for name, number in numbers.items():
        if name == "personality" or (not bait["enclosed"] and name not in HARMLESS):
            continue
        ctypes.set_errno(0)
        result = libc.syscall(number, -1, -1, -1, -1, -1, -1)
        # Any other complaint means that the kernel went on to look at the arguments.
        if result >= 0 or ctypes.get_errno() not in (EPERM, ENOSYS):
            got.append(name)
    if bait["enclosed"] and libc.syscall(numbers["personality"], ADDR_NO_RANDOMIZE) >= 0:
        got.append("personality")
    return {"got": got}
