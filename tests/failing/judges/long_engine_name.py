# expected: challenge judge_result
# says: long_engine_name; number/0; engine
from failing.guessing import Guessing
from lumbung.proving.case import score_case


class Judge(Guessing):
    """Two engines joined by a semicolon, longer than evidence allows."""

    def play(self, case, solution, options):
        engine = "propagation by recommendation P.1812-7; terrain of version 2.14.3"
        return score_case(case, self.measured(case, solution), engine)
