"""Prints without end, to fill the host's memory or to make it wait."""

import os


def solve(bait):
    block = b"y" * 65536
    for _ in range(bait["bytes"] // len(block)):
        os.write(1, block)
    return {"got": ["printed it all"]}
