# expected: challenge judge_timed_out
# says: number/0
import signal

from failing.guessing import Guessing


class Judge(Guessing):
    """Computes without end and takes no hint."""

    def play(self, case, solution, options):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGXCPU):
            signal.signal(number, signal.SIG_IGN)
        while True:
            pass
