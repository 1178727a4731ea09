# expected: challenge judge_result
# says: cases_hold_functions; number/0; inputs[rule]
from failing.guessing import Guessing
from lumbung.proving.case import make_case


class Judge(Guessing):
    """What cannot be sent to the process that plays it."""

    def cases(self, challenge, folder):
        return [
            make_case("number/0", "number", 0, {"rule": lambda tide: tide}, {"tide": "sha256:" + "0" * 64})
        ]
