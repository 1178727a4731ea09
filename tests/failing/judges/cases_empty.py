# expected: challenge broken_challenge
# says: cases
from failing.guessing import Guessing


class Judge(Guessing):
    def cases(self, challenge, folder):
        return []
