"""The league that ``lumbung demo`` plays: a centre and two nodes on this machine, Indonesia's and China's.

Organisations, people and teams are made up and named so. Everything else is real: the web server, the queue, the
nodes in processes of their own, the sandbox, the evidence.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lumbung.cli.judging import plan_each, progress_bar
from lumbung.cli.words import say
from lumbung.proving.challenge import ChallengeFolder, ShortRun, read_challenge
from lumbung.proving.evidence import Evidence
from lumbung.proving.executors import make_executor
from lumbung.proving.faults import Fault, PlatformFault
from lumbung.proving.run import Outcome, RunPlan, scores_of
from lumbung.proving.run_folder import RunFolder
from lumbung.proving.submission import Submission
from lumbung.sandbox.lifeline import with_lifeline

if TYPE_CHECKING:
    from lumbung.centre.members.models import Team, User
    from lumbung.centre.runs.models import Run

STAFF = "demo@lumbung.example"
PHASE = "demo"
NODES = {"ID": ("simpul-demo-id", "Demo Kota (Indonesia)"), "CN": ("jiedian-demo-cn", "Demo City (China)")}


class Played(msgspec.Struct, frozen=True):
    """What a team's run in the league gave."""

    plan: RunPlan
    evidence: Evidence | None
    path: Path
    outcomes: dict[str, Outcome]
    fault: Fault | None
    words: str


