# expected: challenge judge_result
# says: series_with_itself; number/0; series
from failing.guessing import Guessing
from lumbung.proving.case import score_case


class Judge(Guessing):
    """A list that holds itself has no end when it is written."""

    def play(self, case, solution, options):
        queue = [1.0]
        queue.append(queue)
        return score_case(case, self.measured(case, solution), "guessing 1.0", {"queue": queue})
