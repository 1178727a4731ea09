"""How a score comes about, shown with the figures of one submission that everybody may check."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.runs.models import EvidenceRecord
from lumbung.proving.evidence import reopen_evidence

SHOWN = 6
MOST_CASES = 60  # more would cost the page its time; the groups say it as well


@dataclass(frozen=True)
class Worked:
    """One row of a board, taken apart.

    Attributes
    ----------
    row : dict
        As the board has it.
    baseline : bool
        Whether it comes with the challenge.
    cases : list of (str, float)
        The figure of each case, where the rule lets them be told and they are few; else nothing.
    groups : list of (str, float)
        The mean of each group.
    left_out : int
        How many groups (or cases) are not listed.
    geometric : bool
        Whether means are geometric.
    """

    row: dict[str, Any]
    baseline: bool
    cases: list[tuple[str, float]]
    groups: list[tuple[str, float]]
    left_out: int
    geometric: bool

    @property
    def run(self) -> str:
        """The run whose evidence it is."""
        return str(self.row["runs"][0])

    @property
    def shown(self) -> list[tuple[str, float]]:
        """What is averaged last: groups where there are several, else the cases of the one, else its mean."""
        return (self.groups if len(self.groups) > 1 else self.cases or self.groups)[:SHOWN]


def worked_example(challenge: Challenge, board: dict[str, Any]) -> Worked | None:
    """Take a board's best baseline apart, or else its last row; None where nobody is ranked."""
    rows = [row for row in board["rows"] if row["runs"]]
    if not rows:
        return None
    known = [row for row in rows if row["submission_digest"] in challenge.baselines]
    row = (known or rows[-1:])[0]
    ranking = challenge.content.ranking
    groups = list(row["groups"].items())
    cases = [] if len(groups) > 1 else _cases(row, ranking.metric)
    averaged = groups if len(groups) > 1 else cases
    return Worked(row, bool(known), cases, groups, max(0, len(averaged) - SHOWN), ranking.mean == "geometric")


def _cases(row: dict[str, Any], metric: str) -> list[tuple[str, float]]:
    if row["cases"] > MOST_CASES:
        return []
    record = EvidenceRecord.objects.counted().filter(run__token=row["runs"][0]).first()
    told = reopen_evidence(record.envelope.encode()).rows if record is not None else ()
    found = [(each.case, each.metrics[metric]) for each in told]
    return found if all(math.isfinite(figure) for _case, figure in found) else []
