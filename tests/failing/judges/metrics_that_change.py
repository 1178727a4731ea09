# expected: challenge judge_result
# says: metrics_that_change; number/1; square
from failing.guessing import Guessing


class Judge(Guessing):
    def measured(self, case, solution):
        found = super().measured(case, solution)
        return found if case.seed == 0 else {"miss": found["miss"]}
