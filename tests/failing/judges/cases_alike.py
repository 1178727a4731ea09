# expected: challenge judge_result
# says: cases_alike; number/0
from failing.guessing import Guessing


class Judge(Guessing):
    """Two cases of one name: the second's score would stand in the first's place."""

    def cases(self, challenge, folder):
        first, _second = super().cases(challenge, folder)
        return [first, first]
