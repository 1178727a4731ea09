"""Takes memory in many children, each below any limit on one process."""

import os
import time


def solve(bait):
    each = bait["bytes"] // 8
    ready_read, ready_write = os.pipe()
    for _ in range(8):
        if os.fork() == 0:
            hoard = bytearray(b"x") * each
            os.write(ready_write, b"1")
            time.sleep(30)
            os._exit(len(hoard) % 2)
    os.close(ready_write)
    filled = 0
    while filled < 8 and os.read(ready_read, 1):
        filled += 1
    # Where the kernel kills one child only, the box must end all the same.
    time.sleep(bait["linger"])
    return {"got": [f"{filled} children with {each} bytes each"] if filled == 8 else [], "filled": filled}
