"""Attacks on hidden truths through published scores, and what each egress rule leaves of them and of honest rankings.

    uv run python benchmarks/federation_reconstruction.py [--rows 200] [--submissions 1000] [--setting NAME …]

One person founds eleven teams and hands in a thousand prediction tables. Each attack is played against each setting
through the judge of tables, the session's arithmetic, the node's gate and its ledger, as a node would:

- *single row*: each table singles out one row; the difference of two means is its truth. Recovered: to ±0.05.
- *averaging*: random answers, and least squares over the published means (Dinur and Nissim, PODS 2003, in the linear form
  of Kasiviswanathan, Rudelson and Smith, SODA 2013). Labels; recovered: the right one.
- *probing*: a vote of random answers, each weighted by how far it scored above chance (the boosting attack of Blum and
  Hardt, ICML 2015), then a climb from there: change some rows, keep what scores better. Labels.
- *membership*: of twice as many known records, which are among the hidden rows? (Homer et al., PLoS Genetics 2008.)

Guessing is what an attacker without any score gets. Kendall's tau-b is between the order of 30 honest teams of varied skill
by their best published score and by their best exact score; each hands in four tables.

The settings called *noise* are no rule of Lumbung's: the mean gets OpenDP's Laplace noise, calibrated to the most that one
row can change it, with epsilon 0.2 for a person in all, in five answers. They show what that would cost.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import sklearn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray
from scipy.stats import kendalltau

from lumbung.node.folder import Accepted, Budget, NodeFolder, Settings
from lumbung.node.gate import Gate, Parcel
from lumbung.node.ledger import Asker, Ledger
from lumbung.proving import tables
from lumbung.proving.boundary import checked_score
from lumbung.proving.challenge import Challenge, ChallengeFolder, Egress, Ranking
from lumbung.proving.digest import digest_data
from lumbung.proving.evidence import Isolation, reopen_evidence, sign
from lumbung.proving.job import Delivery
from lumbung.proving.run import Outcome, RunPlan, conclude
from lumbung.proving.submission import Submission
from lumbung.proving.text import Text

Floats = NDArray[np.float64]

TEAMS, HONEST, TRIES = 11, 30, 4
DEFAULT, ENDLESS = Budget(), Budget(1e12, 1e12, 1e12, 1e12)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WORD = Text("toy", "toy", "toy")


@contextlib.contextmanager
def truth_read_once() -> Iterator[None]:
    """The owner's truth does not change while it is attacked: it is read once, not for each of a million cases."""
    really, read = tables._read_truth, {}

    def once(path: Path, options: dict[str, Any]) -> dict[str, list[Any]]:
        if path not in read:
            read[path] = really(path, options)
        found: dict[str, list[Any]] = read[path]
        return found

    tables._read_truth = once
    try:
        yield
    finally:
        tables._read_truth = really


@dataclass(frozen=True)
class Setting:
    """A rule to attack."""

    name: str
    egress: Egress
    budget: Budget = DEFAULT
    persons: int = (
        1  # how many people the attacker's teams seem to be, or 0: as many teams and people as tables
    )
    epsilon: float = 0.0  # of one answer


SETTINGS = (
    Setting("every, 4 digits", Egress("aggregate", 5, 4, 1, "every"), ENDLESS),
    Setting("every, 2 digits", Egress("aggregate", 5, 2, 1, "every"), ENDLESS),
    Setting("noise, one answer", Egress("aggregate", 5, 17, 20, "every"), ENDLESS, epsilon=0.2),
    Setting("noise, five answers", Egress("aggregate", 5, 17, 20, "every"), ENDLESS, epsilon=0.04),
    Setting("improvements, no budget", Egress(), ENDLESS),
    Setting("default", Egress()),
    Setting("default, 11 people", Egress(), persons=TEAMS),
    Setting("default, lying centre", Egress(), persons=0),
)


