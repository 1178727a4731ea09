# expected: scored
import os
import sys

from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        for _ in range(20):
            print("x" * 1_000_000)
            os.write(2, b"y" * 1_000_000)
        sys.stdout.flush()
        return super().play(case, solution, options)
