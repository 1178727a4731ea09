"""Runs an owner's ``metric.py`` inside the box: what it is asked lies in the question, and nothing else is there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "metric"
sys.path.insert(0, str(FOLDER))


def solve(problem: dict[str, Any]) -> Any:
    import metric  # type: ignore[import-not-found]

    return metric.score(problem["truth"], problem["answers"], problem["items"])