@dataclass
class Told:
    """What the attacker hears of one table: its score, or that there is none."""

    mean: float | None
    deviation: float = 0.0


@dataclass
class Ear:
    """The line to a centre, which publishes what it hears."""

    heard: list[Delivery] = field(default_factory=list)

    def deliver(self, _run: str, delivery: Delivery) -> None:
        self.heard.append(delivery)


class Table:
    """A solution that answers with a table."""

    def __init__(self, answer: dict[str, float]) -> None:
        self.answer = answer

    def solve(self, problem: dict[str, Any]) -> dict[str, list[Any]]:
        keys = problem["keys"]
        return {problem["key"]: keys, problem["prediction"]: [self.answer[key] for key in keys]}


class Board:
    """A node with private rows, and the published scores of what is handed in to it."""

    def __init__(
        self, folder: Path, keys: Sequence[str], truth: Floats, metric: str, setting: Setting
    ) -> None:
        self.setting, self.metric, self.rows = setting, metric, len(keys)
        self.better = "lower" if metric == "mae" else "higher"
        self._judge = tables.PredictionsJudge()
        self._options = self._judge.check_options({"metrics": [metric]})
        ranking = Ranking(metric, self.better)  # type: ignore[arg-type]
        record = Challenge(
            1, "toy", 1, WORD, WORD, "toy", self._judge.name, self._judge.version, "ID", "CC0-1.0", ranking,
            options=self._options, egress=setting.egress,
        )  # fmt: skip
        folder.mkdir(parents=True)
        labels = metric == "accuracy"
        lines = [f"{k},{int(v) if labels else repr(float(v))}" for k, v in zip(keys, truth, strict=True)]
        (folder / "truth.csv").write_text("\n".join(["id,target", *lines, ""]))
        self._challenge = ChallengeFolder(record, folder, digest_data("toy"))
        self._cases = tuple(self._judge.cases(record, folder))
        self._key = Ed25519PrivateKey.generate()
        self._ear = Ear()
        node = NodeFolder(folder / "node")
        rule = Accepted(
            self._challenge.digest, setting.egress.rule, setting.egress.min_cases, setting.egress.digits,
            min_rows=setting.egress.min_rows, reveal=setting.egress.reveal, budget=setting.budget,
        )  # fmt: skip
        node.write_settings(Settings("node-a", "ID", "http://localhost", 1, {"toy": rule}))
        self._gate = Gate(node, self._ear, lambda _said: None)  # type: ignore[arg-type]
        self._noisy = _noise(1.0 / (len(keys) * setting.epsilon)) if setting.epsilon else None
        self.answers: dict[str, int] = {}
        self.runs = 0

    def hand_in(self, answer: dict[str, float], asker: Asker) -> tuple[Told, float]:
        """Judge a table and let its result through the gate; returns what is published, and the exact score."""
        self.runs += 1
        solution, metrics = Table(answer), self._judge.metrics
        outcomes, exact = {}, []
        for case in self._cases:
            played = self._judge.play(case, solution, self._options)
            score = checked_score(self._judge.name, case, metrics, self._challenge.challenge.ranking, played)
            outcomes[case.id] = Outcome(case.id, score, None, Isolation("bubblewrap", "cgroup2"))
            exact.append(score.metrics[self.metric])
        submission = Submission(Path(), "solution.py", digest_data([self.runs]))
        limits = self._challenge.challenge.limits
        plan = RunPlan(self._challenge, submission, "final", self._options, self._cases, limits, True)
        evidence = conclude(plan, outcomes, started=NOON, finished=NOON)
        run = f"run-{self.runs:08d}"
        delivery = Delivery("lease-00", sign(evidence, self._key).decode())
        record = self._challenge.challenge
        self._gate.outbox.put(
            Parcel(
                run, "toy", True, record.egress, delivery, ranking=record.ranking, asker=asker, rows=self.rows
            )
        )
        self._gate.open()
        return self._published(self._ear.heard.pop(), asker), float(np.mean(exact))

    def _published(self, delivery: Delivery, asker: Asker) -> Told:
        if not delivery.envelope:
            return Told(None)
        (told,) = reopen_evidence(delivery.envelope.encode()).aggregates
        mean = told.mean[self.metric]
        if self._noisy is None:
            return Told(mean, told.deviation[self.metric])
        # Of losses without bound the owner would have to cut each row's at some figure; 1 is two deviations of the truth.
        self.answers[asker.person] = self.answers.get(asker.person, 0) + 1
        if self.answers[asker.person] > round(0.2 / self.setting.epsilon):
            return Told(None)
        return Told(self._noisy(mean))

    def asker(self, number: int) -> Asker:
        """Return whom the attacker's table number so-and-so seems to come from."""
        persons = self.setting.persons
        team = number if persons == 0 else number % TEAMS
        person = team if persons == 0 else team % persons
        return Asker(f"team-{team}", f"person-{person}")

    @property
    def spent(self) -> float:
        """What the challenge's account has told [bit]."""
        ledger = Ledger(self._gate.folder.ledger("toy"))
        return ledger.account("challenge", "", self.setting.budget).bits


