# expected: challenge judge_result
# says: text_as_metric; number/0; miss; 1.5
from failing.guessing import Guessing


class Judge(Guessing):
    def measured(self, case, solution):
        return {**super().measured(case, solution), "miss": "1.5"}
