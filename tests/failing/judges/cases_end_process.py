# expected: challenge judge_ended
# says: cases(); exit code 5
import os

from failing.guessing import Guessing


class Judge(Guessing):
    def cases(self, challenge, folder):
        os._exit(5)
