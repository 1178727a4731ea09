"""What an importer had to guess, in a file that an engineer corrects and that every later import keeps.

One row a guess, with a column ``corrected`` that is empty at first. Rows with a correction outlive an import, also where
the guess they correct is not made any more; nothing that a person wrote is thrown away.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lumbung.city.engine.networks import NetworkError

COLUMNS = ("kind", "id", "name", "guessed", "corrected", "why", "lat", "lon")
KINDS = ("side", "sidewalks", "lanes", "speed", "signal", "plan", "place")
WHOLE = "network"


@dataclass(frozen=True)
class Guess:
    """One thing that the map does not say.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    id : str
        What it is about: a way, a node, a signal, a place of counting, or the whole network.
    name : str
        For a person.
    guessed, corrected : str
        What was taken, and what the engineer says instead; empty where nothing was said.
    why : str
    lat, lon : float, optional
        Where [degrees].
    """

    kind: str
    id: str
    name: str
    guessed: str
    why: str
    corrected: str = ""
    lat: float | None = None
    lon: float | None = None


def read_guesses(path: Path) -> dict[tuple[str, str], Guess]:
    """Read the file of guesses, by kind and id; nothing where it does not exist.

    Raises
    ------
    NetworkError
        It cannot be read, lacks a column, or names a kind that does not exist.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise NetworkError(str(path), str(error), "a table saved as CSV in UTF-8") from None
    # spreadsheets of many countries write semicolons
    first = text.splitlines()[0] if text.strip() else ""
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    missing = [c for c in ("kind", "id", "corrected") if c not in (reader.fieldnames or ())]
    if missing:
        raise NetworkError(f"{path}, line 1", f"no column {missing[0]}", ", ".join(COLUMNS))
    found = {}
    for row in reader:
        kind, name = (row.get("kind") or "").strip(), (row.get("id") or "").strip()
        if not kind and not name:
            continue
        if kind not in KINDS:
            raise NetworkError(
                f"{path}, line {reader.line_num}, kind", repr(kind), "one of " + ", ".join(KINDS)
            )
        found[kind, name] = Guess(
            kind,
            name,
            row.get("name") or "",
            row.get("guessed") or "",
            row.get("why") or "",
            (row.get("corrected") or "").strip(),
            _degrees(row.get("lat")),
            _degrees(row.get("lon")),
        )
    return found


def _degrees(text: str | None) -> float | None:
    try:
        return float((text or "").replace(",", "."))
    except ValueError:
        return None


def keep_corrections(guesses: Iterable[Guess], known: Mapping[tuple[str, str], Guess]) -> list[Guess]:
    """Give new guesses the corrections made before; what corrects none of them stays at the end."""
    made = list(guesses)
    asked = {(g.kind, g.id) for g in made}
    kept = [
        replace(g, corrected=known[g.kind, g.id].corrected) if (g.kind, g.id) in known else g for g in made
    ]
    return kept + [g for key, g in known.items() if key not in asked and g.corrected]


def write_guesses(path: Path, guesses: Iterable[Guess]) -> None:
    """Write the file of guesses; the old one stays until the new one is whole."""
    beside = path.with_name(path.name + ".new")
    # the mark at the beginning lets spreadsheets read it as UTF-8
    with beside.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for g in guesses:
            place = ["" if v is None else f"{v:.6f}" for v in (g.lat, g.lon)]
            writer.writerow([g.kind, g.id, g.name, g.guessed, g.corrected, g.why, *place])
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
