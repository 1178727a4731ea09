"""The life of runs in one process: the real centre, real nodes, and everything that people, lines and clocks do to them.

`Life` has one method for everything that may happen, in any order and also while a node is judging. What must hold
whatever happens is checked at each step (`check`) and at the end (`come_to_rest`). Only the box is left out: what a
submission is worth, or how it fails, stands in its text, so that thousands of steps take minutes.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import shutil
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import msgspec
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from federation_league import HELD, KINDS, BadLine, Country, Killed, make_country
from lumbung.centre.challenges.models import Phase
from lumbung.centre.members.audit import read_own, verify
from lumbung.centre.members.models import AuditEntry
from lumbung.centre.runs.approvals import may_judge, waits_for_its_version
from lumbung.centre.runs.models import EvidenceRecord, Node, Run, Submission
from lumbung.node.folder import NodeFolder
from lumbung.node.line import CentreRefused, LineDown
from lumbung.node.rotating import rotate
from lumbung.node.witness import LogBroken
from lumbung.proving.case import CaseScore
from lumbung.proving.evidence import reopen_evidence
from lumbung.proving.faults import PlatformFault, RunFault, SubmissionFault
from lumbung.proving.job import TRANSITIONS, RunState
from lumbung.proving.keys import load_or_make_key
from lumbung.proving.run import CaseTask, Outcome, play_case
from lumbung.proving.run_folder import write_whole
from lumbung.proving.session import Drawn, draw
from small_league import League, join, organisation

CLOCKS = {
    "centre": ("lumbung.centre.runs.node_api", "lumbung.centre.runs.api", "lumbung.centre.challenges.api"),
    "node": ("lumbung.node.judging", "lumbung.node.witness"),
}
"""Where each side reads its clock: below these edges time is passed in."""
STEPS = tuple(
    sign * step
    for step in (timedelta(minutes=2), timedelta(minutes=20), timedelta(hours=25), timedelta(days=40), timedelta(days=200))
    for sign in (1, -1)
)  # fmt: skip
TEXTS = {
    "good": "def solve(p): return {}  # worth 1",
    "raises": "def solve(p): raise ValueError('mine')",
    "sick": "# a machine that fails at it",
}
RULES: dict[str, dict[str, Any] | None] = {
    "hold": {"release": "hold"},
    "auto": {"release": "auto"},
    "strict": {"digits": 2},
    "loose": {"digits": 4},
    "gone": None,
    "other version": {"digest": "sha256:" + "7" * 64},
    "this version": {},
}
OVER = [state for state in RunState if state.over]


class Broken(AssertionError):
    """Something that must hold whatever happens did not."""


def must(holds: bool, what: str) -> None:
    """Raise `Broken` unless *holds*."""
    if not holds:
        raise Broken(what)


@dataclass
class WatchedLine(BadLine):
    """A line that breaks as it is told, request by request, and whose watcher sees what passes."""

    plan: deque[str] = field(default_factory=deque)
    watcher: Callable[[httpx.Request, httpx.Response | None], None] = lambda request, answer: None

    def next_fault(self) -> str:
        return self.plan.popleft() if self.plan else ""

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.watcher(request, None)
        signals = (request_started, request_finished)
        for signal in signals:  # the story is one transaction, which the end of a request would close
            signal.disconnect(close_old_connections)
        try:
            answer = self._inner.handle_request(request)
            answer.read()
        finally:
            for signal in signals:
                signal.connect(close_old_connections)
        self.watcher(request, answer)
        return answer


class Quick:
    """An executor whose cases end as the submission's text says, without a box; *between* is called before each."""

    def __init__(self, between: Callable[[], None]) -> None:
        self._between = between

    def run(
        self, function: Any, tasks: Iterable[Any], attendance: Any = None
    ) -> Generator[tuple[int, Any], None, None]:
        for index, task in enumerate(tasks):
            if function is play_case:
                self._between()
                yield index, _outcome(task)
            else:
                yield index, Drawn() if function is draw else function(task)

    def close(self) -> None:
        """There is nothing to end."""


