# expected: scored
import os
import time

from failing.guessing import Guessing


class Judge(Guessing):
    """Leaves children behind that would live for an hour, one of them in a session of its own."""

    def play(self, case, solution, options):
        for number in range(4):
            if os.fork() == 0:
                if number:
                    os.setsid()
                time.sleep(3600)
                os._exit(0)
        return super().play(case, solution, options)
