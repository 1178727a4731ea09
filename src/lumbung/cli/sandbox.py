"""``lumbung sandbox``: show that the sandbox holds here, attack by attack."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from lumbung.sandbox import AttackResult, Isolation


@click.group()
def command() -> None:
    """Show that the sandbox holds on this machine."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
@click.option("--attack", "chosen", multiple=True, metavar="NAME", help="Only this attack (may be repeated).")
def check(as_json: bool, chosen: tuple[str, ...]) -> None:
    """Let every hostile program loose in the sandbox and show how each one ended.

    Exits with 0 when all were held, with 3 when one was not or when there is no sandbox here; then it says what to
    install or allow. Judges and nodes run the same test before their first run.
    """
    from lumbung.sandbox import SandboxUnavailable, attack_names

    names = attack_names()
    unknown = sorted(set(chosen) - set(names))
    if unknown:
        raise click.UsageError(f"no attack called {', '.join(unknown)}; there are: {', '.join(names)}")
    try:
        isolation, results = _run(list(chosen) or names, quiet=as_json)
    except SandboxUnavailable as error:
        if as_json:
            click.echo(json.dumps({"held": False, "error": str(error)}))
        click.echo(f"error: {error}", err=True)
        sys.exit(3)
    if as_json:
        _print_json(isolation, results)
    else:
        _print_table(isolation, results)
    sys.exit(0 if all(result.held for result in results) else 3)


def _run(names: list[str], *, quiet: bool) -> tuple[Isolation, list[AttackResult]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from lumbung.sandbox import isolation_here, run_attack

    isolation = isolation_here()
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn())
    results = []
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as progress:
        task = progress.add_task("", total=len(names))
        for name in names:
            progress.update(task, description=name)
            results.append(run_attack(name))
            progress.advance(task)
    return isolation, results


def _print_json(isolation: Isolation, results: list[AttackResult]) -> None:
    held = all(result.held for result in results)
    rows = [vars(result) for result in results]
    click.echo(json.dumps({"held": held, "isolation": vars(isolation), "attacks": rows}, indent=2))


def _print_table(isolation: Isolation, results: list[AttackResult]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from lumbung.sandbox import ADVICE

    console = Console()
    table = Table(title=f"{isolation.kind} {isolation.bwrap_version}, limits by {isolation.limits_by}")
    table.add_column("attack", no_wrap=True)
    table.add_column("what it tries", ratio=3)
    table.add_column("", no_wrap=True)
    table.add_column("how it ended", ratio=2)
    for result in results:
        mark = Text("held", style="green") if result.held else Text("BROKEN", style="bold red")
        table.add_row(result.name, Text(result.title), mark, Text(result.detail))
    console.print(table)
    for note in isolation.notes:
        console.print(Text(f"note: {note}"))
    broken = [result.name for result in results if not result.held]
    if broken:
        console.print(
            Text(f"{len(broken)} of {len(results)} attacks were not held: {', '.join(broken)}.", "bold red")
        )
        console.print(Text(ADVICE))
    else:
        console.print(Text(f"All {len(results)} attacks were held.", "green"))
