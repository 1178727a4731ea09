"""Leaves files behind outside its own /tmp: in the system, its own folder, the interpreter, the host's folders."""

import os


def solve(bait):
    got = []
    for folder in bait["folders"]:
        path = os.path.join(folder, bait["marker"])
        try:
            with open(path, "w") as file:
                file.write(bait["marker"])
            got.append(path)
        except OSError:
            pass
    return {"got": got}
