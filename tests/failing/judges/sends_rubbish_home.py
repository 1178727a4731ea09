# expected: challenge judge_ended
# says: number/0
import contextlib
import os
import stat

from failing.guessing import Guessing


class Judge(Guessing):
    """Writes into every pipe and socket of its process, the way back among them."""

    def play(self, case, solution, options):
        found = super().play(case, solution, options)
        for number in range(3, 256):
            with contextlib.suppress(OSError):
                kind = os.fstat(number).st_mode
                if stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind):
                    os.set_blocking(number, False)
                    os.write(number, b"\xff" * 64)
        return found
