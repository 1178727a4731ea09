# expected: challenge judge_ended
# says: number/0
import ctypes

from failing.guessing import Guessing


class Judge(Guessing):
    """Reads address nought, as an engine in C does on a bad day."""

    def play(self, case, solution, options):
        ctypes.string_at(0)
