"""A clock that is set while a run goes on: evidence ends after it began, and lasts as long as the run took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.node import judging
from lumbung.node.folder import NodeFolder
from lumbung.node.judging import judge_job
from lumbung.node.line import Line
from lumbung.proving.evidence import open_evidence, sign
from lumbung.proving.executors import Serial
from lumbung.proving.run import conclude, plan_run
from lumbung.proving.session import Interrupted, judge_run, judge_runs
from lumbung.proving.submission import read_submission
from small_node import Centre, private_rows, toy_of

KEY = Ed25519PrivateKey.generate()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEPS = [timedelta(0), timedelta(hours=-3), timedelta(days=-400), timedelta(days=2)]
SOLUTION = "def solve(p): return {'id': p['keys'], 'prediction': [1.0] * len(p['keys'])}"


class Watches:
    """A clock and a stopwatch that both go on by half a minute with each case; the clock may be set besides.

    Attributes
    ----------
    step : timedelta
        By how much the clock is set after the third case.
    asked : int
        How often the clock was.
    """

    def __init__(self, step: timedelta) -> None:
        self.step, self.seconds, self.set, self.asked = step, 7.0, timedelta(0), 0

    def clock(self) -> datetime:
        self.asked += 1
        return NOON + timedelta(seconds=self.seconds) + self.set

    def stopwatch(self) -> float:
        return self.seconds

    def on_outcome(self, _run: int, outcome: object) -> None:
        self.seconds += 30.0
        if self.seconds > 90.0:
            self.set = self.step


class Forgetting:
    """Keeps nothing."""

    def kept(self, _plan):
        return {}

    def keep(self, _plan, _outcome):
        pass


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    return toy_of(tmp_path_factory.mktemp("clocks"), SOLUTION)


def plans(toy, **options):
    return [plan_run(toy.challenge, read_submission(toy.path.parent / "mine"), **options)] * 2


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_run_lasts_as_long_as_it_took_and_ends_by_the_clock_as_it_is_then(toy, step):
    watches = Watches(step)
    judged = judge_runs(
        plans(toy), [Forgetting()] * 2, lambda evidence: sign(evidence, KEY), Serial(),
        clock=watches.clock, stopwatch=watches.stopwatch, on_outcome=watches.on_outcome,
    )  # fmt: skip
    assert watches.asked == 1
    for run in judged:
        evidence, _ = open_evidence(run.envelope, [KEY.public_key()])
        assert run.fault is None and evidence == run.evidence
        assert evidence.finished == NOON + timedelta(seconds=7 + 300) + step
        assert evidence.finished - evidence.started == timedelta(seconds=300)


def test_one_run_alone_too(toy):
    watches = Watches(timedelta(days=1))
    run = judge_run(
        plans(toy)[0], Forgetting(), lambda evidence: sign(evidence, KEY), Serial(), country="CN",
        clock=watches.clock, stopwatch=watches.stopwatch, on_outcome=watches.on_outcome,
    )  # fmt: skip
    assert run.evidence.finished - run.evidence.started == timedelta(seconds=150)
    assert run.evidence.country == "CN" and len(run.outcomes) == 5


def test_an_interrupted_run_too(toy):
    watches = Watches(timedelta(hours=-3))

    def interrupt(run, outcome):
        watches.on_outcome(run, outcome)
        if watches.set:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        judge_runs(
            plans(toy)[:1], [Forgetting()], lambda evidence: sign(evidence, KEY), Serial(),
            clock=watches.clock, stopwatch=watches.stopwatch, on_outcome=interrupt,
        )  # fmt: skip
    (run,) = caught.value.judged
    assert run.evidence.finished_count == 3 and run.evidence.fault.code == "interrupted"
    assert run.evidence.finished - run.evidence.started == timedelta(seconds=90)


def test_of_private_cases_whole_seconds_are_told(toy, tmp_path):
    private_rows(tmp_path / "private", 20)
    (plan, _) = plans(toy, private_folder=tmp_path / "private")
    began = NOON + timedelta(microseconds=900_000)
    evidence = conclude(plan, {}, started=began, finished=began + timedelta(seconds=1), interrupted=True)
    assert (evidence.started, evidence.finished) == (NOON, NOON + timedelta(seconds=1))


def test_nobody_says_that_a_run_ended_before_it_began(toy):
    (plan, _) = plans(toy)
    with pytest.raises(ValueError, match="before it started"):
        conclude(plan, {}, started=NOON, finished=NOON - timedelta(seconds=1), interrupted=True)


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_a_node_whose_clock_is_set_while_it_judges_signs_what_holds(toy, tmp_path, monkeypatch, step):
    class Stepped(datetime):
        shift = timedelta(0)

        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + cls.shift

    monkeypatch.setattr(judging, "datetime", Stepped)
    node, centre = NodeFolder(tmp_path / "node"), Centre()
    toy.serve(centre)

    def on_case(_finished, _total, _case):
        Stepped.shift = step

    parcel = judge_job(
        msgspec.structs.replace(toy.job), node, toy.accepted(), Line("http://centre.test", "", centre), Serial(), on_case
    )  # fmt: skip
    evidence, _ = open_evidence(parcel.delivery.envelope.encode(), [node.signing_key().public_key()])
    assert parcel.delivery.fault is None and evidence.complete
    assert timedelta(0) < evidence.finished - evidence.started < timedelta(minutes=5)
    assert abs(datetime.now(UTC) + step - evidence.finished) < timedelta(minutes=5)
