"""Makes or enters namespaces: unshare, clone, clone3, setns."""

import ctypes
import os

FLAGS = {"user": 0x10000000, "mount": 0x00020000, "pid": 0x20000000, "net": 0x40000000, "ipc": 0x08000000}
NUMBERS = {"x86_64": 56, "aarch64": 220}
CLONE3, SIGCHLD = 435, 17


def attempt(got, what, action):
    child = os.fork()
    if child == 0:
        os._exit(0 if action() else 1)
    if os.waitpid(child, 0)[1] == 0:
        got.append(what)


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    got = []

    def clone(flags):
        pid = libc.syscall(NUMBERS[os.uname().machine], flags | SIGCHLD, 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        return pid > 0

    def clone3(flags):
        arguments = (ctypes.c_uint64 * 8)(flags, 0, 0, 0, SIGCHLD)
        pid = libc.syscall(CLONE3, arguments, 64)
        if pid == 0:
            os._exit(0)
        return pid > 0

    def setns():
        descriptor = os.open("/proc/self/ns/uts", os.O_RDONLY)
        return libc.setns(descriptor, 0) == 0

    for name, flag in FLAGS.items():
        attempt(got, f"unshare {name}", lambda flag=flag: libc.unshare(flag) == 0)
        attempt(got, f"clone {name}", lambda flag=flag: clone(flag))
        attempt(got, f"clone3 {name}", lambda flag=flag: clone3(flag))
        attempt(got, f"unshare user and {name}", lambda flag=flag: libc.unshare(flag | FLAGS["user"]) == 0)
    attempt(got, "setns", setns)
    return {"got": got}
