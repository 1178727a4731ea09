# expected: challenge judge_result
# says: nan; number/0; miss
from failing.guessing import Guessing


class Judge(Guessing):
    def measured(self, case, solution):
        return {**super().measured(case, solution), "miss": float("nan")}
