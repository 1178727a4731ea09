# expected: challenge judge_result
# says: infinity; number/0; square; inf
from failing.guessing import Guessing


class Judge(Guessing):
    def measured(self, case, solution):
        return {**super().measured(case, solution), "square": float("-inf")}