def _outcome(task: CaseTask) -> Outcome:
    case = task.case
    text = (task.submission.folder / "solution.py").read_text()
    faults: dict[str, RunFault] = {
        "raises": SubmissionFault("raised", error="ValueError"),
        "sick": PlatformFault("judge_failed", error="told to"),
    }
    kind = next(kind for kind, known in TEXTS.items() if text.startswith(known))
    if kind in faults:
        return Outcome(case.id, None, faults[kind].fault, HELD)
    worth = {task.ranking.metric: 1.0 + case.seed / 8}
    score = CaseScore(case.id, case.group, case.seed, case.digest, worth, "tables 1", rows=5)
    return Outcome(case.id, score, None, HELD)


@dataclass
class Side:
    """One clock, and how far it is from this machine's."""

    shift: timedelta = timedelta(0)

    def datetime(self) -> type[datetime]:
        """Return a `datetime` whose `now` is this clock's."""
        side = self

        class Stepped(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:
                return datetime.now(tz) + side.shift

        return Stepped


class Life:
    """A league with two nodes that hold private cases: one of the challenge's owner, one of another organisation.

    Parameters
    ----------
    league : League
    folder : Path
        Of the nodes.
    """

    def __init__(self, league: League, folder: Path) -> None:
        self.league, self.clocks = league, {name: Side() for name in CLOCKS}
        self.injected: Counter[str] = Counter()
        self.stepped: Counter[tuple[str, timedelta]] = Counter()
        self.released: set[tuple[str, str]] = set()
        self.vetoed: set[tuple[str, str]] = set()
        self.handed_in: list[str] = []
        self._meanwhile: deque[Callable[[], None]] = deque()
        self._room = -1
        abroad = organisation("kota-nanning", "CN")
        join(league.owner, abroad, "administrator")
        cases = folder / "private"
        cases.mkdir(parents=True)
        keys = [f"row-{i}" for i in range(25)]
        (cases / "truth.csv").write_text(
            "id,target\n" + "".join(f"{k},{1 + i % 5}\n" for i, k in enumerate(keys))
        )
        (cases / "inputs.csv").write_text("id,x\n" + "".join(f"{k},{i}\n" for i, k in enumerate(keys)))
        self.countries: dict[str, Country] = {}
        for name, home in (("node-a", league.organisation), ("node-b", abroad)):
            country = make_country(
                league, folder / name, folder.parent / "toy",
                name=name, cases=cases, organisation=home, line=WatchedLine(watcher=self._watch(name)),
            )  # fmt: skip
            self.countries[name] = country
        self._accepted = self.countries["node-a"].folder.settings().challenges["toy"]
        self.approval(True)
        self.amend(3000)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE moved (before TEXT, after TEXT)")
            cursor.execute(
                "CREATE TEMP TRIGGER watch_states AFTER UPDATE OF state ON runs_run "
                "BEGIN INSERT INTO moved VALUES (old.state, new.state); END"
            )

    # ------------------------------------------------------------------------------ a fresh start for each story

    @contextmanager
    def story(self, folder: Path) -> Iterator[Life]:
        """Give the same league with folders of its own; what happens in it is undone afterwards."""
        kept, self.clocks = self.countries, {name: Side() for name in CLOCKS}
        self.released, self.vetoed, self.handed_in = set(), set(), []
        self._meanwhile, self._room = deque(), -1
        self.countries = {}
        for name, country in kept.items():
            shutil.copytree(country.folder.path, folder / name)
            line = WatchedLine(watcher=self._watch(name))
            self.countries[name] = Country(NodeFolder(folder / name), line)
        edges = [
            patch.object(importlib.import_module(module), "datetime", self.clocks[side].datetime())
            for side, modules in CLOCKS.items()
            for module in modules
        ]
        edges.append(patch("lumbung.node.gate.write_whole", self._write))
        mark = transaction.savepoint()
        for edge in edges:
            edge.start()
        try:
            yield self
        finally:
            for edge in edges:
                edge.stop()
            transaction.savepoint_rollback(mark)
            self.countries = kept
            shutil.rmtree(folder, ignore_errors=True)

    # ------------------------------------------------------------------------------------------ what may happen

    def hand_in(self, who: str, phase: str, kind: str) -> None:
        """A team hands in; what is accepted is followed to its end."""
        answer = self.league.submit(who, phase=phase, solution=TEXTS[kind] + f"\n# {len(self.handed_in)}")
        must(answer.status_code in (201, 400), f"handing in: {answer.status_code} {answer.content[:200]!r}")
        if answer.status_code == 201:
            self.handed_in.append(answer.json()["submission"])

    def withdraw(self, which: int) -> None:
        """A team takes back what it handed in."""
        if self.handed_in:
            token = self.handed_in[which % len(self.handed_in)]
            who = (
                "member" if Submission.objects.get(token=token).team_id == self.league.team.pk else "stranger"
            )
            self._call(who, "POST", f"/submissions/{token}/withdraw", 200, 400)

    def look(self, which: int) -> None:
        """A team looks at a run, by which the centre sees what is overdue."""
        runs = list(Run.objects.order_by("pk").values_list("token", flat=True))
        if runs:
            self._call("staff", "GET", f"/runs/{runs[which % len(runs)]}", 200)

    def ask_again(self, which: int) -> None:
        """Staff ask again for a run that ended through no fault of its team; or for any other, and are refused."""
        runs = list(Run.objects.filter(state__in=OVER).order_by("pk").values_list("token", flat=True))
        if runs:
            self._call("staff", "POST", f"/runs/{runs[which % len(runs)]}/again", 200, 400)

    def judge_twice(self, which: int, node: str) -> None:
        """The owner has another node judge a scored run."""
        runs = list(Run.objects.order_by("pk").values_list("token", flat=True))
        if runs:
            run = runs[which % len(runs)]
            self._call("owner", "POST", f"/runs/{run}/rejudge", 201, 400, 404, body={"node": node})

    def approval(self, given: bool) -> None:
        """The challenge's owner approves the other organisation's node, or takes that back."""
        path = "/challenges/toy/1/nodes"
        if given:
            self._call("owner", "POST", path, 201, 400, body={"node": "node-b"})
        else:
            self._call("owner", "DELETE", f"{path}/node-b", 204, 400)

    def open_or_close(self, state: str) -> None:
        """The owner closes the challenge, or opens it again."""
        self._call("owner", "POST", "/challenges/toy/1/state", 200, 400, body={"state": state})

    def amend(self, days: int) -> None:
        """The owner moves a closing time and a limit."""
        closes = (datetime.now(UTC) + self.clocks["centre"].shift + timedelta(days=days)).isoformat()
        change = {"closes": closes, "daily_limit": max(1, 5 + days)}
        self._call(
            "owner",
            "PATCH",
            "/challenges/toy/1",
            200,
            400,
            body={"phases": {"final": change}, "why": "later"},
        )

    def accept(self, node: str, rule: str) -> None:
        """A data owner says another rule, as ``lumbung node accept`` does; or that a challenge is accepted no more."""
        folder = self.countries[node].folder
        with folder.lock():
            known_rules, change = folder.settings(), RULES[rule]
            known = known_rules.challenges.get("toy", self._accepted)
            if rule == "this version":
                change = {"digest": self._accepted.digest}
            rules = {} if change is None else {"toy": msgspec.structs.replace(known, **change)}
            folder.write_settings(msgspec.structs.replace(known_rules, challenges=rules))

    def word(self, node: str, which: int, veto: bool) -> None:
        """A data owner releases or vetoes a held result."""
        gate = self.countries[node].start().gate
        held = list(gate.held.waiting())
        if held:
            run = held[which % len(held)]
            if gate.give_word(run, veto=veto):
                (self.vetoed if veto else self.released).add((node, run))

    def clock(self, side: str, step: timedelta) -> None:
        """A clock jumps: one side's alone, or time passes on both."""
        for name in CLOCKS if side == "both" else (side,):
            self.clocks[name].shift += step
        self.injected["clock"] += 1
        self.stepped.update((where, abs(step)) for where in self._whereabouts())

    def jump(self, rng: random.Random) -> None:
        """Let clocks jump by a time by which they have not yet in one of the states that there are now."""
        fresh = [
            step for step in STEPS for where in self._whereabouts() if not self.stepped[where, abs(step)]
        ]
        if fresh:
            self.clock(rng.choice([*CLOCKS, "both"]), rng.choice(fresh))

    def set_clocks(self) -> None:
        """Somebody sees that a clock is wrong, and sets it."""
        self.clocks["node"].shift = self.clocks["centre"].shift

    def _whereabouts(self) -> set[str]:
        """Name the states that runs are in, the finer ones of waiting too."""
        found = set(Run.objects.values_list("state", flat=True))
        if any(
            map(waits_for_its_version, Run.objects.filter(state="queued").select_related("challenge")[:5])
        ):
            found.add("waits for its version")
        for country in self.countries.values():
            found.update({"in an outbox"} if any((country.folder.path / "outbox").glob("*.json")) else ())
        return found

    def work(
        self,
        node: str,
        faults: Iterable[str] = (),
        meanwhile: Iterable[Callable[[], None]] = (),
        *,
        full: int = -1,
    ) -> bool:
        """A node starts, delivers what waits, takes a job and judges it, while *faults* befall its requests in turn.

        *meanwhile* happens between the cases of the job; the node's disk has no room for the parcel number *full* that
        is written. Returns whether the node had something to do and survived it.
        """
        self._room = full
        country = self.countries[node]
        country.line.plan = deque(faults)
        self._meanwhile = deque(meanwhile)
        injected = Counter(country.line.injected)
        process = country.start()
        process.executor = Quick(self._between)
        try:
            process.gate.open()
            process.watch.attend(process.line)
            process.teller.tell(process.line, country.folder.settings())
            return process.work(country.folder.settings(), wait_s=0.0)
        except (LineDown, PlatformFault):
            return False
        except CentreRefused as error:
            must("rotate-key" in error.detail, f"a node was refused: {error}")
            if self.clocks["node"].shift != self.clocks["centre"].shift:
                self.set_clocks()
            else:  # two years went by, and its operator does what the refusal says
                with contextlib.suppress(LineDown):  # said again next time
                    rotate(country.folder, process.line)
                    self.injected["key ran out"] += 1
            return False
        except Killed:
            self.injected["node died"] += 1
            return False
        except LogBroken as error:
            # A node that lost the answer to its own cosignature, or whose clock is off, may be refused; a fork never is.
            must("continue" not in str(error), f"the log forked: {error}")
            return False
        finally:
            process.line.close()
            country.line.plan, self._meanwhile, self._room = deque(), deque(), -1
            self.injected.update(Counter(country.line.injected) - injected)

    def die(self) -> None:
        """Among the *meanwhile* of `work`: the node's process is gone."""
        raise Killed

    def _write(self, path: Path, data: bytes) -> None:
        self._room -= 1
        if self._room == -1:
            self.injected["full disk"] += 1
            raise PlatformFault("disk_full", where=str(path))
        write_whole(path, data)

    def _between(self) -> None:
        if self._meanwhile:
            self._meanwhile.popleft()()

    def _call(self, who: str, method: str, path: str, *expected: int, body: Any = None) -> None:
        answer = self.league.api[who](method, path, body)
        must(
            answer.status_code in expected, f"{method} {path}: {answer.status_code} {answer.content[:300]!r}"
        )

    # ------------------------------------------------------------------------------------------- what must hold

    def _watch(self, name: str) -> Callable[[httpx.Request, httpx.Response | None], None]:
        def watch(request: httpx.Request, answer: httpx.Response | None) -> None:
            path = request.url.path
            if answer is None:
                if path.endswith("/result"):
                    self._leaves(name, path.split("/")[-2], request.content)
                return
            must(answer.status_code < 500, f"{path}: {answer.status_code} {answer.content[:300]!r}")
            if path.endswith("/lease") and answer.status_code == 200:
                run = Run.objects.get(token=msgspec.json.decode(answer.content)["run"])
                must(
                    may_judge(Node.objects.get(name=name), run.challenge),
                    f"{name} got a job without approval",
                )

        return watch

    def _leaves(self, name: str, run: str, body: bytes) -> None:
        """A result leaves a node: the owner's word of this moment must let it."""
        envelope = msgspec.json.decode(body).get("envelope")
        if not envelope:
            return
        country = self.countries[name]
        # The centre looks at who signed; the node's key may be another by now than when it did.
        evidence = reopen_evidence(envelope.encode())
        if not evidence.private:
            return
        must((name, run) not in self.vetoed, f"{run} left {name} after its owner's veto")
        rule = country.folder.settings().challenges.get("toy")
        must(rule is not None, f"{run} left {name} though its owner accepts the challenge no more")
        must(rule.digits >= 4, f"{run} left {name} with more digits than its owner allows")
        must(
            rule.release == "auto" or (name, run) in self.released,
            f"{run} left {name} though it is to be held",
        )

    def check(self) -> None:
        """Hold everything that must hold at any moment."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT before, after FROM moved")
            for before, after in cursor.fetchall():
                known = RunState(after) in TRANSITIONS[RunState(before)]
                must(known, f"a run went from {before} to {after}, which no table says")
        signed = set(EvidenceRecord.objects.filter(complete=True).values_list("run", flat=True))
        acts = Counter(AuditEntry.objects.filter(act__startswith="run.").values_list("act", "subject"))
        for run in Run.objects.all():
            _check_run(run, signed, acts)
        for phase in Phase.objects.all():
            complete = EvidenceRecord.objects.filter(run__submission__phase=phase, complete=True)
            must(
                phase.evidence_count == complete.count(),
                f"{phase.slug}: evidence counted twice or not at all",
            )
        stray = EvidenceRecord.objects.exclude(run__state__in=("scored", "faulted"))
        must(not stray.exists(), "evidence of a run that did not end with it")

    def come_to_rest(self) -> None:
        """Mend lines and clocks, let owners say their word: every run ends, once and with a reason; the log holds."""
        self.approval(True)
        self.set_clocks()
        for name in self.countries:
            for name_of_rule in ("auto", "loose", "this version"):
                self.accept(name, name_of_rule)
        for _round in range(400):
            if not Run.objects.exclude(state__in=OVER).exists():
                break
            worked = [self.work(name) for name in self.countries]
            for name, country in self.countries.items():
                for _held in country.start().gate.held.waiting():
                    self.word(name, 0, veto=False)
            if not any(worked):
                self.clock("both", timedelta(minutes=20))
                self.look(0)
            self.check()
        left = list(Run.objects.exclude(state__in=OVER).values_list("token", "state", "attempts"))
        must(not left, f"these never end: {left}")
        for token in self.handed_in:
            must(Submission.objects.get(token=token).runs.exists(), "a submission without a run")
        for name, country in self.countries.items():
            country.start().gate.open()
            gate = country.start().gate
            must(not gate.outbox.waiting(), f"{name} has results that nobody takes")
        problems = verify(read_own(), keys=[load_or_make_key(settings.HOME / "keys").public_key()])
        must(not problems, f"the log does not hold: {problems[:3]}")


def campaign(life: Life, rng: random.Random, *, submissions: int, faults: int) -> None:
    """Hand in, and break everything that can break, until as many faults were injected; then let it come to rest."""
    nodes, kinds = sorted(life.countries), sorted(TEXTS)
    for node in nodes:
        life.accept(node, "hold")
    while sum(life.injected.values()) < faults or len(life.handed_in) < submissions:
        if len(life.handed_in) < submissions:
            team, phase = rng.choice(["member", "stranger"]), rng.choice(["practice", "final"])
            life.hand_in(team, phase, rng.choice(["good", "good", *kinds]))
        for _ in range(rng.randrange(3)):
            moment(life, rng)()
        for node in nodes:
            broken = [rng.choice(["", *KINDS]) if rng.random() < 0.5 else "" for _ in range(12)]
            meanwhile = [moment(life, rng) for _ in range(rng.randrange(3))]
            if rng.random() < 0.1:
                meanwhile.append(life.die)
            life.work(node, broken, meanwhile, full=rng.randrange(-8, 3))
        life.check()
    life.come_to_rest()


def moment(life: Life, rng: random.Random) -> Callable[[], None]:
    """Return something that may happen at any moment."""
    which, node = rng.randrange(8), rng.choice(sorted(life.countries))
    return rng.choice(
        [
            lambda: life.clock("both", rng.choice(STEPS[:4])),
            lambda: life.jump(rng),
            lambda: life.jump(rng),
            lambda: life.set_clocks(),
            lambda: life.set_clocks(),
            lambda: life.accept(node, rng.choice(sorted(RULES))),
            lambda: life.accept(node, "this version"),
            lambda: life.accept(node, "loose"),
            lambda: life.accept(node, "hold"),
            lambda: life.word(node, which, rng.random() < 0.3),
            lambda: life.word(node, which, veto=False),
            lambda: life.approval(rng.random() < 0.8),
            lambda: life.look(which),
            lambda: life.ask_again(which),
            lambda: [life.ask_again(len(life.handed_in) - back) for back in range(8)],
            lambda: life.judge_twice(which, node),
            lambda: life.withdraw(len(life.handed_in) - 1 - which) if rng.random() < 0.3 else None,
            lambda: life.amend(rng.randrange(3000, 9000)),
        ]
    )


def _check_run(run: Run, signed: set[int], acts: Counter[tuple[str, str]]) -> None:
    state = RunState(run.state)
    must(state.over == (run.ended is not None), f"{run.token} is {state} and ended {run.ended}")
    must((state is RunState.FAULTED) == bool(run.fault_code), f"{run.token} is {state}: {run.fault_code!r}")
    must(
        (state in (RunState.LEASED, RunState.RUNNING)) == (run.lease_expires is not None),
        f"{run.token}: lease",
    )
    must(state is not RunState.HELD or run.held is not None, f"{run.token} is held since never")
    must(state is not RunState.SCORED or run.pk in signed, f"{run.token} is scored without evidence")
    ended, again = acts["run.ended", run.token], acts["run.again", run.token]
    must(ended <= 1 + again, f"{run.token} ended {ended} times, asked for again {again} times")


# ------------------------------------------------------------------------------------- every order there can be

NODES = st.sampled_from(["node-a", "node-b"])
WHICH = st.integers(0, 7)
FAULTS = st.lists(st.sampled_from(["", "", "", *KINDS]), max_size=8)
SIDES = st.sampled_from(["centre", "node", "both"])


def moments(life: Life) -> st.SearchStrategy:
    """What may happen while a node is judging."""
    return st.one_of(
        st.builds(lambda which: lambda: life.withdraw(which), WHICH),
        st.builds(lambda node, name: lambda: life.accept(node, name), NODES, st.sampled_from(sorted(RULES))),
        st.builds(lambda side, step: lambda: life.clock(side, step), SIDES, st.sampled_from(STEPS)),
        st.builds(lambda given: lambda: life.approval(given), st.booleans()),
        st.builds(lambda which: lambda: life.look(which), WHICH),
        st.builds(lambda which: lambda: life.ask_again(which), WHICH),
        st.just(life.die),
    )


def machine_of(life: Life) -> type[RuleBasedStateMachine]:
    """Return the machine that lives *life*, each time from its beginning."""

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self._story = life.story(Path(tempfile.mkdtemp(prefix="lumbung-life-")) / "nodes")
            self._story.__enter__()

        @rule(
            who=st.sampled_from(["member", "stranger"]),
            phase=st.sampled_from(["practice", "final"]),
            kind=st.sampled_from(["good", *TEXTS]),
        )
        def hand_in(self, who, phase, kind):
            life.hand_in(who, phase, kind)
            life.check()

        @rule(node=NODES, faults=FAULTS, meanwhile=st.lists(moments(life), max_size=5))
        def work(self, node, faults, meanwhile):
            life.work(node, faults, meanwhile)
            life.check()

        @rule(node=NODES, which=WHICH, veto=st.booleans())
        def word(self, node, which, veto):
            life.word(node, which, veto)

        @rule(node=NODES, name=st.sampled_from(sorted(RULES)))
        def accept(self, node, name):
            life.accept(node, name)

        @rule(side=SIDES, step=st.sampled_from(STEPS))
        def clock(self, side, step):
            life.clock(side, step)

        @rule()
        def set_clocks(self):
            life.set_clocks()

        @rule(given=st.booleans())
        def approval(self, given):
            life.approval(given)
            life.check()

        @rule(which=WHICH)
        def withdraw(self, which):
            life.withdraw(which)
            life.check()

        @rule(which=WHICH)
        def look(self, which):
            life.look(which)
            life.check()

        @rule(which=WHICH)
        def ask_again(self, which):
            life.ask_again(which)
            life.check()

        @rule(which=WHICH, node=NODES)
        def judge_twice(self, which, node):
            life.judge_twice(which, node)

        @rule(days=st.integers(-3, 90))
        def amend(self, days):
            life.amend(days)

        @rule(state=st.sampled_from(["open", "open", "closed"]))
        def open_or_close(self, state):
            life.open_or_close(state)

        def teardown(self) -> None:
            try:
                life.come_to_rest()
            finally:
                self._story.__exit__(None, None, None)

    return Machine
