# expected: scored
import os
import tempfile

from failing.guessing import Guessing


class Judge(Guessing):
    """Leaves its process in a folder that is gone."""

    def play(self, case, solution, options):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
        return super().play(case, solution, options)
