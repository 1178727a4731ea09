# expected: submission wrong_format
import numpy as np

from failing.guessing import Guessing
from lumbung.proving.faults import SubmissionFault


class OffTheMap(SubmissionFault):
    def __init__(self, place):
        super().__init__("wrong_format", where="the map", found=place, expected="a place on it")


class Judge(Guessing):
    def play(self, case, solution, options):
        solution.solve({"least": 0, "most": 10})
        raise OffTheMap(np.array([120.0, -95.0]))
