"""Makes twenty thousand files without content, to use up the file system's memory."""

import os


def solve(bait):
    for number in range(20_000 if bait["enclosed"] else 0):
        try:
            os.close(os.open(f"/tmp/{number}", os.O_CREAT | os.O_WRONLY, 0o600))
        except OSError:
            break
    return {"got": []}