def _noise(scale: float) -> Callable[[float], float]:
    import opendp.prelude as dp

    dp.enable_features("contrib")
    domain = dp.atom_domain(T=float, nan=False)
    laplace = dp.m.make_laplace(domain, dp.absolute_distance(T=float), scale=scale)
    return lambda value: float(laplace(value))


# ----------------------------------------------------------------------------------------------- attacks


def single_row(board: Board, keys: Sequence[str], truth: Floats, submissions: int, rng: Any) -> float:
    """Single out row after row: all others are predicted too low, so that their losses add up to what is known."""
    base, high = 0.0, 50.0
    total: float | None = None  # of the truths
    guesses: dict[int, list[float]] = {}
    level: dict[str, float] = {}
    order = rng.permutation(len(keys))
    for number in range(submissions):
        asker = board.asker(number)
        base = level.setdefault(asker.team, 0.0)
        row = int(order[number % len(keys)])
        answer = dict.fromkeys(keys, base)
        if total is not None:
            answer[keys[row]] = base + high
        told, _ = board.hand_in(answer, asker)
        if told.mean is None:
            continue
        level[asker.team] = min(base + 0.25, 1.5)  # where only improvements are told, the next one is one
        if total is None:
            total = (told.mean + base) * len(keys)
        else:
            # sum(truth - base) + (high - 2 (truth_i - base)) = n mean
            found = (total - len(keys) * base + high - len(keys) * told.mean) / 2 + base
            guesses.setdefault(row, []).append(found)
    middle = float(np.median(truth))
    found = np.array([np.mean(guesses.get(row, [middle])) for row in range(len(keys))])
    found = np.where(
        np.abs(found - middle) < 4.0, found, middle
    )  # nobody believes what is out of the question
    return float((np.abs(found - truth) <= 0.05).mean())


def averaging(board: Board, keys: Sequence[str], truth: Floats, submissions: int, rng: Any) -> float:
    """Random answers, and ridge regression of the labels on the published means."""
    asked, heard = [], []
    for number in range(submissions):
        signs = rng.choice([-1.0, 1.0], len(keys))
        told, _ = board.hand_in(_labels(keys, signs), board.asker(number))
        if told.mean is not None:
            asked.append(signs)
            heard.append(2 * told.mean - 1)
    return _agreement(_solved(asked, heard, len(keys)), truth, rng)


