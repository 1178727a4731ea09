# expected: challenge judge_ended
# says: number/0
import os
import signal

from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        os.kill(os.getpid(), signal.SIGKILL)
