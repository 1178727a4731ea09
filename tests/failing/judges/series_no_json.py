# expected: challenge judge_result
# says: series_no_json; number/0; series
from failing.guessing import Guessing
from lumbung.proving.case import score_case


class Judge(Guessing):
    def play(self, case, solution, options):
        return score_case(
            case, self.measured(case, solution), "guessing 1.0", {"where": object(), "how": {1 + 2j}}
        )
