"""Makes evidence of runs that never happened, for tests of what is computed from evidence."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from lumbung.proving.case import CaseScore
from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.digest import digest_data
from lumbung.proving.evidence import Evidence, Isolation, let_out

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def evidence_of(
    figures: dict[str, list[float]],
    *,
    egress: Egress | None = None,
    metric: str = "delay",
    rows: int = 20,
    mean: str = "arithmetic",
    **changes: object,
) -> Evidence:
    """Evidence of a run whose groups have these figures, one per case of so many rows."""
    scores = [
        CaseScore(
            f"{group}/{seed}", group, seed, digest_data([group, seed]), {metric: value}, "engine 1", rows=rows
        )
        for group, values in figures.items()
        for seed, value in enumerate(values)
    ]
    private = egress is not None
    ranking = Ranking(metric, "lower", mean)  # type: ignore[arg-type]
    told, aggregates = let_out(scores, egress or Egress(), ranking, private=private)
    piece = Evidence(
        challenge="toy",
        challenge_version=1,
        challenge_digest=digest_data("toy"),
        options_digest=digest_data({}),
        phase="practice",
        submission_digest=digest_data(repr(figures)),
        cases_digest=digest_data([score.digest for score in scores]),
        case_count=len(scores),
        finished_count=len(scores),
        private=private,
        judge="toy.judge",
        judge_version=1,
        engines=("engine 1",),
        fault=None,
        rule=(egress or Egress()).rule,
        rows=told,
        aggregates=aggregates,
        isolation=Isolation("bubblewrap", "cgroup2"),
        wall_s=1.0,
        cpu_s=1.0,
        peak_memory_bytes=2**20,
        country="ID",
        started=NOW,
        finished=NOW,
    )
    return msgspec.structs.replace(piece, **changes)
