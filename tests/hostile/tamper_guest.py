"""Changes the code that speaks for it: the guest program, the interpreter's library, its own submission."""

import os
import sys


def solve(bait):
    got = []
    # Without a sandbox only its own copy is at stake: the victim named by the bait.
    victims = (
        [bait["victim"]] if bait["victim"] else [sys.modules["__main__"].__file__, os.__file__, __file__]
    )
    for path in victims:
        for attempt in (lambda p: os.chmod(p, 0o777), lambda p: open(p, "a").close(), os.unlink):
            try:
                attempt(path)
                got.append(path)
            except OSError:
                pass
    return {"got": got}
