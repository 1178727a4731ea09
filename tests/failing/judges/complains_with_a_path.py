# expected: challenge broken_challenge
# says: truth.csv; 7 columns
from pathlib import Path

from failing.guessing import Guessing
from lumbung.proving.challenge import ChallengeError


class Judge(Guessing):
    def play(self, case, solution, options):
        raise ChallengeError(Path("data/truth.csv"), "7 columns", 8)
