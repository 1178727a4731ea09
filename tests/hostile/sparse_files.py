"""Makes files of a terabyte that hold nothing, then fills what it can of them."""

import os


def solve(bait):
    folder, written = bait["folder"], 0
    for number in range(20):
        descriptor = os.open(f"{folder}/sparse-{number}", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            os.ftruncate(descriptor, 2**40)
        except OSError:
            pass
        try:
            os.posix_fallocate(descriptor, 0, 8 * 2**20)
            written += 8 * 2**20
        except OSError:
            pass
        os.close(descriptor)
        if not bait["enclosed"]:
            os.unlink(f"{folder}/sparse-{number}")
    return {"written": written, "got": []}
