# expected: scored
from failing.guessing import Guessing


class Judge(Guessing):
    """The one whose submissions wait behind the others'."""
