# expected: challenge judge_result
# says: cases_none
from failing.guessing import Guessing


class Judge(Guessing):
    def cases(self, challenge, folder):
        return None
