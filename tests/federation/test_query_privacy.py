"""What a node tells of private cases: in steps, improvements alone, within a budget that nothing resets."""

from __future__ import annotations

import math
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.cli.node import command
from lumbung.node.folder import Accepted, Budget, NodeFolder, Settings
from lumbung.node.gate import Gate, Parcel
from lumbung.node.ledger import Asker, Entry, Ledger
from lumbung.proving.case import CaseScore
from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.evidence import EgressRefused, FaultMark, let_out, reopen_evidence, sign, stepped
from lumbung.proving.faults import Owner, PlatformFault
from lumbung.proving.job import Delivery
from lumbung.proving.scaffold import new_challenge
from lumbung.proving.steps import code_length, step_of, to_step
from lumbung.proving.telling import Scored, improves, scored, told_bits
from making_evidence import evidence_of
from small_node import private_rows

BY_DELAY = Ranking("delay", "lower")
KEY = Ed25519PrivateKey.generate()
RNG = np.random.default_rng(20261129)


class Ear:
    """Hears what reaches a centre."""

    def __init__(self) -> None:
        self.heard: list[Delivery] = []

    def deliver(self, _run: str, delivery: Delivery) -> None:
        self.heard.append(delivery)


class Node:
    """A node that accepted the toy challenge, and the results it is given."""

    def __init__(self, path: Path, budget: Budget | None = None, egress: Egress | None = None) -> None:
        self.folder, self.ear, self.egress = NodeFolder(path), Ear(), egress or Egress()
        self.accept(budget or Budget())
        self.gate = Gate(self.folder, self.ear, lambda _said: None)  # type: ignore[arg-type]

    def accept(self, budget: Budget) -> None:
        rule = Accepted("sha256:" + "0" * 64, self.egress.rule, reveal=self.egress.reveal, budget=budget)
        self.folder.write_settings(Settings("node-a", "ID", "http://x", 1, {"toy": rule}))

    def result(self, run: str, level: float, asker: Asker | None = None, **changes: object) -> Parcel:
        figures = {"all": [level + each for each in (0.0, 0.1, 0.2, 0.1, 0.0)]}
        piece = evidence_of(figures, egress=self.egress, **changes)
        # The digest of what was submitted must not be that of the cases: tries are compared on the same ones.
        envelope = sign(piece, KEY).decode()
        return Parcel(
            run, "toy", True, self.egress, Delivery("lease-0000", envelope), ranking=BY_DELAY,
            asker=asker or Asker("team-a", "person-a"), rows=100,
        )  # fmt: skip

    def send(self, parcel: Parcel) -> str:
        """Let a result out; returns ``figures`` or the code that left in their place."""
        self.gate.outbox.put(parcel)
        self.gate.open()
        told = self.ear.heard[-1]
        assert bool(told.envelope) != bool(told.fault)
        return "figures" if told.fault is None else told.fault.code

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.folder.ledger("toy"))

    def spent(self, scope: str = "challenge", name: str = "") -> float:
        return self.ledger.account(scope, name, Budget()).bits  # type: ignore[arg-type]


@pytest.fixture
def node(tmp_path):
    return Node(tmp_path / "node")


# ------------------------------------------------------------------------------------------- steps


