"""``lumbung judge``: score one submission on one challenge, and sign the evidence."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from lumbung.cli.exits import CODES, exits
from lumbung.cli.judging import Judged, environment_for, judge_plans, make_ready
from lumbung.cli.language import language
from lumbung.cli.scores import score_line
from lumbung.cli.words import say
from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import ChallengeError
from lumbung.proving.executors import make_executor
from lumbung.proving.run import scores_of
from lumbung.proving.session import Asked, plan_apart
from lumbung.proving.submission import find_submission
from lumbung.proving.unreadable import UNREADABLE


def read_options(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Read ``NAME=VALUE`` pairs; values are read as JSON where they are JSON, else as text.

    Raises
    ------
    ChallengeError
        A pair without ``=``, or a name given twice.
    """
    options: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise ChallengeError("--option", repr(pair), "NAME=VALUE")
        if name in options:
            raise ChallengeError("--option", f"{name} twice", "each option once")
        try:
            options[name] = msgspec.json.decode(value)
        except UNREADABLE:
            options[name] = value
    return options


@click.command(name="judge")
@click.argument("challenge")
@click.argument("submission")
@click.option(
    "--cases",
    "case_glob",
    default="*",
    metavar="GLOB",
    help="Only cases whose id matches; commas join several.",
)
@click.option(
    "--seeds", type=click.IntRange(min=1), metavar="N", help="Only the first N seeds of each group."
)
@click.option(
    "--option",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the challenge's judge, e.g. sensors=camera50 for traffic signals; may be repeated.",
)
# What --option sensors=TIER was called before every judge could have options.
@click.option("--sensors", hidden=True)
@click.option("--phase", default="practice", show_default=True, help="The phase the run counts for.")
@click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Processes; all processors by default."
)
@click.option("--cluster", is_flag=True, help="Run on Ray (extra: cluster).")
@click.option(
    "--trust", is_flag=True, help="Your own code, without a sandbox. The evidence says so; nodes refuse it."
)
@click.option("--resume", is_flag=True, help="Go on from what an interrupted run left in the same folder.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Where evidence, logs and outcomes go."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
def command(
    challenge: str, submission: str, case_glob: str, seeds: int | None, pairs: tuple[str, ...], sensors: str | None,
    phase: str, workers: int | None, cluster: bool, trust: bool, resume: bool, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Score SUBMISSION on CHALLENGE and sign the evidence.

    CHALLENGE is a shipped id ('lumbung challenges' lists them) or a folder. SUBMISSION is a shipped name such as
    city/max-pressure, a folder with solution.py or a program in another language, or a prediction table.

    Exit codes: 0 scored, 1 the submission's fault, 2 bad input or the challenge's fault, 3 this machine's.
    """
    with exits():
        found = find_challenge(challenge)
        theirs = find_submission(submission)
        asked_for = Asked(
            found,
            theirs,
            phase,
            case_glob,
            seeds,
            options=read_options(pairs if sensors is None else (*pairs, f"sensors={sensors}")),
            trust=trust,
            environment=environment_for(theirs, found),
        )
        executor = make_executor(workers, cluster=cluster)
        # Planned where it is played: also a list of cases may end its process.
        plan = plan_apart(asked_for, make_executor(1) if cluster else executor)
        make_ready(trust=trust)
        folder = out or Path("lumbung-out") / found.challenge.id / theirs.name.replace("/", "-")
        judged = judge_plans({theirs.name: plan}, {theirs.name: folder}, executor, resume=resume)[theirs.name]
        (_print_json if as_json else _print_text)(theirs.name, judged)
        raise SystemExit(CODES[judged.fault.owner] if judged.fault else 0)


def _print_json(name: str, judged: Judged) -> None:
    summary = summarise(name, judged)
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(summary)).decode() + "\n")


def summarise(name: str, judged: Judged) -> dict[str, Any]:
    """Return what ``--json`` prints: mean, interval, per-case scores, verdict, evidence path."""
    plan, fault = judged.plan, judged.fault
    ranking = plan.challenge.challenge.ranking
    row = _row(name, judged)
    return {
        "challenge": judged.evidence.challenge,
        "submission": name,
        "submission_digest": judged.evidence.submission_digest,
        "verdict": fault.code if fault else "scored",
        "fault": None
        if fault is None
        else {
            "owner": fault.owner,
            "code": fault.code,
            "params": fault.params,
            "reason": fault.reason(language()),
        },
        "metric": ranking.metric,
        "better": ranking.better,
        "mean": row.mean if row else None,
        "interval": [row.low, row.high] if row else None,
        "few_cases": row.few if row else None,
        "confidence": ranking.confidence,
        "groups": row.groups if row else {},
        "worst_group": {"group": row.weakest, "value": row.groups[row.weakest]}
        if row and row.weakest
        else None,
        "worst": {"case": row.worst_case, "value": row.worst} if row else None,
        "cases": [
            {
                "case": s.case,
                "group": s.group,
                "seed": s.seed,
                "metrics": s.metrics,
                "wall_s": s.wall_s,
                "cpu_s": s.cpu_s,
            }
            for s in scores_of(plan, judged.outcomes)
        ],
        "isolation": judged.evidence.isolation,
        "evidence": str(judged.path),
    }


def _row(name: str, judged: Judged) -> Any:
    if judged.fault is not None:
        return None
    from lumbung.proving.standing import compute_standing

    ranking = judged.plan.challenge.challenge.ranking
    return compute_standing({name: [judged.evidence]}, ranking, seed=0, trusted_only=False).rows[0]


def _print_text(name: str, judged: Judged) -> None:
    if judged.fault is not None:
        case = next((o.case for o in judged.outcomes.values() if o.fault == judged.fault), "")
        click.echo(say("no_score", name=name, reason=judged.fault.reason(language()), case=case))
        log = next((o.log for o in judged.outcomes.values() if o.fault == judged.fault), "")
        if log.strip():
            click.echo("\n".join([say("log"), *("  " + line for line in log.strip().splitlines()[-12:])]))
    else:
        ranking, row = judged.plan.challenge.challenge.ranking, _row(name, judged)
        click.echo(score_line(name, ranking.metric, ranking.better, ranking.confidence, row))
        for group, mean in row.groups.items():
            click.echo(f"  {group:<24} {mean:.4g}")
        if row.weakest:
            click.echo(say("worst_group", group=row.weakest, value=f"{row.groups[row.weakest]:.4g}"))
        click.echo(say("worst_case", case=row.worst_case, value=f"{row.worst:.4g}"))
    held = judged.evidence.isolation
    if held.kind == "none" and not judged.plan.trust:
        pass  # no box could be had, and nothing ran: the reason above says so
    elif held.kind == "none":
        click.echo(say("trusted"))
    else:
        click.echo(say("isolation", kind=held.kind, limits=held.limits_by))
    click.echo(say("evidence", path=judged.path))
