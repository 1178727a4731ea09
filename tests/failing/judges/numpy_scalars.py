# expected: scored
import numpy as np

from failing.guessing import Guessing


class Judge(Guessing):
    """What an honest author returns who sums numpy booleans."""

    def measured(self, case, solution):
        found = super().measured(case, solution)
        return {"miss": np.float64(found["miss"]), "square": np.array([True, False]).sum()}
