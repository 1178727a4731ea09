# expected: challenge judge_result
# says: wrong_digest; number/0; digest
import msgspec

from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        return msgspec.structs.replace(super().play(case, solution, options), digest="sha256:" + "0" * 64)