figures = st.lists(
    st.floats(-1e100, 1e100, allow_subnormal=True) | st.floats(-100, 100) | st.just(0.0),
    min_size=2,
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(figures, st.integers(0, 11))
def test_no_single_case_moves_a_figure_by_more_than_a_step(values, which):
    scale = max(map(abs, values)) or 1.0
    x = np.array(values) / scale
    others = np.delete(x, which % len(x))
    step = step_of(float(x.std(ddof=1)), len(x))
    assert abs(x.mean() - others.mean()) <= step * (1 + 1e-6) + 1e-12


@settings(max_examples=200, deadline=None)
@given(figures, st.sampled_from(["arithmetic", "geometric"]))
def test_what_leaves_is_finite_and_told_again_the_same(values, mean):
    ranking = Ranking("delay", "lower", mean)
    if mean == "geometric":
        values = [abs(value) + 1e-300 for value in values]
    piece = evidence_of({"all": values}, egress=Egress(min_cases=2), mean=mean)
    (told,) = piece.aggregates
    assert stepped(told, ranking, 4) == told
    assert all(map(math.isfinite, (*told.mean.values(), *told.deviation.values())))
    assert math.isfinite(told_bits(reopen_evidence(sign(piece, KEY)), Egress(), ranking))


def test_a_private_mean_is_no_finer_than_its_standard_error_and_of_the_ranking_metric_alone():
    scores = [
        CaseScore(f"a/{i}", "a", i, "sha256:" + "0" * 64, {"delay": v, "stops": 1.0}, "engine 1", rows=4)
        for i, v in enumerate(RNG.normal(100, 10, 25))
    ]
    _, (told,) = let_out(scores, Egress(), BY_DELAY, private=True)
    step = step_of(told.deviation["delay"], 25)
    assert set(told.mean) == {"delay"} and told.log_mean == {}
    assert 2.0 * 0.8 <= step <= 2.0 * 1.7 and told.mean["delay"] == to_step(told.mean["delay"], step, 4)


@pytest.mark.parametrize("rule", ["aggregate", "per-case"])
def test_a_figure_over_too_few_rows_stays(rule):
    scores = [
        CaseScore(f"a/{i}", "a", i, "sha256:" + "0" * 64, {"delay": 1.0}, "engine 1", rows=3)
        for i in range(6)
    ]
    with pytest.raises(EgressRefused, match="rows, and the owner lets out figures over at least 20"):
        let_out(scores, Egress(rule), BY_DELAY, private=True)


def test_the_code_is_one_that_can_be_read_back():
    """Kraft: over all places the code's words fill no more than there is room for."""
    assert math.fsum(2.0 ** -code_length(place) for place in range(-(2**16), 2**16)) <= 1.0


# ------------------------------------------------------------------------------------------- the ladder


def test_a_team_is_told_improvements_alone(node):
    assert node.send(node.result("run-00001", 1.0)) == "figures"
    before = node.spent()
    assert node.send(node.result("run-00002", 1.0)) == "no_improvement"
    assert node.send(node.result("run-00003", 0.999)) == "no_improvement"
    assert 0 < node.spent() - before == pytest.approx(math.log2(3)), (
        "t tries without improvement cost log2(t + 1)"
    )
    assert node.send(node.result("run-00004", 0.5)) == "figures"
    assert node.send(node.result("run-00005", 1.0, Asker("team-b", "person-b"))) == "figures"
    assert node.ear.heard[1].fault == FaultMark(Owner.SUBMISSION, "no_improvement")


def test_what_improves_is_decided_by_what_was_told():
    cases = "sha256:" + "0" * 64
    best, ranking = Scored(1.0, 0.1, cases), Ranking("delay", "lower")
    assert improves(Scored(0.9, 0.1, cases), best, ranking)
    assert not improves(Scored(0.95, 0.01, cases), best, ranking)
    assert not improves(Scored(1.2, 0.1, cases), best, ranking)
    assert improves(Scored(1.2, 0.1, cases), best, Ranking("delay", "higher"))


@pytest.mark.parametrize("rule", ["aggregate", "per-case"])
@pytest.mark.parametrize("mean", ["arithmetic", "geometric"])
def test_a_score_has_the_error_of_what_leaves(rule, mean):
    values = {"a": list(RNG.lognormal(0, 0.3, 40)), "b": list(RNG.lognormal(1, 0.3, 40))}
    told = evidence_of(values, egress=Egress(rule), mean=mean)
    found = scored(told, Ranking("delay", "lower", mean))
    scaled = [np.log(v) if mean == "geometric" else np.array(v) for v in values.values()]
    error = math.hypot(*(v.std(ddof=1) / math.sqrt(len(v)) for v in scaled)) / 2
    assert found.error == pytest.approx(error, rel=0.45)
    assert found.score == pytest.approx(np.mean([v.mean() for v in scaled]), abs=2 * error)


# ------------------------------------------------------------------------------------------- the budget


def test_over_budget_nothing_of_it_leaves_but_whose_it_is(tmp_path):
    node = Node(tmp_path, Budget(challenge=200.0, team=90.0, person=100.0, organisation=1000.0))
    one = Asker("team-a", "person-a", ("org",))
    told = [node.send(node.result(f"run-{i:05d}", 10.0 - i, one)) for i in range(4)]
    assert told[0] == "figures" and told[-1] == "share_spent"
    assert node.spent("team", "team-a") <= 90.0
    other = Asker("team-b", "person-a", ("org",))
    assert node.send(node.result("run-10000", 5.0, other)) == "share_spent", (
        "the person's account, in another team"
    )
    fresh = [node.send(node.result(f"run-2{i:04d}", 5.0, Asker(f"t{i}", f"p{i}"))) for i in range(9)]
    assert fresh[-1] == "budget_spent" and node.spent() <= 200.0
    assert node.ear.heard[-1].fault == FaultMark(Owner.CHALLENGE, "budget_spent")
    node.accept(Budget(challenge=400.0))
    assert node.send(node.result("run-30000", 5.0, Asker("new", "new"))) == "figures", "the owner raised it"


def test_a_centre_that_renames_everybody_or_repeats_a_run_is_bounded_all_the_same(tmp_path):
    node = Node(tmp_path, Budget(challenge=300.0))
    for number in range(60):
        node.send(node.result("run-00001", 1.0 + number, Asker(f"t{number}", f"p{number}")))
        node.send(node.result(f"run-{number:05d}", 1.5 + number, Asker()))
    assert sum(bool(told.envelope) for told in node.ear.heard) <= 10
    assert node.spent() == pytest.approx(300.0)


def test_the_same_result_again_costs_nothing(node):
    parcel = node.result("run-00001", 1.0)
    node.send(parcel)
    before = node.spent()
    assert node.send(parcel) == "figures" and node.spent() == before


def test_joining_anew_or_another_version_goes_on_with_the_ledger(node):
    node.send(node.result("run-00001", 1.0))
    (node.folder.path / "node.toml").unlink()
    again = Node(node.folder.path)
    assert again.spent() > 0 and again.send(again.result("run-00009", 1.0)) == "no_improvement"


def test_a_line_cut_by_a_power_cut_is_mended_and_a_damaged_one_lets_nothing_out(node):
    node.send(node.result("run-00001", 1.0))
    path = node.folder.ledger("toy")
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"run":"run-0')
    assert node.send(node.result("run-00002", 0.2)) == "figures"
    assert len(node.ledger.entries) == 2
    path.write_bytes(b"x" + path.read_bytes())
    heard = len(node.ear.heard)
    node.gate.outbox.put(node.result("run-00003", 0.1))
    with pytest.raises(PlatformFault, match="damaged line"):
        node.gate.open()
    assert len(node.ear.heard) == heard


def test_a_node_killed_while_it_sends_has_booked_before(node, monkeypatch):
    def killed(_run: str, _delivery: Delivery) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(node.ear, "deliver", killed)
    node.gate.outbox.put(node.result("run-00001", 1.0))
    with pytest.raises(KeyboardInterrupt):
        node.gate.open()
    booked = node.spent()
    monkeypatch.undo()
    node.gate.open()
    assert booked > 0 and node.spent() == booked and node.ear.heard[-1].envelope


def test_a_fault_leaves_as_its_code_and_is_no_free_question(node):
    parcel = node.result(
        "run-00001", 1.0, fault=FaultMark(Owner.SUBMISSION, "raised"), aggregates=(), finished_count=2
    )
    parcel = msgspec.structs.replace(
        parcel, delivery=msgspec.structs.replace(parcel.delivery, fault=FaultMark(Owner.SUBMISSION, "raised"))
    )
    assert node.send(parcel) == "raised"
    assert not node.ear.heard[-1].envelope and node.spent("team", "team-a") > 5


# ------------------------------------------------------------------------------------------- what the owner sees


def test_the_owner_reads_the_ledger_and_what_a_release_would_cost(node):
    node.send(node.result("run-00001", 1.0, Asker("team-a", "person-a", ("org-a",))))
    node.gate.held.put(node.result("run-00002", 1.0, Asker("team-a", "person-a", ("org-a",))))
    folder = str(node.folder.path)
    read = CliRunner().invoke(command, ["ledger", "--json", "--folder", folder])
    told = msgspec.json.decode(read.stdout)["toy"]
    assert [each["scope"] for each in told] == ["challenge", "organisation", "team", "person"]
    assert told[0]["bits"] == pytest.approx(node.spent()) and told[2]["left"] == pytest.approx(
        128 - node.spent()
    )
    assert "figures" in CliRunner().invoke(command, ["ledger", "toy", "--folder", folder]).stdout
    shown = CliRunner().invoke(command, ["preview", "run-00002", "--folder", folder])
    assert '"no_improvement"' in shown.stdout and "envelope" not in shown.stdout
    assert "costs 1.0 of the" in shown.stderr and node.spent() == pytest.approx(told[0]["bits"])


@pytest.fixture
def accept(tmp_path):
    """A node whose owner accepts the toy challenge on cases of its own; returns what the command said."""
    runner, folder = CliRunner(), str(tmp_path / "node")
    assert runner.invoke(command, ["init", "node-a", "--country", "ID", "--folder", folder]).exit_code == 0
    new_challenge(tmp_path / "toy")
    private_rows(tmp_path / "private", 25)

    def say(*words, cases="private"):
        return runner.invoke(
            command,
            ["accept", str(tmp_path / "toy"), "--cases", str(tmp_path / cases), *words, "--folder", folder],
        )

    say.node = NodeFolder(tmp_path / "node")
    assert say("--hold", "--budget", "challenge=500").exit_code == 0
    return say


def test_a_row_more_each_night_gives_no_budget_anew_unless_the_owner_says_so(accept, tmp_path):
    ledger = accept.node.ledger("toy")
    Ledger(ledger).book(Entry("run-1", Asker("t", "p"), "figures", 100.0, "x", datetime.now(UTC)))
    for name in ("truth", "inputs"):
        with (tmp_path / "private" / f"{name}.csv").open("a") as file:
            file.write("secret-99,3\n")
    assert accept().exit_code == 0
    assert Ledger(ledger).account("team", "t", Budget()).bits == 100.0
    done = accept("--new-ledger")
    assert "a new ledger" in done.stderr and not ledger.exists() and ledger.with_suffix(".1.jsonl").exists()


def test_what_the_owner_said_before_holds_until_something_else_is_said(accept):
    def rule():
        found = accept.node.settings().challenges["toy"]
        return found.release, found.budget.challenge, found.budget.team

    assert "held for your word" in accept("--budget", "team=60").stdout
    assert rule() == ("hold", 500.0, 60.0)
    assert "at once" in accept("--at-once", "--budget", "challenge=700").stdout
    assert rule() == ("auto", 700.0, 60.0)


def test_cases_that_are_public_already_are_said_to_be(accept, tmp_path):
    assert "nothing of these cases is private" not in accept().stderr
    (tmp_path / "same").mkdir()
    for name in ("truth.csv", "inputs.csv"):
        (tmp_path / "same" / name).write_bytes((tmp_path / "toy" / name).read_bytes())
    done = accept(cases="same")
    assert done.exit_code == 0 and "nothing of these cases is private" in done.stderr
    (tmp_path / "same" / "truth.csv").write_text("id,target\n" + "".join(f"{n},{n}\n" for n in range(1, 21)))
    assert "nothing of these cases is private" not in accept(cases="same").stderr


def test_a_folder_without_cases_takes_nobodys_place(accept, tmp_path):
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "notes.txt").write_text("no cases")
    before = accept.node.settings()
    done = accept(cases="wrong")
    assert done.exit_code == 2 and "wrong/truth.csv" in done.output
    assert sorted(one.name for one in accept.node.cases("toy").iterdir()) == ["inputs.csv", "truth.csv"]
    assert accept.node.settings() == before and len(list(accept.node.cases("toy").parent.iterdir())) == 1


