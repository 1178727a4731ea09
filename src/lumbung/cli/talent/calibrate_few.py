"""``lumbung talent calibrate --prior …``: item parameters from few answers, and how much of each comes from them."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from lumbung.talent.irt.hierarchical import FewAnswers, Prior
    from lumbung.talent.irt.parameters import ItemParameters


class PriorOptionError(ValueError):
    """An option of calibration with priors that cannot be read."""


def read_priors(given: tuple[str, ...]) -> Prior:
    """Read ``estimated`` and ``NAME=MEAN:SD``."""
    from lumbung.talent.irt.hierarchical import NAMES, Prior

    found: dict[str, tuple[float, float]] = {}
    for text in given:
        if text == "estimated":
            continue
        name, _, numbers = text.partition("=")
        mean, _, spread = numbers.partition(":")
        try:
            if name not in NAMES:
                raise ValueError
            found[name] = float(mean), float(spread)
        except ValueError:
            raise PriorOptionError(
                f"--prior {text}: expected `estimated` or NAME=MEAN:SD with NAME one of {', '.join(NAMES)}, for instance "
                "slope=0:0.3"
            ) from None
    return Prior(**found)


def read_features(path: Path, items: tuple[str, ...]) -> dict[str, NDArray[np.float64]]:
    """Read a table of features; a column of words becomes one column of 0 and 1 for each word but the first."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    if not rows or "item" not in rows[0]:
        raise PriorOptionError(f"{path}, line 1: expected a column `item` beside the features")
    by_item = {row["item"]: row for row in rows}
    missing = [name for name in items if name not in by_item]
    if missing:
        raise PriorOptionError(f"{path}: no row for item {missing[0]}, nor for {len(missing) - 1} others")
    found: dict[str, NDArray[np.float64]] = {}
    for column in (name for name in rows[0] if name != "item"):
        texts = [(by_item[name][column] or "").strip() for name in items]
        try:
            found[column] = np.array([float(text) for text in texts])
        except ValueError:
            for word in list(dict.fromkeys(texts))[1:]:
                found[f"{column}={word}"] = np.array([float(text == word) for text in texts])
    return found


def _guesses(source: str) -> ItemParameters:
    if source == "bank":
        from lumbung.talent.bank import load_bank
        from lumbung.talent.irt.parameters import ItemParameters

        columns = load_bank().columns()
        return ItemParameters.logistic(columns.a, columns.b, guessing=columns.c, names=columns.ids)
    from lumbung.talent.irt.item_file import read_items

    return read_items(Path(source))


def _chosen(known: ItemParameters, names: tuple[str, ...], source: str) -> ItemParameters:
    places = {name: k for k, name in enumerate(known.names)}
    missing = [name for name in names if name not in places]
    if missing:
        raise PriorOptionError(
            f"--guesses {source}: no parameters for item {missing[0]}, nor for {len(missing) - 1} others"
        )
    return known.chosen([places[name] for name in names])


