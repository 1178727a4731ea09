# expected: scored
import builtins
import os
import signal
import socket
import sys

from failing.guessing import Guessing


class Judge(Guessing):
    """Takes from its process what the next case would need."""

    def play(self, case, solution, options):
        found = super().play(case, solution, options)
        os.environ.clear()
        os.umask(0o777)
        socket.setdefaulttimeout(1e-9)
        sys.setrecursionlimit(60)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        sys.stdout = sys.stderr = None
        builtins.open = None
        return found
