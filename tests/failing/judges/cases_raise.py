# expected: challenge judge_raised
# says: cases_raise; truth.csv
from failing.guessing import Guessing


class Judge(Guessing):
    def cases(self, challenge, folder):
        raise RuntimeError("truth.csv has no column 'target'")
