# expected: challenge judge_result
# says: undeclared_metric; number/0; luck
from failing.guessing import Guessing


class Judge(Guessing):
    def measured(self, case, solution):
        return {**super().measured(case, solution), "luck": 1.0}
