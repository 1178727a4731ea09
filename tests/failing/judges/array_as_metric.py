# expected: challenge judge_result
# says: array_as_metric; number/0; miss
import numpy as np

from failing.guessing import Guessing


class Judge(Guessing):
    def measured(self, case, solution):
        return {**super().measured(case, solution), "miss": np.zeros(3)}
