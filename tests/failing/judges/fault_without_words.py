# expected: challenge judge_raised
# says: number/0; overfished
from failing.guessing import Guessing
from lumbung.proving.faults import SubmissionFault


class Judge(Guessing):
    def play(self, case, solution, options):
        raise SubmissionFault("overfished", where="the lagoon")
