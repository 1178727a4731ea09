# expected: challenge judge_timed_out
# says: number/0
import time

from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        time.sleep(3600)
