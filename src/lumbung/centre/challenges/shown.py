"""What of a challenge's folder its page shows: a sample of the public data, and which submissions are its baselines.

Read once, when the challenge is posed, while its folder lies open; a page then reads one row.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from lumbung.proving.challenge import ChallengeError, ChallengeFolder
from lumbung.proving.known_verdicts import known_submissions
from lumbung.proving.packing import PROOFS
from lumbung.proving.submission import shipped_solutions, solutions_for
from lumbung.sandbox import ParcelError, digest_folder

SAMPLE_ROWS, SAMPLE_COLUMNS, LONGEST = 5, 12, 60
MOST_FILES = 40


def baselines(found: ChallengeFolder) -> dict[str, str]:
    """Return the names of the submissions that come with a challenge, by the digest that they have when a team hands them in.

    Those of its folder that are accepted, and the solutions installed here for it.
    """
    named: dict[str, str] = {}
    for name, folder in _solutions(found):
        try:
            named.setdefault(_as_handed_in(folder), name)
        except (ParcelError, OSError):
            continue
    return named


def _solutions(found: ChallengeFolder) -> Iterator[tuple[str, Path]]:
    try:
        known = known_submissions(found)
    except ChallengeError:
        known = []
    for one in known:
        if one.verdict == "accepted" and one.path.is_dir():
            yield one.path.name, one.path
    shipped = shipped_solutions()
    for name in solutions_for(found.challenge):
        if name in shipped:
            yield name.rpartition("/")[2], shipped[name]


def _as_handed_in(folder: Path) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        unmarked = shutil.ignore_patterns("expected.toml", "__pycache__")
        return digest_folder(shutil.copytree(folder, Path(scratch) / "there", ignore=unmarked))


def sample(found: ChallengeFolder) -> dict[str, Any]:
    """Return what a team would look at first of a challenge's public data.

    Returns
    -------
    dict
        ``files``: names and sizes [bytes] of what may be downloaded besides the submissions. Where the judge is that of
        tables, also ``columns``, ``rows`` (the first), ``count`` of rows, and ``target``, the column to predict.
    """
    files = [name for name in found.files if name.parts[0] != PROOFS]
    shown: dict[str, Any] = {
        "files": [[str(name), (found.folder / name).stat().st_size] for name in files[:MOST_FILES]],
        "more": max(0, len(files) - MOST_FILES),
    }
    return {**shown, **_table(found)} if found.challenge.judge == "tables.predictions" else shown


def _table(found: ChallengeFolder) -> dict[str, Any]:
    options = {"truth": "truth.csv", "inputs": "", "key": "id", "target": "target", **found.challenge.options}
    key, target = options["key"], options["target"]
    try:
        answers = {row[key]: row[target] for row in _rows(found.folder / options["truth"])}
        columns, rows = [key], [[each] for each in islice(answers, SAMPLE_ROWS)]
        if options["inputs"]:
            first = list(
                islice(
                    (row for row in _rows(found.folder / options["inputs"]) if row[key] in answers),
                    SAMPLE_ROWS,
                )
            )
            others = [name for row in first[:1] for name in row if name != key]
            columns = [key, *others][:SAMPLE_COLUMNS]
            rows = [[row[name] for name in columns] for row in first]
        return {
            "columns": [*columns, target],
            "rows": [[str(value)[:LONGEST] for value in (*row, answers[row[0]])] for row in rows],
            "count": len(answers),
            "target": target,
        }
    except (OSError, UnicodeDecodeError, KeyError, ValueError, csv.Error):
        return {}  # a table of another kind, or none that can be shown: the files are listed all the same


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.suffix.lower() != ".csv":
        raise ValueError(path.suffix)
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)
