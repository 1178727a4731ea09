# expected: challenge judge_result
# says: version
from failing.guessing import Guessing


class Judge(Guessing):
    version = "1"
