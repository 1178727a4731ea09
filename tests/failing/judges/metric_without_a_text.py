# expected: challenge judge_result
# says: metrics[miss]
from typing import ClassVar

from failing.guessing import Guessing
from lumbung.proving.measure import Measure


class Judge(Guessing):
    metrics: ClassVar = {**Guessing.metrics, "miss": Measure("distance to the number", "lower", 0)}
