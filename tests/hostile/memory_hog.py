"""Takes memory without end, in one process."""


def solve(bait):
    hoard = []
    for _ in range(bait["bytes"] >> 20):
        hoard.append(bytearray(b"x") * 2**20)
    return {"got": [f"{len(hoard)} MiB"]}
