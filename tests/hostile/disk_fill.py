"""Fills the disk: writes to every place that takes it until nothing more fits."""

import os


def solve(bait):
    written = 0
    block = b"x" * 2**20
    made = []
    for folder in (*bait["folders"], *(["/tmp", "/dev/shm"] if bait["enclosed"] else [])):
        for number in range(64):
            path = os.path.join(folder, f"fill-{bait['marker']}-{number}")
            try:
                with open(path, "wb") as file:
                    made.append(path)
                    while written < bait["bytes"]:
                        written += file.write(block)
                        file.flush()
            except OSError:
                pass
    for path in made:
        os.unlink(path)
    return {"got": [], "written": written}
