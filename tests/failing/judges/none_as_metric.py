# expected: challenge judge_result
# says: none_as_metric; number/0; miss; None
from failing.guessing import Guessing


class Judge(Guessing):
    def measured(self, case, solution):
        return {**super().measured(case, solution), "miss": None}
