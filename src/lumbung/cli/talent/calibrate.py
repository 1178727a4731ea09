"""``lumbung talent calibrate``: item parameters from a table of answers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.exits import exits

if TYPE_CHECKING:
    from lumbung.talent.irt.answer_table import AnswerTable
    from lumbung.talent.irt.calibration import Calibration


@click.command()
@click.argument("responses", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--model",
    type=click.Choice(["1pl", "2pl", "3pl", "grm"]),
    default="2pl",
    show_default=True,
    help="1pl: one common slope; 2pl: slope and difficulty; 3pl: with guessing; grm: graded answers.",
)
@click.option(
    "--group",
    metavar="COLUMN",
    help="Column with each person's group, e.g. language; reports item bias (DIF).",
)
@click.option("--nodes", default=61, show_default=True, help="Quadrature nodes on [-6, 6].")
@click.option(
    "--no-guessing-prior", is_flag=True, help="3pl: plain maximum likelihood for the guessing parameter."
)
@click.option(
    "--errors",
    type=click.Choice(["auto", "observed", "crossprod", "none"]),
    default="auto",
    show_default=True,
    help="How standard errors are computed.",
)
@click.option(
    "--prior",
    "priors",
    multiple=True,
    metavar="estimated | NAME=MEAN:SD",
    help="Calibrate with priors, for few answers: `estimated` takes them from the answers themselves; "
    "slope=0:0.3 (of log a), difficulty=0:1 and guessing=-1.4:0.5 (of logit c) state them.",
)
@click.option(
    "--features",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What explains difficulty: a CSV with a column `item` and others; words become one 0/1 column each. "
    "Calibrates with priors.",
)
@click.option(
    "--guesses",
    metavar="FILE|bank",
    help="Expert guesses as a feature: item parameters as `calibrate --json` prints, or the shipped bank's.",
)
@click.option(
    "--fixed",
    multiple=True,
    metavar="NAME=VALUE",
    help="Not estimated: guessing=0.25, slope=1, or guessing=guesses. Calibrates with priors.",
)
@click.option("--no-fit", is_flag=True, help="Skip item fit (S-X2) and model fit (M2).")
@click.option("--threads", type=int, help="Threads; any number gives the same result.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document, which score and simulate can read."
)
def command(
    responses: Path,
    model: str,
    group: str | None,
    nodes: int,
    no_guessing_prior: bool,
    errors: str,
    priors: tuple[str, ...],
    features: Path | None,
    guesses: str | None,
    fixed: tuple[str, ...],
    no_fit: bool,
    threads: int | None,
    as_json: bool,
) -> None:
    """Estimate item parameters from RESPONSES.csv.

    One row a person, one column an item, empty where a person did not see an item. Answers are 0 and 1, or 0, 1, 2, …
    for graded items. An optional column `freq` counts equal rows; `person` or `id` is passed over.
    """
    from lumbung.talent.irt.answer_table import read_answer_table
    from lumbung.talent.irt.calibration import calibrate

    with exits():
        if priors or features or guesses or fixed:
            from lumbung.cli.talent.calibrate_few import calibrate_few

            calibrate_few(responses, model, priors, features, guesses, fixed, group, as_json=as_json)
            return
        table = read_answer_table(responses, group)
        found = calibrate(
            table.answers,
            model,  # type: ignore[arg-type]
            weights=table.weights,
            groups=table.groups,
            item_names=table.items,
            nodes=nodes,
            guessing_prior=None if no_guessing_prior else (5.0, 17.0),
            standard_errors=errors,  # type: ignore[arg-type]
            threads=threads,
        )
        document = _with_fit(found, table, model, no_fit, group, threads)
    document["problems"] = [str(problem) for problem in table.problems] + document["problems"]
    if as_json:
        click.echo(json.dumps(document, indent=1, ensure_ascii=False))
        return
    _print(document)


def _with_fit(
    found: Calibration, table: AnswerTable, model: str, no_fit: bool, group: str | None, threads: int | None
) -> dict[str, Any]:
    from lumbung.talent.irt.functioning import differential_functioning
    from lumbung.talent.irt.item_file import to_document
    from lumbung.talent.irt.item_fit import ItemFitError, s_x2
    from lumbung.talent.irt.model_fit import ModelFitError, m2
    from lumbung.talent.irt.responses import read_array

    item_fit = model_fit = None
    notes = []
    if not no_fit and group is None:
        answers, _, _ = read_array(table.answers, table.weights)
        try:
            item_fit = s_x2(answers[0], found.items, found.theta, model)
        except ItemFitError as error:
            notes.append(str(error))
        try:
            model_fit = m2(answers[0], found.items, found.theta, model)
        except ModelFitError as error:
            notes.append(f"no M2: {error}")
    document = to_document(found, item_fit, model_fit)
    document["problems"] += notes
    if not no_fit and group is not None and len(found.group_names) > 1:
        with click.progressbar(length=len(table.items), label="item bias", file=sys.stderr) as bar:
            rows = differential_functioning(
                table.answers,
                table.groups,
                model,  # type: ignore[arg-type]
                weights=table.weights,
                item_names=table.items,
                threads=threads,
                progress=lambda done, of: bar.update(1),
            )
        document["bias"] = [
            {
                "item": row.item,
                "chi2": row.statistic,
                "df": row.degrees,
                "p": row.p_value,
                "p_adjusted": row.adjusted_p,
                "effect": row.signed,
                "effect_unsigned": row.unsigned,
                "flagged": row.flagged,
            }
            for row in rows
        ]
    return document


def _cell(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _with_error(value: float | None, error: float | None) -> str:
    return _cell(value) if error is None else f"{_cell(value)} ± {_cell(error)}"


def _pairs(values: list[float | None], errors: list[float | None]) -> str:
    padded = errors + [None] * (len(values) - len(errors))
    return "\n".join(_with_error(v, e) for v, e in zip(values, padded, strict=True))


def _print(document: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 110)
    fitted = any("s_x2" in row for row in document["items"])
    guessing = any("c" in row for row in document["items"])
    table = Table(
        title=f"{document['model'].upper()}: {len(document['items'])} items, {document['persons']:g} persons"
    )
    table.add_column("item")
    for name in ("slope a ± SE", "intercept d ± SE", "difficulty b ± SE"):
        table.add_column(name, justify="right")
    if guessing:
        table.add_column("guessing c", justify="right")
    if fitted:
        table.add_column("S-X² (df) p", justify="right")
    for row in document["items"]:
        cells = [
            row["name"],
            _with_error(row["a"], row["a_se"]),
            _pairs(row["d"], row["d_se"]),
            _pairs(row["b"], row["b_se"]),
        ]
        if guessing:
            cells.append(_cell(row.get("c")))
        if fitted:
            fit = row["s_x2"]
            cells.append(f"{_cell(fit['statistic'], 2)} ({_cell(fit['df'], 0)}) {_cell(fit['p'])}")
        table.add_row(*cells)
    console.print(table)
    console.print(
        f"log-likelihood {document['log_likelihood']:.3f}   AIC {document['aic']:.1f}   BIC {document['bic']:.1f}   "
        f"{document['parameters']} parameters   {document['iterations']} passes"
        f"{'' if document['converged'] else ' (NOT converged)'}   errors: {document['standard_errors']}",
        highlight=False,
    )
    if "fit" in document:
        fit = document["fit"]
        console.print(
            f"M2 {fit['m2']:.3f} (df {fit['df']}, p {fit['p']:.3f})   RMSEA {fit['rmsea']:.3f} "
            f"[{fit['rmsea_90'][0]:.3f}, {fit['rmsea_90'][1]:.3f}]   SRMSR {fit['srmsr']:.3f}",
            highlight=False,
        )
    if len(document["groups"]) > 1:
        for one in document["groups"]:
            console.print(
                f"group {one['name']}: ability mean {one['mean']:.3f}, SD {one['sd']:.3f}", highlight=False
            )
    if "bias" in document:
        _print_bias(document["bias"], console)
    for problem in document["problems"]:
        click.echo(f"note: {problem}", err=True)


def _print_bias(rows: list[dict[str, Any]], console: Any) -> None:
    from rich.table import Table

    table = Table(title="item bias between groups (likelihood ratio)")
    for name in ("item", "χ² (df)", "p adjusted", "effect", ""):
        table.add_column(name, justify="left" if name in ("item", "") else "right")
    for row in rows:
        table.add_row(
            row["item"],
            f"{row['chi2']:.2f} ({row['df']})",
            f"{row['p_adjusted']:.4f}",
            f"{row['effect']:+.3f}",
            "flagged" if row["flagged"] else "",
        )
    console.print(table)
