"""Starts chance from the same place in every run of Python below, so that a case scores the same twice."""

import random

random.seed(0)
try:
    import numpy
except ImportError:
    pass
else:
    numpy.random.seed(0)
