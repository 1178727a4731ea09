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
from collections.abc import Iterator, Mapping
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
    challenge : ChallengeFolder
    part : ShortRun
        The part of the cases that is judged.
    """

    def __init__(
        self, folder: Path, challenge: ChallengeFolder, part: ShortRun, port: int | None = None
    ) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder, self.part = folder.resolve(), part
        self.port = port or _free_port()
        self.password = secrets.token_urlsafe(9)
        self.challenge = self._with_phase(challenge)
        self._processes: list[subprocess.Popen[bytes]] = []

    staff = STAFF

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def _with_phase(self, challenge: ChallengeFolder) -> ChallengeFolder:
        """Copy the challenge and give it a phase for the demo's cases."""
        copy = self.folder / "challenge"
        shutil.copytree(challenge.folder, copy, ignore=shutil.ignore_patterns("submissions", "__pycache__"))
        part = (
            f'part = {{ cases = "{self.part.cases}"'
            + (f", seeds = {self.part.seeds}" if self.part.seeds else "")
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
        """Start the centre, pose the challenge, let both nodes join."""
        os.environ["LUMBUNG_HOME"] = str(self.folder / "centre")
        from lumbung.cli.serve import make_staff, set_up

        set_up()
        make_staff(STAFF, self.password)
        codes = self._pose()
        self._spawn("serve", "--port", str(self.port), home="centre")
        self._wait_until_it_answers()
        for country, (name, _) in NODES.items():
            self._node(name, "init", name, "--country", country, "--workers", "1")
            self._node(name, "accept", str(self.challenge.folder))
            self._node(name, "join", self.url, codes[country])
            self._approve(name)
            self._spawn("node", "run", home=name)

    def _approve(self, name: str) -> None:
        """The owner lets a node judge, where it is another organisation's."""
        from lumbung.centre.challenges.models import Challenge
        from lumbung.centre.members.models import User
        from lumbung.centre.runs.approvals import approve, may_judge
        from lumbung.centre.runs.models import Node

        node, challenge = Node.objects.get(name=name), Challenge.objects.get()
        if not may_judge(node, challenge):
            approve(User.objects.get(email=STAFF), challenge, node, now=datetime.now(UTC))

    def _pose(self) -> dict[str, str]:
        from lumbung.centre.challenges.services import pack, pose, set_state
        from lumbung.centre.members import services as members
        from lumbung.centre.members.models import User
        from lumbung.centre.runs.services import enrol_node

        now, codes, owner = datetime.now(UTC), {}, None
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
            if country == self.challenge.challenge.home or owner is None:
                owner = organisation
        assert owner is not None
        archive = pack(self.challenge.folder, self.folder / "challenge.tar")
        posed = pose(staff, owner, [archive.read_bytes()], now=now)
        set_state(staff, posed, "open", now=now)
        return codes

    def hand_in(self, submissions: Mapping[str, Submission]) -> dict[str, Run]:
        """Found a team per solution and hand its solution in; returns each one's run."""
        from lumbung.centre.challenges.models import Phase
        from lumbung.centre.challenges.services import pack
        from lumbung.centre.members import services as members
        from lumbung.centre.members.models import User
        from lumbung.centre.runs.services import hand_in

        staff, now = User.objects.get(email=STAFF), datetime.now(UTC)
        phase = Phase.objects.select_related("challenge__owner").get(slug=PHASE)
        runs = {}
        for name, submission in submissions.items():
            team = members.found_team(staff, name=f"Demo {name.split('/')[-1]}", organisations=[], now=now)
            archive = pack(submission.folder, self.folder / "submission.tar")
            handed_in = hand_in(staff, team, phase, [archive.read_bytes()], name=name, now=now)
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
        self, submissions: Mapping[str, Submission], runs: Mapping[str, Run], out: Path
    ) -> dict[str, Played]:
        """Take evidence from the centre, and what the pictures need from the nodes' own folders."""
        from lumbung.proving.evidence import reopen_evidence

        executor = make_executor(1)
        try:
            plans = plan_each(self.challenge, submissions, PHASE, self.part, executor)
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
        return with_lifeline({**os.environ, "LUMBUNG_HOME": str(self.folder / home)})

    def _node(self, name: str, *words: str) -> None:
        done = subprocess.run(
            [_lumbung(), "node", *words],
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
            [_lumbung(), *words], env=self._environment(home), stdout=log, stderr=log, start_new_session=True
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
def league(folder: Path, challenge: ChallengeFolder, part: ShortRun, port: int | None) -> Iterator[League]:
    """A league that ends with the block, whatever happens in it."""
    playing = League(folder, challenge, part, port)
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


def _lumbung() -> Path:
    return Path(sys.executable).with_name("lumbung")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
