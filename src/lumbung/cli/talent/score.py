"""``lumbung talent score``: abilities from answers."""

from __future__ import annotations

import csv
import json
import math
import sys
from pathlib import Path
from statistics import NormalDist
from typing import Any

import click

from lumbung.cli.exits import exits

_FIELDS = (
    "person",
    "theta",
    "standard_error",
    "lower",
    "upper",
    "percentile",
    "answered",
    "lz_star",
    "look_again",
)


@click.command()
@click.argument("responses", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--items",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Item parameters: what `calibrate --json` printed.",
)
@click.option(
    "--method",
    type=click.Choice(["eap", "map", "ml"]),
    default="eap",
    show_default=True,
    help="eap: mean of the posterior; map: its mode; ml: no prior.",
)
@click.option("--level", default=0.01, show_default=True, help="Level at which lz* asks for a second look.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of CSV.")
def command(responses: Path, items: Path, method: str, level: float, as_json: bool) -> None:
    """Score the people of RESPONSES.csv.

    Prints one row a person: ability theta with standard error and 95 % interval, the share of the reference
    population below it, how many items were answered, and the person-fit statistic lz* (right/wrong items): a low value
    means hard items right and easy ones wrong, a reason to look again and never a verdict.
    """
    from lumbung.talent.irt.answer_table import read_answer_table
    from lumbung.talent.irt.item_file import read_items

    with exits():
        known = read_items(items)
        table = read_answer_table(responses, only=known.names)
        rows = _rows(table, known, method, level)
    for problem in table.problems:
        click.echo(f"note: {problem}", err=True)
    if as_json:
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    writer = csv.DictWriter(sys.stdout, _FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in rows)


def _rounded(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None


def _rows(table: Any, items: Any, method: str, level: float) -> list[dict[str, Any]]:
    import numpy as np

    from lumbung.talent.irt.ability import score
    from lumbung.talent.security.person_fit import person_fit

    places = {name: k for k, name in enumerate(table.items)}
    answers = np.full((len(table.answers), len(items)), -1, dtype=np.int16)
    for j, name in enumerate(items.names):
        if name in places:
            answers[:, j] = table.answers[:, places[name]]
    found = score(answers, items, method)  # type: ignore[arg-type]
    star = np.full(len(answers), np.nan)
    if (items.categories == 2).all():
        star = person_fit(answers, items).lz_star
    limit = NormalDist().inv_cdf(level)
    answered = (answers >= 0).sum(axis=1)
    rows = []
    for i in range(len(answers)):
        theta, error = float(found.theta[i]), float(found.standard_error[i])
        rows.append(
            {
                "person": table.persons[i] if table.persons else str(i + 1),
                "theta": _rounded(theta),
                "standard_error": _rounded(error),
                "lower": _rounded(theta - 1.96 * error),
                "upper": _rounded(theta + 1.96 * error),
                "percentile": _rounded(100 * NormalDist().cdf(theta)),
                "answered": int(answered[i]),
                "lz_star": _rounded(star[i]),
                "look_again": bool(star[i] < limit),
            }
        )
    return rows
