# expected: challenge judge_result
# says: empty_engine_name; number/0; engine
from failing.guessing import Guessing
from lumbung.proving.case import score_case


class Judge(Guessing):
    def play(self, case, solution, options):
        return score_case(case, self.measured(case, solution), "")
