# expected: challenge judge_timed_out
# says: cases_hang
import time

from failing.guessing import Guessing


class Judge(Guessing):
    def cases(self, challenge, folder):
        time.sleep(3600)
