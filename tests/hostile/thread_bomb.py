"""Starts threads without end."""

import threading
import time


def solve(bait):
    made = 0
    for _ in range(bait["threads"]):
        try:
            threading.Thread(target=time.sleep, args=(0.5,), daemon=True).start()
            made += 1
        except RuntimeError:
            break
    return {"made": made, "got": []}