class League:
    """A centre and two nodes below *folder*.

    Parameters
    ----------
    folder : Path
        Emptied first: the demo is played anew each time.
    challenges : sequence of (ChallengeFolder, ShortRun)
        What is played, each with the part of its cases that is judged.
    """

    def __init__(
        self, folder: Path, challenges: Sequence[tuple[ChallengeFolder, ShortRun]], port: int | None = None
    ) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder.resolve()
        self.port = port or _free_port()
        self.password = secrets.token_urlsafe(9)
        self.challenges = [self._with_phase(*each) for each in challenges]
        self._parts = {found.challenge.id: part for found, part in challenges}
        self._processes: list[subprocess.Popen[bytes]] = []

    staff = STAFF

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def _with_phase(self, challenge: ChallengeFolder, played: ShortRun) -> ChallengeFolder:
        """Copy the challenge and give it a phase for the demo's cases."""
        copy = self.folder / "challenges" / challenge.challenge.id
        shutil.copytree(challenge.folder, copy, ignore=shutil.ignore_patterns("submissions", "__pycache__"))
        part = (
            f'part = {{ cases = "{played.cases}"'
            + (f", seeds = {played.seeds}" if played.seeds else "")
            + " }"
        )
        phase = f"""
[[phases]]
id = "{PHASE}"
daily_limit = 1000
{part}
title = {{ en = "Demonstration", id = "Peragaan", zh = "演示" }}
"""
        toml = copy / "challenge.toml"
        toml.write_text(toml.read_text(encoding="utf-8") + phase, encoding="utf-8")
        return read_challenge(copy)

    def start(self) -> None:
        """Start the centre, pose the challenges, let both nodes join."""
        os.environ["LUMBUNG_HOME"] = str(self.folder / "centre")
        from lumbung.cli.serve import make_staff, set_up

        set_up()
        make_staff(STAFF, self.password)
        codes = self._pose()
        self._spawn("serve", "--port", str(self.port), home="centre")
        self._wait_until_it_answers()
        for country, (name, _) in NODES.items():
            self._node(name, "init", name, "--country", country, "--workers", "1")
            for challenge in self.challenges:
                self._node(name, "accept", str(challenge.folder))
            self._node(name, "join", self.url, codes[country])
            self._approve(name)
            self._spawn("node", "run", home=name)

    def _approve(self, name: str) -> None:
        """The owners let a node judge, where it is another organisation's."""
        from lumbung.centre.challenges.models import Challenge
        from lumbung.centre.members.models import User
        from lumbung.centre.runs.approvals import approve, may_judge
        from lumbung.centre.runs.models import Node

        node = Node.objects.get(name=name)
        for challenge in Challenge.objects.all():
            if not may_judge(node, challenge):
                approve(User.objects.get(email=STAFF), challenge, node, now=datetime.now(UTC))

    def _pose(self) -> dict[str, str]:
        from lumbung.centre.challenges.services import pack, pose, set_state
        from lumbung.centre.members import services as members
        from lumbung.centre.members.models import User
        from lumbung.centre.runs.services import enrol_node

        now, codes, owners = datetime.now(UTC), {}, {}
        staff = User.objects.get(email=STAFF)
        for country, (_, title) in NODES.items():
            organisation = members.register_organisation(
                staff,
                name=title,
                country=country,
                kind="public",
                size="large",
                about="Made up for the demo.",
                now=now,
            )
            members.approve_organisation(staff, organisation, now=now)
            organisation.refresh_from_db()
            codes[country] = enrol_node(staff, organisation, now=now)
            owners[country] = organisation
        for challenge in self.challenges:
            archive = pack(challenge.folder, self.folder / "challenge.tar")
            owner = owners.get(challenge.challenge.home, owners["ID"])
            set_state(staff, pose(staff, owner, [archive.read_bytes()], now=now), "open", now=now)
        return codes

    def hand_in(
        self,
        challenge: ChallengeFolder,
        submissions: Mapping[str, Submission],
        teams: Mapping[str, tuple[User, Team]] | None = None,
    ) -> dict[str, Run]:
        """Hand each solution in, for its team of *teams*, or one that is founded for it; returns each one's run."""
        from lumbung.centre.challenges.models import Phase
        from lumbung.centre.challenges.services import pack
        from lumbung.centre.members import services as members
        from lumbung.centre.members.models import User
        from lumbung.centre.runs.services import hand_in

        now = datetime.now(UTC)
        phase = Phase.objects.select_related("challenge__owner").get(
            slug=PHASE, challenge__slug=challenge.challenge.id
        )
        runs = {}
        for name, submission in submissions.items():
            if teams is not None:
                captain, team = teams[name]
            else:
                captain = User.objects.get(email=STAFF)
                team = members.found_team(
                    captain, name=f"Demo {name.split('/')[-1]}", organisations=[], now=now
                )
            archive = pack(submission.folder, self.folder / "submission.tar")
            handed_in = hand_in(captain, team, phase, [archive.read_bytes()], name=name, now=now)
            runs[name] = handed_in.runs.get()
        return runs

    def watch(self, runs: Mapping[str, Run], *, quiet: bool) -> None:
        """Show how far the runs are until all are over.

        Raises
        ------
        PlatformFault
            A process of the league ended.
        """
        with progress_bar(quiet) as progress:
            bar = progress.add_task(say("judging"), total=None, now="") if progress else None
            while True:
                self._check_processes()
                for run in runs.values():
                    run.refresh_from_db()
                if progress and bar is not None:
                    self._show(progress, bar, runs)
                if all(run.over for run in runs.values()):
                    return
                time.sleep(0.3)

    def _show(self, progress: Any, bar: Any, runs: Mapping[str, Run]) -> None:
        known = [run.total_cases for run in runs.values() if run.total_cases]
        total = max(known, default=0) * len(runs) or None
        done = sum(run.total_cases if run.over else run.finished_cases for run in runs.values())
        now = ", ".join(
            say("at", name=name.split("/")[-1], node=run.node)
            for name, run in runs.items()
            if run.state == "running"
        )
        progress.update(bar, total=total, completed=done, now=now)

    def results(
        self,
        challenge: ChallengeFolder,
        submissions: Mapping[str, Submission],
        runs: Mapping[str, Run],
        out: Path,
    ) -> dict[str, Played]:
        """Take evidence from the centre, and what the pictures need from the nodes' own folders."""
        from lumbung.proving.evidence import reopen_evidence

        executor = make_executor(1)
        try:
            plans = plan_each(challenge, submissions, PHASE, self._parts[challenge.challenge.id], executor)
        finally:
            executor.close()
        played = {}
        for name, run in runs.items():
            plan = plans[name]
            folder = RunFolder(out / "evidence" / name.replace("/", "-"))
            record = getattr(run, "evidence", None)
            path, evidence = folder.evidence_path, None
            if record is not None:
                path = folder.write_evidence(record.envelope.encode())
                folder.record(plan)
                evidence = reopen_evidence(record.envelope.encode())
            outcomes = self._outcomes(plan, run)
            played[name] = Played(plan, evidence, path, outcomes, run.fault, run.words)
        self._trust_the_nodes(out)
        return played

    def _outcomes(self, plan: RunPlan, run: Run) -> dict[str, Outcome]:
        for name, _ in NODES.values():
            kept = RunFolder(self.folder / name / "node" / "runs" / run.token).kept(plan)
            if len(scores_of(plan, kept)) == len(plan.cases):
                return kept
        return {}

    def _trust_the_nodes(self, out: Path) -> None:
        (out / "evidence").mkdir(parents=True, exist_ok=True)  # also where no run left any
        for name, _ in NODES.values():
            shutil.copyfile(
                self.folder / name / "node" / "keys" / "signing.pub", out / "evidence" / f"{name}.pub"
            )

    def _environment(self, home: str) -> dict[str, str]:
        made_up = {"LUMBUNG_HOME": str(self.folder / home), "LUMBUNG_DEMONSTRATION": "1"}
        return with_lifeline({**os.environ, **made_up})

    def deliver(self, adoption: int, result: Path) -> None:
        """Let the adopter's node attach what was made on its data."""
        self._node(NODES["ID"][0], "deliver", str(adoption), str(result))

    def _node(self, name: str, *words: str) -> None:
        done = subprocess.run(
            [lumbung_command(), "node", *words],
            env=self._environment(name),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PlatformFault("judge_failed", error=done.stderr.strip() or done.stdout.strip())

    def _spawn(self, *words: str, home: str) -> None:
        log = (self.folder / f"{home}.log").open("ab")
        # A session of its own: Ctrl-C reaches the demo alone, which then ends its league in order.
        process = subprocess.Popen(
            [lumbung_command(), *words],
            env=self._environment(home),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        self._processes.append(process)

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            self._check_processes()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.2)
        raise PlatformFault(
            "judge_failed", error=f"the centre did not answer; see {self.folder / 'centre.log'}"
        )

    def _check_processes(self) -> None:
        for process in self._processes:
            if process.poll() is not None:
                words = (
                    " ".join(map(str, process.args)) if isinstance(process.args, list) else str(process.args)
                )
                raise PlatformFault("judge_failed", error=f"'{words}' ended; its log is in {self.folder}")

    def stop(self) -> None:
        """End every process of the league."""
        for process in reversed(self._processes):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def league(
    folder: Path, challenges: Sequence[tuple[ChallengeFolder, ShortRun]], port: int | None
) -> Iterator[League]:
    """A league that ends with the block, whatever happens in it."""
    playing = League(folder, challenges, port)
    # A service manager and a closed terminal end a program with these: the league must end with it, in order.
    asked = {number: signal.signal(number, _end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield playing
    finally:
        playing.stop()
        for number, before in asked.items():
            signal.signal(number, before)


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def lumbung_command() -> Path:
    """The command of this environment."""
    return Path(sys.executable).with_name("lumbung")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
