# expected: scored
import threading
import time

from failing.guessing import Guessing


class Judge(Guessing):
    """Its threads are no daemons: an interpreter that wants to end waits for them."""

    def play(self, case, solution, options):
        for _ in range(8):
            threading.Thread(target=time.sleep, args=(3600,)).start()
        return super().play(case, solution, options)
