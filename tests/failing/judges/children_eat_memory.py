# expected: challenge judge_out_of_memory
# says: number/0
import os
import time

from failing.guessing import Guessing


class Judge(Guessing):
    """Each of its processes holds little; together they hold too much."""

    def play(self, case, solution, options):
        for _ in range(24):
            if os.fork() == 0:
                hold = bytearray(b"x") * (64 << 20)
                time.sleep(3600 + len(hold) % 2)
                os._exit(0)
        time.sleep(3600)
