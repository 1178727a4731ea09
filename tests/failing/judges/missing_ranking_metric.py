# expected: challenge judge_result
# says: missing_ranking_metric; number/0; miss
from failing.guessing import Guessing


class Judge(Guessing):
    def measured(self, case, solution):
        return {"square": super().measured(case, solution)["square"]}
