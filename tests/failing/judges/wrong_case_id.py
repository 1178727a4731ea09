# expected: challenge judge_result
# says: wrong_case_id; number/0; number/7
import msgspec

from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        return msgspec.structs.replace(super().play(case, solution, options), case="number/7")