def test_accept_takes_a_budget_and_names_what_is_wrong_with_one(tmp_path):
    runner, folder = CliRunner(), str(tmp_path / "node")
    assert runner.invoke(command, ["init", "node-a", "--country", "ID", "--folder", folder]).exit_code == 0
    good = runner.invoke(
        command,
        ["accept", "rice-window", "--budget", "challenge=1000", "--budget", "team=50", "--folder", folder],
    )
    assert good.exit_code == 0, good.output
    budget = NodeFolder(tmp_path / "node").settings().challenges["rice-window"].budget
    assert (budget.challenge, budget.team, budget.person) == (1000.0, 50.0, None)
    for wrong in ("staff=3", "team=much", "team=-1"):
        failed = runner.invoke(command, ["accept", "rice-window", "--budget", wrong, "--folder", folder])
        assert failed.exit_code != 0 and "expected" in failed.output


# ------------------------------------------------------------------------------------------- the attacks


def test_the_attack_recovers_nothing_at_the_default_rule_and_the_honest_keep_their_order():
    sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
    try:
        import federation_reconstruction as study
    finally:
        sys.path.pop(0)
    by_name = {each.name: each for each in study.SETTINGS}
    rows, tables = 40, 41
    before = study.study(by_name["every, 4 digits"], "single row", rows, tables, seed=1)
    assert before.recovered > 0.8, "the attack works where every result is told to four digits"
    now = study.study(by_name["default"], "single row", rows, tables, seed=1)
    assert now.recovered <= now.guessing + 0.05 and now.tau >= 0.9
    assert now.bits <= 130
