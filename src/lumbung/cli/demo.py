"""``lumbung demo``: the shipped city challenge, judged on this machine, with a report to look at."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from lumbung.cli.exits import BAD_INPUT, exits
from lumbung.cli.judging import Judged, judge_plans, make_ready, seconds_since, signing_key
from lumbung.cli.language import language
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import ChallengeFolder
from lumbung.proving.executors import make_executor
from lumbung.proving.judge import ScoredRun, find_judge
from lumbung.proving.report import Entry, write_report
from lumbung.proving.run import RunPlan, plan_run, scores_of
from lumbung.proving.run_folder import write_whole
from lumbung.proving.standing import Standing, compute_standing
from lumbung.proving.submission import find_submission, shipped_solutions


@click.command(name="demo")
@click.argument("challenge", default="resco")
@click.option(
    "--full", is_flag=True, help="All cases instead of the short run (for resco: eight networks, 20 seeds)."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default="lumbung-out/demo", show_default=True
)
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Processes; all processors by default."
)
@click.option("--resume", is_flag=True, help="Go on from what an interrupted run left in the same folder.")
@click.option("--json", "as_json", is_flag=True, help="Print the standing as JSON.")
def command(challenge: str, full: bool, out: Path, workers: int | None, resume: bool, as_json: bool) -> None:
    """Judge every shipped solution on a shipped CHALLENGE and show who is best, how surely, and why.

    Leaves signed evidence per solution and report.html (one file, no network needed) in the --out folder.
    """
    with exits():
        begun = time.monotonic()
        found = find_challenge(challenge)
        plans = plan_demo(found, full=full)
        make_ready(trust=False)
        count = sum(len(plan.cases) for plan in plans.values())
        print(f"{found.challenge.title.in_language(language())}: {len(plans)} solutions, {count} cases to judge",
              file=sys.stderr)  # fmt: skip
        folders = {name: out / "evidence" / name.replace("/", "-") for name in plans}
        judged = judge_plans(plans, folders, make_executor(workers), resume=resume)
        ranking = found.challenge.ranking
        standing = compute_standing({name: [j.evidence] for name, j in judged.items()}, ranking, seed=0)
        report = leave_report(found, standing, judged, out, partial=not full)
        if as_json:
            sys.stdout.write(msgspec.json.format(msgspec.json.encode(standing)).decode() + "\n")
        else:
            print_standing(found, standing)
        print(
            f"evidence  {out / 'evidence'}\nreport    {report}\ntook      {seconds_since(begun)}",
            file=sys.stderr,
        )
        raise SystemExit(BAD_INPUT if not standing.rows else 0)


def plan_demo(found: ChallengeFolder, *, full: bool) -> dict[str, RunPlan]:
    """Plan every shipped solution of the challenge's sector on the short run, or on everything."""
    record = found.challenge
    short = record.demo
    names = short.solutions or tuple(n for n in shipped_solutions() if n.startswith(record.sector + "/"))
    glob, seeds = ("*", None) if full else (short.cases, short.seeds)
    return {name: plan_run(found, find_submission(name), case_glob=glob, seeds=seeds) for name in names}


def leave_report(
    found: ChallengeFolder, standing: Standing, judged: dict[str, Judged], out: Path, *, partial: bool
) -> Path:
    """Write ``report.html`` and return its path."""
    judge = find_judge(found.challenge.judge)
    runs = [
        ScoredRun(name, tuple(scores_of(j.plan, j.outcomes))) for name, j in judged.items() if j.fault is None
    ]
    text = write_report(
        found.challenge,
        standing,
        judge.metrics[found.challenge.ranking.metric],
        [Entry(name, str(j.path), j.fault) for name, j in judged.items()],
        judge.pictures(runs),
        signer=signing_key()[1],
        made=datetime.now(UTC),
        partial=partial,
        language=language(),
    )
    write_whole(out / "report.html", text.encode())
    return out / "report.html"


def print_standing(found: ChallengeFolder, standing: Standing) -> None:
    """Print a standing as a table."""
    from rich.console import Console
    from rich.table import Table

    percent = f"{standing.confidence * 100:g} %"
    table = Table(title=found.challenge.title.in_language(language()), title_justify="left")
    groups = list(dict.fromkeys(group for row in standing.rows for group in row.groups))
    for heading in (
        "rank",
        "range",
        "solution",
        standing.metric,
        f"{percent} interval",
        "worst case",
        *groups,
    ):
        table.add_column(heading, justify="left" if heading == "solution" else "right")
    for row in standing.rows:
        span = f"{row.rank_low}-{row.rank_high}" if row.rank_low != row.rank_high else f"{row.rank_low}"
        interval = "-" if row.low is None or row.high is None else f"{row.low:.1f} - {row.high:.1f}"
        worst = "-" if row.worst is None else f"{row.worst:.1f} ({row.worst_case})"
        figures = [f"{row.groups[group]:.1f}" for group in groups]
        table.add_row(str(row.rank), span, row.name, f"{row.mean:.1f}", interval, worst, *figures)
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    for refusal in standing.refused:
        console.print(f"not ranked: {refusal.name} ({refusal.reason})")
    console.print(
        f"{standing.better} is better; solutions that share a rank cannot be told apart on these cases"
    )
