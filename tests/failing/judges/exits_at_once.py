# expected: challenge judge_ended
# says: number/0; exit code 0
import os

from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        os._exit(0)
