"""``lumbung demo``: all shipped challenges as one season of a centre on this machine, or one of them as a short league."""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from lumbung.cli.demo_plays import Play, short_part
from lumbung.cli.exits import BAD_INPUT, exits, fail
from lumbung.cli.judging import Judged, judge_plans, make_ready, plan_each, seconds_since, signing_key
from lumbung.cli.language import language
from lumbung.cli.scores import interval_cell
from lumbung.cli.words import say
from lumbung.proving.catalogue import find_challenge, shipped_challenges
from lumbung.proving.challenge import ChallengeFolder, ShortRun
from lumbung.proving.evidence import Evidence
from lumbung.proving.executors import make_executor
from lumbung.proving.faults import Fault
from lumbung.proving.judge import Picture, ScoredRun
from lumbung.proving.report import Entry, figure, write_report
from lumbung.proving.run import Outcome, RunPlan, scores_of
from lumbung.proving.run_folder import RunFolder, write_whole
from lumbung.proving.session import draw_pictures
from lumbung.proving.standing import Standing, compute_standing
from lumbung.proving.text import Text


class Shown(msgspec.Struct, frozen=True):
    """A judged solution as the report needs it, whoever judged it."""

    plan: RunPlan
    evidence: Evidence | None
    path: Path
    outcomes: dict[str, Outcome]
    fault: Fault | None
    words: str = ""


@click.command(name="demo")
@click.option(
    "--only",
    metavar="CHALLENGE",
    help="One challenge, a shipped id or a folder, instead of the whole season.",
)
@click.option(
    "--full", is_flag=True, help="All cases instead of the short run (for resco: eight networks, 20 seeds)."
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default="lumbung-out/demo", show_default=True
)
@click.option(
    "--local", is_flag=True, help="Judge without a centre and nodes; --workers and --resume then work."
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes of a --local run; all processors by default.",
)
@click.option(
    "--resume", is_flag=True, help="Go on from what an interrupted --local run left in the same folder."
)
@click.option("--port", type=click.IntRange(1, 65535), help="Of the portal; any free one by default.")
@click.option(
    "--browser/--no-browser",
    default=None,
    help="Open the portal when the league is over; on a terminal by default.",
)
@click.option(
    "--serve/--no-serve", default=None, help="Keep the portal up until Ctrl-C; on a terminal by default."
)
@click.option("--json", "as_json", is_flag=True, help="Print the standing as JSON.")
def command(
    only: str | None, full: bool, out: Path, local: bool, workers: int | None, resume: bool, port: int | None,
    browser: bool | None, serve: bool | None, as_json: bool,
) -> None:  # fmt: skip
    """Play a season on this machine and show who is best, how surely, and why.

    A centre and two nodes (Indonesia, China) start here; every shipped solution is handed in and judged in the sandbox,
    for every shipped challenge in a short run. Around them stand organisations, partners, projects and learners that are
    made up and say so. Leaves signed evidence per solution and report.html (one file, no network needed) in the --out
    folder, then keeps the portal open to look around. Without a centre (--local) one challenge is played, resco where
    --only names no other.
    """
    with exits():
        begun = time.monotonic()
        alone = (
            local or importlib.util.find_spec("django") is None or importlib.util.find_spec("httpx") is None
        )
        if only is not None or alone:
            found = find_challenge(only or "resco")
            plays = [Play(found, ShortRun() if full else found.challenge.demo, out)]
        else:
            plays = [
                Play(found, ShortRun() if full else short_part(found), out / found.challenge.id)
                for found in map(find_challenge, shipped_challenges())
            ]
        if not any(play.submissions for play in plays):
            fail(say("no_solutions", challenge=only), BAD_INPUT)
        make_ready(trust=False)
        for play in plays:
            title = play.found.challenge.title.in_language(language())
            talk(say("solutions", title=title, count=len(play.submissions)))
        if alone:
            (play,) = plays
            shown = judge_here(play, out, workers=workers, resume=resume)
            show(
                play.found,
                shown,
                out,
                partial=not full,
                as_json=as_json,
                signer=signing_key()[1],
                begun=begun,
            )
            return
        _play(
            plays,
            out,
            port,
            full=full,
            season=only is None,
            browser=browser,
            serve=serve,
            as_json=as_json,
            begun=begun,
        )


def _play(
    plays: Sequence[Play], out: Path, port: int | None, *, full: bool, season: bool, browser: bool | None,
    serve: bool | None, as_json: bool, begun: float,
) -> None:  # fmt: skip
    """Play with a centre and two nodes, show every standing, and keep the portal open where somebody looks at it."""
    from lumbung.cli.demo_league import league
    from lumbung.cli.demo_season import play_alone, play_season
    from lumbung.cli.serve import refuse_taken

    if port is not None:
        refuse_taken("127.0.0.1", port)
    at_terminal = sys.stdout.isatty()
    # Held: the league of a demonstration that is still shown is not emptied under its feet.
    with (
        RunFolder(out).held(),
        league(out / "league", [(play.found, play.part) for play in plays], port) as playing,
    ):
        runs = (play_season if season else play_alone)(playing, plays, quiet=as_json, talk=talk)
        for play, challenge in zip(plays, playing.challenges, strict=True):
            judged = playing.results(challenge, play.submissions, runs[challenge.challenge.id], play.out)
            shown = {
                name: Shown(p.plan, p.evidence, p.path, p.outcomes, p.fault, p.words)
                for name, p in judged.items()
            }
            show(
                challenge,
                shown,
                play.out,
                partial=not full,
                as_json=as_json,
                signer=say("nodes"),
                begun=begun,
            )
        if at_terminal if browser is None else browser:
            click.launch(playing.url)
        if at_terminal if serve is None else serve:
            talk(say("stays"))
            while True:
                time.sleep(3600)


