# expected: challenge judge_ended
# says: number/1; exit code 4
import os
import time

from failing.guessing import Guessing


class Judge(Guessing):
    """Leaves a daemon behind, in a session of its own and without a parent, and ends."""

    def play(self, case, solution, options):
        if case.seed:
            os._exit(4)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(3600)
            os._exit(0)
        os.wait()
        return super().play(case, solution, options)
