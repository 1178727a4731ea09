"""Looks for processes of the host."""

import os


def solve(bait):
    got, loot = [], ""
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    loot += file.read().decode("utf-8", "replace") + "\n"
            except OSError:
                pass
    return {"got": got, "loot": loot}
