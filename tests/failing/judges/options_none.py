# expected: challenge judge_result
# says: options_none
from failing.guessing import Guessing


class Judge(Guessing):
    def check_options(self, options):
        return None
