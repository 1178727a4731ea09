# expected: scored
import os

from failing.guessing import Guessing


class Judge(Guessing):
    """Its child goes on as if it were the judge, and answers as well."""

    def play(self, case, solution, options):
        found = super().play(case, solution, options)
        os.fork()
        return found
