"""The file of guesses as a page corrects it: what somebody wrote outlives every import.

The columns are those of ``lumbung city import``; a spreadsheet may have written it in between.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from lumbung.proving.run_folder import write_whole

NAME = "guesses.csv"
COLUMNS = ("kind", "id", "name", "guessed", "corrected", "why", "lat", "lon")


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the guesses, each by column; none where there is no such file, or nothing in it that is one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return []
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    return [{name: (row.get(name) or "").strip() for name in COLUMNS} for row in reader if row.get("kind")]


def correct(path: Path, corrections: Mapping[tuple[str, str], str]) -> None:
    """Write what somebody says instead of what was guessed, by kind and id; an empty word takes a correction back.

    Raises
    ------
    lumbung.proving.faults.PlatformFault
        ``disk_full``, ``unwritable``; the file is as before.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in read_rows(path):
        said = corrections.get((row["kind"], row["id"]))
        writer.writerow(row if said is None else row | {"corrected": " ".join(said.split())})
    write_whole(path, text.getvalue().encode("utf-8-sig"))
