"""Burns CPU time in several processes past its share, while it keeps answering in time."""

import os
import time


def solve(bait):
    for _ in range(2):
        if os.fork() == 0:
            while True:
                pass
    time.sleep(bait["seconds"])
    return {"got": ["was let spin"]}
