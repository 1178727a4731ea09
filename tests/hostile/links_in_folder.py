"""Links files of the host and of the system into its own folder, by name and by content."""

import os


def solve(bait):
    got, loot = [], ""
    if not bait["enclosed"]:
        return {"got": got}
    for target in (bait["secret_file"], "/sub/solution.py", "/usr/bin/env", "/proc/1/environ"):
        for make in (os.link, os.symlink):
            path = f"/tmp/{len(os.listdir('/tmp'))}"
            try:
                make(target, path)
                with open(path, "r+b") as file:
                    loot += file.read(100).decode("latin-1")
                    got.append(f"may write to {target}")
            except OSError:
                pass
    return {"got": got, "loot": loot}
