# expected: scored
import sys

from failing.guessing import Guessing
from lumbung.proving.case import Case

if "pytest" in sys.modules or "django" in sys.modules:
    raise SystemExit("this judge was loaded where no judge belongs")


class Number(Case, frozen=True):
    """A case of this module's own class, which whoever unpickles it would load."""


class Judge(Guessing):
    def cases(self, challenge, folder):
        return [Number(c.id, c.group, c.seed, c.inputs, c.digest) for c in super().cases(challenge, folder)]
