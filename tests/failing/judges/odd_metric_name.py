# expected: challenge judge_result
# says: odd_metric_name; Miss in %
from failing.guessing import Guessing
from lumbung.proving.text import Text


class Judge(Guessing):
    """Declared and returned, but no name that evidence can carry."""

    metrics = {**Guessing.metrics, "Miss in %": Text("share", "bagian", "比例")}  # noqa: RUF012

    def measured(self, case, solution):
        return {**super().measured(case, solution), "Miss in %": 1.0}
