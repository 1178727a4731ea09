# expected: challenge judge_result
# says: huge_integer; number/0; miss
from failing.guessing import Guessing


class Judge(Guessing):
    """An integer that no float holds: float() of it raises OverflowError."""

    def measured(self, case, solution):
        return {**super().measured(case, solution), "miss": 10**400}
