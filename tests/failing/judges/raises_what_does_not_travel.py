# expected: challenge judge_raised
# says: number/0; Stubborn
from failing.guessing import Guessing


class Stubborn(Exception):
    """Cannot be pickled on its way from a worker process, nor rebuilt there."""

    def __init__(self, first, second):
        super().__init__("stubborn")
        self.hold = lambda: (first, second)


class Judge(Guessing):
    def play(self, case, solution, options):
        raise Stubborn(1, 2)
