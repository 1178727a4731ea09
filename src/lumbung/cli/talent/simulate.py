"""``lumbung talent simulate``: generated people take the adaptive test."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lumbung.cli.exits import exits

if TYPE_CHECKING:
    from lumbung.talent.adaptive.pool import ItemPool

_LANGUAGES = ("en", "id", "zh")


@click.command()
@click.option(
    "--items",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Item parameters from `calibrate --json`; by default the shipped bank, in each of its languages.",
)
@click.option("--generated", type=int, metavar="N", help="Use N generated items instead.")
@click.option("--language", type=click.Choice([*_LANGUAGES, "all"]), default="all", show_default=True)
@click.option("--people", default=10_000, show_default=True, help="Generated people per language.")
@click.option("--mean", default=0.0, show_default=True, help="Mean of their true ability.")
@click.option("--sd", default=1.0, show_default=True, help="Standard deviation of their true ability.")
@click.option("--error", default=0.3, show_default=True, help="Stop at this standard error.")
@click.option("--least", default=8, show_default=True, help="Fewest items.")
@click.option("--most", default=40, show_default=True, help="Most items.")
@click.option(
    "--candidates",
    type=click.IntRange(1, 64),
    help="Randomesque: the lot falls among this many best items; 5, or 1 with --exposure.",
)
@click.option("--exposure", type=float, help="Sympson-Hetter: largest share of people who may see an item.")
@click.option(
    "--acceptance",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --exposure: write the probabilities it found, as a bank keeps them.",
)
@click.option(
    "--controlled", is_flag=True, help="Serve the shipped bank with the exposure control it ships with."
)
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    items: Path | None,
    generated: int | None,
    language: str,
    people: int,
    mean: float,
    sd: float,
    error: float,
    least: int,
    most: int,
    candidates: int | None,
    exposure: float | None,
    acceptance: Path | None,
    controlled: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Try the adaptive test on generated people before real ones take it.

    Says how many items a test needs, how often the 95 % interval holds the true ability, and how often items are
    seen. True abilities and answers are generated; item parameters are those of the bank or file.
    """
    import numpy as np

    from lumbung.talent.adaptive.exposure import sympson_hetter
    from lumbung.talent.adaptive.simulation import simulate
    from lumbung.talent.adaptive.stopping import StoppingRule

    rows = []
    with exits():
        rule = StoppingRule(error, least, most)
        if acceptance is not None and exposure is None:
            raise click.UsageError("--acceptance writes what --exposure finds; give both")
        for number, (name, pool) in enumerate(_pools(items, generated, language, controlled).items()):
            lots = candidates or (5 if exposure is None else 1)
            if exposure is not None:
                with click.progressbar(length=12, label=f"exposure, {name}", file=sys.stderr) as bar:
                    pool = sympson_hetter(
                        pool, exposure, rule, candidates=lots, progress=lambda done, of: bar.update(1)
                    )
                if acceptance is not None:
                    _write_acceptance(pool, acceptance)
            truth = np.random.default_rng([seed, number]).normal(mean, sd, people)
            tests = simulate(pool, truth, rule, lots, seed=(seed + 1) * 10_000_019 + number * people)
            rows.append(_row(name, pool, tests))
    if as_json:
        click.echo(json.dumps({"data": "generated", "rows": rows}, indent=1))
    else:
        _print(rows, people, error)


def _write_acceptance(pool: ItemPool, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["item", "acceptance"])
        for name, chance in zip(pool.items.names, pool.acceptance, strict=True):
            if chance < 1:
                writer.writerow([name, f"{chance:.4f}"])


def _pools(items: Path | None, generated: int | None, language: str, controlled: bool) -> dict[str, ItemPool]:
    from lumbung.talent.adaptive.pool import ItemPool

    if items is not None:
        from lumbung.talent.irt.item_file import read_items

        found = read_items(items)
        return {items.stem: ItemPool.build(found.chosen(found.known.nonzero()[0]))}
    if generated is not None:
        from lumbung.talent.adaptive.generated import generated_pool

        return {f"{generated} generated items": generated_pool(generated)}
    from lumbung.talent.bank.load import load_acceptance, load_bank

    bank, accepted = list(load_bank()), load_acceptance() if controlled else None
    chosen = _LANGUAGES if language == "all" else (language,)
    return {f"bank, {name}": ItemPool.from_bank(bank, name, acceptance=accepted) for name in chosen}


def _row(name: str, pool: ItemPool, tests: Any) -> dict[str, Any]:
    import numpy as np

    from lumbung.talent.security.item_exposure import exposure

    use = exposure(tests.items, len(pool))
    low, middle, high = np.quantile(tests.length, [0.05, 0.5, 0.95])
    return {
        "pool": name,
        "items": len(pool),
        "people": len(tests.truth),
        "mean_length": float(tests.length.mean()),
        "length_5_50_95": [float(low), float(middle), float(high)],
        "covered": tests.covered,
        "bias": tests.bias,
        "rmse": tests.rmse,
        "mean_standard_error": float(tests.standard_error.mean()),
        "largest_exposure": float(use.rates.max()),
        "never_used": use.unused,
        "overlap": use.overlap,
    }


def _print(rows: list[dict[str, Any]], people: int, error: float) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table(
        title=f"adaptive test to a standard error of {error}; {people:,} people per row (generated)"
    )
    columns = (
        "pool",
        "items",
        "length",
        "5–95 %",
        "95 % interval holds",
        "bias",
        "RMSE",
        "most seen",
        "unused",
        "overlap",
    )
    for place, name in enumerate(columns):
        table.add_column(name, justify="left" if place == 0 else "right")
    for row in rows:
        low, _, high = row["length_5_50_95"]
        table.add_row(
            row["pool"],
            str(row["items"]),
            f"{row['mean_length']:.1f}",
            f"{low:.0f}–{high:.0f}",
            f"{100 * row['covered']:.1f} %",
            f"{row['bias']:+.3f}",
            f"{row['rmse']:.3f}",
            f"{100 * row['largest_exposure']:.0f} %",
            str(row["never_used"]),
            f"{100 * row['overlap']:.0f} %",
        )
    console.print(table)
    console.print(
        "True abilities and answers are generated; lengths hold for the item parameters as they stand."
    )