def probing(board: Board, keys: Sequence[str], truth: Floats, submissions: int, rng: Any) -> float:
    """The boosting attack with half of the tables, then a climb with the others."""
    votes, best, score = np.zeros(len(keys)), None, -math.inf
    for number in range(submissions // 2):
        signs = rng.choice([-1.0, 1.0], len(keys))
        told, _ = board.hand_in(_labels(keys, signs), board.asker(number))
        if told.mean is not None:
            votes += signs * (told.mean - 0.5)
            if told.mean > score:
                best, score = signs, told.mean
    current = np.where(votes != 0, np.sign(votes), 1.0 if best is None else best)
    known: dict[str, float] = {}
    for number in range(submissions // 2, submissions):
        asker = board.asker(number)
        tried = current.copy()
        # As many rows as bring the score from one step to the next, if all of them were wrong.
        size = max(1, round(0.05 * len(keys))) if board.setting.egress.reveal == "improvements" else 1
        chosen = rng.choice(len(keys), size, replace=False)
        tried[chosen] *= -1
        told, _ = board.hand_in(_labels(keys, tried), asker)
        if told.mean is not None and told.mean > known.get("best", -math.inf):
            known["best"], current = told.mean, tried
    return _agreement(current, truth, rng)


def membership(board: Board, keys: Sequence[str], truth: Floats, submissions: int, rng: Any) -> float:
    """Answer a random half of the known records rightly: the score counts how many of them are among the hidden rows."""
    inside = dict(zip(keys, truth, strict=True))
    pool = {f"other-{i}": float(v) for i, v in enumerate(rng.choice([-1.0, 1.0], len(keys)))} | inside
    names = list(pool)
    asked, heard = [], []
    for number in range(submissions):
        signs = rng.choice([-1.0, 1.0], len(names))
        answer = {name: int(pool[name] * sign > 0) for name, sign in zip(names, signs, strict=True)}
        told, _ = board.hand_in(answer, board.asker(number))
        if told.mean is not None:
            asked.append(signs)
            heard.append(2 * told.mean - 1)
    # A record inside adds its sign to the score and one outside nothing: half of what all would add is known before.
    asked_, heard_ = np.array(asked).reshape(-1, len(names)), np.array(heard)
    offset = asked_.sum(axis=1) / len(names) if len(heard_) else heard_
    found = _solved(list(asked_), list(2 * (heard_ - offset)), len(names))
    truth_of = np.where([name in inside for name in names], 1.0, -1.0)
    return _agreement(found, truth_of, rng)


def _labels(keys: Sequence[str], signs: Floats) -> dict[str, float]:
    return dict(zip(keys, (signs > 0).astype(int).tolist(), strict=True))


def _solved(asked: list[Floats], heard: list[float], rows: int) -> Floats:
    """Return the ridge estimate of signs from means over them; dual form, since answers may be few."""
    if not asked:
        return np.zeros(rows)
    design = np.array(asked) / rows
    gram = design @ design.T + np.eye(len(asked)) * 1e-4
    estimate: Floats = design.T @ np.linalg.solve(gram, np.array(heard))
    return estimate


def _agreement(found: Floats, truth: Floats, rng: Any) -> float:
    signs = np.where(found == 0, rng.choice([-1.0, 1.0], len(found)), np.sign(found))
    return float((signs == truth).mean())


ATTACKS: dict[str, tuple[Callable[..., float], str]] = {
    "single row": (single_row, "mae"),
    "averaging": (averaging, "accuracy"),
    "probing": (probing, "accuracy"),
    "membership": (membership, "accuracy"),
}


# ----------------------------------------------------------------------------------------------- honest teams


@functools.cache
def honest_tau(setting: Setting, metric: str, rows: int, seed: int) -> float:
    """Return Kendall's tau-b between the published order of honest teams and the exact one."""
    rng = np.random.default_rng([seed, 1])
    keys, truth, written = truths(metric, rows, rng)
    with scratch_folder() as scratch:
        return _honest_tau(Board(Path(scratch) / "honest", keys, written, metric, setting), keys, truth, rng)


def _honest_tau(board: Board, keys: Sequence[str], truth: Floats, rng: Any) -> float:
    sign = 1 if board.better == "lower" else -1
    published, exact = [], []
    for team in range(HONEST):
        skill = team / (HONEST - 1)
        shown, real = math.inf, math.inf
        for attempt in range(TRIES):
            asker = Asker(f"honest-{team}", f"member-{team}")
            better = min(1.0, skill + 0.05 * attempt)
            told, score = board.hand_in(_attempt(keys, truth, board.metric, better, rng), asker)
            real = min(real, sign * score)
            if told.mean is not None:
                shown = min(shown, sign * told.mean)
        published.append(shown)
        exact.append(real)
    worst = max((value for value in published if value < math.inf), default=0.0) + 1.0
    return float(kendalltau([min(value, worst) for value in published], exact).statistic)


def _attempt(keys: Sequence[str], truth: Floats, metric: str, skill: float, rng: Any) -> dict[str, float]:
    if metric == "mae":
        return dict(zip(keys, truth + rng.normal(0, 2.0 * 0.1**skill, len(keys)), strict=True))
    right = rng.random(len(keys)) < 0.55 + 0.4 * skill
    return _labels(keys, np.where(right, truth, -truth))


# ----------------------------------------------------------------------------------------------- the study


@dataclass(frozen=True)
class Finding:
    """How one attack fared against one setting."""

    setting: str
    attack: str
    recovered: float
    guessing: float
    bits: float
    tau: float


def scratch_folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder in memory where there is one: ten thousand results are put to the disk, one by one."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(prefix="lumbung-privacy-", dir=memory if memory.is_dir() else None)


def truths(metric: str, rows: int, rng: Any) -> tuple[list[str], Floats, Floats]:
    """Return keys, truths as attacks reckon with them (labels as signs), and truths as they are written."""
    keys = [f"row-{i:05d}" for i in range(rows)]
    if metric == "mae":
        truth = rng.normal(5.0, 1.0, rows)
        return keys, truth, truth
    truth = rng.choice([-1.0, 1.0], rows)
    return keys, truth, (truth > 0).astype(float)


def study(setting: Setting, attack: str, rows: int, submissions: int, seed: int) -> Finding:
    """Play one attack, and let the honest be ranked, on fresh truths."""
    rng = np.random.default_rng(seed)
    play, metric = ATTACKS[attack]
    keys, truth, written = truths(metric, rows, rng)
    with truth_read_once():
        with scratch_folder() as scratch:
            board = Board(Path(scratch) / "attacked", keys, written, metric, setting)
            recovered = play(board, keys, truth, submissions, rng)
            spent = board.spent
        tau = honest_tau(setting, metric, rows, seed)
    guessing = float((np.abs(truth - np.median(truth)) <= 0.05).mean()) if metric == "mae" else 0.5
    return Finding(setting.name, attack, recovered, guessing, spent, tau)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--setting", action="append", choices=[each.name for each in SETTINGS])
    parser.add_argument("--attack", action="append", choices=list(ATTACKS))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sklearn.set_config(assume_finite=True, skip_parameter_validation=True)  # the judge has looked already
    chosen = [each for each in SETTINGS if not given.setting or each.name in given.setting]
    print(f"{given.rows} hidden rows, {given.submissions} tables, {TEAMS} teams, {given.seeds} truths each")
    print(
        f"{'setting':<26}{'attack':<12}{'recovered':>10}{'guessing':>10}{'points':>8}{'bits':>9}{'tau-b':>8}"
    )
    for setting in chosen:
        for attack in given.attack or ATTACKS:
            found = [
                study(setting, attack, given.rows, given.submissions, seed) for seed in range(given.seeds)
            ]
            if given.json:
                print(msgspec.json.encode(found).decode(), flush=True)
                continue
            recovered, guessing, bits, tau = (
                float(np.mean([getattr(each, name) for each in found]))
                for name in ("recovered", "guessing", "bits", "tau")
            )
            print(
                f"{setting.name:<26}{attack:<12}{recovered:>9.1%}{guessing:>10.1%}{100 * (recovered - guessing):>+8.1f}"
                f"{bits:>9.0f}{tau:>8.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
