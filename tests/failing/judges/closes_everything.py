# expected: challenge judge_ended
# says: number/0
import os

from failing.guessing import Guessing


class Judge(Guessing):
    """Closes what it did not open: its own way back is among that."""

    def play(self, case, solution, options):
        os.closerange(0, 4096)
        return super().play(case, solution, options)
