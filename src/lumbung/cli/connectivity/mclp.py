"""``lumbung connectivity mclp``: the maximal covering problem on a file of the published layout."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lumbung.cli.connectivity.patience import stoppable
from lumbung.cli.exits import exits

if TYPE_CHECKING:
    from lumbung.connectivity.engine.covering.search import Answer


@click.command(name="mclp")
@click.argument("instance", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--sites", required=True, type=click.IntRange(min=1), help="How many sites may be built.")
@click.option("--radius", required=True, type=click.FloatRange(min=0), help="A site reaches this far [m].")
@click.option(
    "--seconds",
    default=60.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Time allowed, reading included.",
)
@click.option(
    "--gap", default=0.0, show_default=True, type=click.FloatRange(min=0), help="Good enough, e.g. 0.01."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the swaps.")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep what is learnt here, and go on from it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(
    instance: Path, sites: int, radius: float, seconds: float, gap: float, seed: int, checkpoint: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Choose sites of INSTANCE so that the most demand lies within the radius of one.

    Prints the value, a proven upper bound and the gap between them. "optimal" is said only where they meet; what is
    found within a time limit can differ from run to run, since it depends on how far the machine gets. Ctrl-C gives the
    best so far.
    """
    begun = time.monotonic()
    with exits():
        from lumbung.connectivity.siting import solve_instance

        with stoppable() as interrupted:
            answer = solve_instance(
                instance, sites, radius, seconds, gap=gap, seed=seed,
                checkpoint=checkpoint, watch=_progress(sys.stderr.isatty() and not as_json), interrupted=interrupted,
            )  # fmt: skip
        took = time.monotonic() - begun
        print(_as_json(answer, instance, took) if as_json else _as_text(answer, instance, took))


def _progress(shown: bool):  # type: ignore[no-untyped-def]
    def watch(stage, knowledge):  # type: ignore[no-untyped-def]
        if shown:
            gap = f"{(stage.bound - stage.value) / stage.value:.3%}" if stage.value > 0 else "-"
            print(
                f"{stage.seconds:8.1f} s  value {stage.value:,.0f}  bound {stage.bound:,.0f}  gap {gap}  {stage.what}",
                file=sys.stderr,
            )

    return watch


def _as_json(answer: Answer, instance: Path, took: float) -> str:
    return json.dumps(
        {
            "instance": instance.name,
            "value": _plain(answer.value),
            "bound": _plain(answer.bound),
            "gap": answer.gap,
            "optimal": answer.optimal,
            "ending": answer.ending,
            "seconds": round(took, 3),
            "sites": [int(j) for j in answer.chosen],
        }
    )


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def _as_text(answer: Answer, instance: Path, took: float) -> str:
    ending = {
        "optimal": "optimal: no choice of sites reaches more",
        "gap": "stopped at the gap asked for",
        "interrupted": "stopped by you: not proven optimal",
        "time": "stopped at the time limit: not proven optimal",
    }[answer.ending]
    return "\n".join(
        [
            f"{instance.name}: {len(answer.chosen)} sites",
            f"value    {answer.value:,.0f}",
            f"bound    {answer.bound:,.0f}",
            f"gap      {answer.gap:.4%}",
            f"seconds  {took:.1f}",
            f"{ending}",
            "sites    " + " ".join(str(int(j)) for j in answer.chosen),
        ]
    )