def talk(text: str) -> None:
    """Say something to the person, beside the results."""
    print(text, file=sys.stderr, flush=True)


def judge_here(play: Play, out: Path, *, workers: int | None, resume: bool) -> dict[str, Shown]:
    """Judge every solution on this machine without a centre."""
    executor = make_executor(workers)
    plans = plan_each(play.found, play.submissions, "practice", play.part, executor)
    folders = {name: out / "evidence" / name.replace("/", "-") for name in plans}
    judged: dict[str, Judged] = judge_plans(plans, folders, executor, resume=resume)
    return {name: Shown(j.plan, j.evidence, j.path, j.outcomes, j.fault) for name, j in judged.items()}


def show(
    found: ChallengeFolder,
    shown: Mapping[str, Shown],
    out: Path,
    *,
    partial: bool,
    as_json: bool,
    signer: str,
    begun: float,
) -> None:
    """Print the standing and leave the report.

    Raises
    ------
    SystemExit
        With 2 where nothing could be ranked.
    """
    for name, one in shown.items():
        if one.fault is not None:
            case = next((o.case for o in one.outcomes.values() if o.fault == one.fault), "")
            reason = one.fault.reason(language()) + (f" {one.words}" if one.words else "")
            talk(say("no_score", name=name, reason=reason, case=case) if case else f"{name}: {reason}")
    evidence = {name: [one.evidence] for name, one in shown.items() if one.evidence is not None}
    standing = compute_standing(evidence, found.challenge.ranking, seed=0)
    report = leave_report(found, standing, shown, out, partial=partial, signer=signer)
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(standing)).decode() + "\n")
    else:
        print_standing(found, standing)
    talk(say("left", evidence=out / "evidence", report=report, took=seconds_since(begun)))
    if not standing.rows:
        raise SystemExit(BAD_INPUT)


def leave_report(
    found: ChallengeFolder,
    standing: Standing,
    shown: Mapping[str, Shown],
    out: Path,
    *,
    partial: bool,
    signer: str,
) -> Path:
    """Write ``report.html`` and return its path."""
    runs = [
        ScoredRun(name, tuple(scores_of(one.plan, one.outcomes)))
        for name, one in shown.items()
        if one.outcomes
    ]
    text = write_report(
        found.challenge,
        standing,
        next(
            (one.plan.ranked for one in shown.values()),
            Text(standing.metric, standing.metric, standing.metric),
        ),
        [Entry(name, str(one.path), one.fault) for name, one in shown.items()],
        _pictures(found, runs),
        signer=signer,
        made=datetime.now(UTC),
        partial=partial,
        language=language(),
    )
    write_whole(out / "report.html", text.encode())
    return out / "report.html"


def _pictures(found: ChallengeFolder, runs: Sequence[ScoredRun]) -> tuple[Picture, ...]:
    """Let the judge draw what there is; where it cannot, the report stands without."""
    executor = make_executor(1)
    try:
        drawn = draw_pictures(found.challenge, runs, executor)
    finally:
        executor.close()
    if drawn.finding is not None:
        talk(drawn.finding.reason(language()))
    return drawn.pictures


def print_standing(found: ChallengeFolder, standing: Standing) -> None:
    """Print a standing as a table."""
    from rich.console import Console
    from rich.table import Table

    percent = f"{standing.confidence * 100:g} %"
    table = Table(title=found.challenge.title.in_language(language()), title_justify="left")
    groups = list(dict.fromkeys(group for row in standing.rows for group in row.groups))
    for heading in (
        say("rank"),
        say("range"),
        say("solution"),
        standing.metric,
        say("interval", percent=percent),
        say("worst"),
        *groups,
    ):
        table.add_column(heading, justify="left" if heading == say("solution") else "right")
    for row in standing.rows:
        span = f"{row.rank_low}-{row.rank_high}" if row.rank_low != row.rank_high else f"{row.rank_low}"
        worst = "-" if row.worst is None else f"{figure(row.worst)} ({row.worst_case})"
        figures = [figure(row.groups[group]) for group in groups]
        table.add_row(str(row.rank), span, row.name, figure(row.mean), interval_cell(row), worst, *figures)
    console = Console(width=None if sys.stdout.isatty() else 160)
    console.print(table)
    for refusal in standing.refused:
        console.print(say("not_ranked", name=refusal.name, reason=refusal.reason))
    console.print(say("share", better=say(standing.better)))
    if any(row.few for row in standing.rows):
        console.print(say("few_note"))
