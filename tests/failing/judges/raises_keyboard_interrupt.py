# expected: challenge judge_raised
# says: number/0; KeyboardInterrupt
from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        raise KeyboardInterrupt
