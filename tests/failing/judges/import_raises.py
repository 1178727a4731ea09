# expected: challenge judge_raised
# says: import_raises; ZeroDivisionError
from failing.guessing import Guessing

SHARE = 1 / 0


class Judge(Guessing):
    pass