def _fixed(given: tuple[str, ...], guesses: ItemParameters | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in given:
        name, _, value = text.partition("=")
        if name not in ("guessing", "slope"):
            raise PriorOptionError(f"--fixed {text}: expected guessing=… or slope=…")
        if value == "guesses":
            if guesses is None:
                raise PriorOptionError(f"--fixed {text}: needs --guesses")
            found[name] = guesses.guessing if name == "guessing" else guesses.slopes
            continue
        try:
            found[name] = float(value)
        except ValueError:
            raise PriorOptionError(f"--fixed {text}: expected a number after =, or `guesses`") from None
    return found


def calibrate_few(
    responses: Path,
    model: str,
    priors: tuple[str, ...],
    features: Path | None,
    guesses: str | None,
    fixed: tuple[str, ...],
    group: str | None,
    *,
    as_json: bool,
) -> None:
    """Calibrate and print."""
    from lumbung.talent.irt.answer_table import read_answer_table
    from lumbung.talent.irt.hierarchical import calibrate_with_priors

    if model == "grm":
        raise PriorOptionError("--model grm: calibration with priors takes right/wrong items (1pl, 2pl, 3pl)")
    prior = read_priors(priors)
    every = _guesses(guesses) if guesses else None
    table = read_answer_table(
        responses, group, only=every.names if every is not None and guesses == "bank" else None
    )
    known = _chosen(every, table.items, str(guesses)) if every is not None else None
    explained = read_features(features, table.items) if features else {}
    if known is not None:
        explained["guess"] = known.difficulties[:, 0]
    held = _fixed(fixed, known)
    found = calibrate_with_priors(
        table.answers,
        prior=prior,
        features=explained,
        fixed_guessing=held.get("guessing", None if model == "3pl" else 0.0),
        fixed_slope=held.get("slope", 1.0 if model == "1pl" else None),
        weights=table.weights,
        item_names=table.items,
    )
    document = few_document(found, "3pl" if found.items.guessing.max() > 0 else model)
    document["problems"] = [str(problem) for problem in table.problems] + document["problems"]
    if as_json:
        click.echo(json.dumps(document, indent=1, ensure_ascii=False))
    else:
        _print(document)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def few_document(found: FewAnswers, model: str) -> dict[str, Any]:
    """Everything such a calibration says, as plain data; `score` and `simulate` read it."""
    items = found.items
    rows = [
        {
            "name": name,
            "answers": int(found.answered[j]),
            "a": _number(items.slopes[j]),
            "a_interval": [_number(v) for v in found.slope_interval[j]],
            "d": [_number(items.intercepts[j, 0])],
            "b": [_number(items.difficulties[j, 0])],
            "b_se": [_number(found.difficulty_sd[j])],
            "b_interval": [_number(v) for v in found.difficulty_interval[j]],
            "c": _number(items.guessing[j]),
            "from_data": {"a": _number(found.from_data[j, 0]), "b": _number(found.from_data[j, 1])},
        }
        for j, name in enumerate(items.names)
    ]
    return {
        "model": model,
        "method": "posterior means under priors over items",
        "persons": int(found.n_persons),
        "log_likelihood": found.log_likelihood,
        "iterations": found.passes,
        "converged": found.converged,
        "population": {
            "log_slope": {"mean": found.slope_population[0], "sd": found.slope_population[1]},
            "difficulty_sd": found.difficulty_spread,
            "coefficients": {
                name: {"value": value, "sd": found.coefficient_sds[name]}
                for name, value in found.coefficients.items()
            },
            "explained": found.explained,
        },
        "items": rows,
        "problems": [str(problem) for problem in found.problems],
    }


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _between(ends: list[float | None]) -> str:
    return "" if ends[0] is None else f" [{_cell(ends[0])}, {_cell(ends[1])}]"


def _print(document: dict[str, Any]) -> None:
    import sys

    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 110)
    table = Table(title=f"with priors: {len(document['items'])} items, {document['persons']} persons")
    table.add_column("item")
    for name in ("answers", "slope a [95 %]", "difficulty b [95 %]", "c", "from answers: a", "b"):
        table.add_column(name, justify="right")
    for row in document["items"]:
        shares = ("–" if row["from_data"][n] is None else f"{row['from_data'][n]:.0%}" for n in ("a", "b"))
        table.add_row(
            row["name"], str(row["answers"]), _cell(row["a"]) + _between(row["a_interval"]),
            _cell(row["b"][0]) + _between(row["b_interval"]), _cell(row["c"]), *shares,
        )  # fmt: skip
    console.print(table)
    people = document["population"]
    added = "   ".join(
        f"{name} {v['value']:+.2f} ± {v['sd']:.2f}" for name, v in people["coefficients"].items()
    )
    console.print(
        f"items: log a {people['log_slope']['mean']:+.2f}, SD {people['log_slope']['sd']:.2f}; b = {added}, "
        f"SD around it {people['difficulty_sd']:.2f}; the features explain {people['explained']:.0%}",
        highlight=False,
    )
    settled = "" if document["converged"] else " (NOT settled)"
    console.print(f"{document['iterations']} passes{settled}", highlight=False)
    for problem in document["problems"]:
        click.echo(f"note: {problem}", err=True)
