"""The public checkers name each thing that is wrong with a judge or a solution, and nothing where all is right."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import pytest

from lumbung.proving import checker
from lumbung.proving.case import make_case, score_case
from lumbung.proving.challenge import ChallengeError, read_challenge
from lumbung.proving.checker import challenge_texts, check_judge, check_solution
from lumbung.proving.faults import Fault, Owner
from lumbung.proving.judge import Picture
from lumbung.proving.measure import Measure
from lumbung.proving.run import Outcome
from lumbung.proving.text import Text

NAME = Text("error", "galat", "误差")
CASES = [make_case(f"a/{seed}", "a", seed, {}) for seed in range(3)]
SVG = "<svg xmlns='http://www.w3.org/2000/svg'/>"


@dataclass
class Obedient:
    """A judge that keeps the protocol; tests break it in one place."""

    name: str = "tide.gauge"
    version: int = 1
    metrics: dict = field(default_factory=lambda: {"error": NAME, "share": Measure(NAME, "higher", 0.0, 1.0)})
    listed: list = field(default_factory=lambda: [CASES, CASES])
    drawn: list = field(default_factory=lambda: [Picture(NAME, SVG)])
    lenient: bool = False
    restless: bool = False
    asked: int = 0

    def check_options(self, options):
        if not self.lenient and set(options) - {"a", "truth", "inputs", "metrics", "blocks"}:
            raise ChallengeError("options", "odd", "known ones")
        return {"a": 0, **options, **({"a": options.get("a", 0) + 1} if self.restless else {})}

    def cases(self, challenge, folder):
        self.asked += 1
        return self.listed[min(self.asked, len(self.listed)) - 1]

    def play(self, case, solution, options):
        raise NotImplementedError("tests pass a play of their own")

    def pictures(self, runs):
        ((run,),) = [runs]
        assert run.submission == "a" and len(run.scores) == 2
        return self.drawn


def score(case, /, **changes):
    return msgspec.structs.replace(score_case(case, {"error": 1.0, "share": 0.5}, "tide 1"), **changes)


@pytest.fixture
def challenge(toy):
    return read_challenge(toy)


def test_a_judge_that_keeps_the_protocol_is_let_pass(challenge):
    assert check_judge(Obedient(), challenge) == []
    played = []
    assert check_judge(Obedient(), challenge, lambda case: played.append(case) or score(case), cases=2) == []
    assert played == [CASES[0], CASES[0], CASES[1], CASES[1]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "tide"}, "name: found 'tide', expected sector.problem"),
        ({"name": "Tide.gauge"}, "name: found"),
        ({"version": 0}, "version: found 0, expected a whole number"),
        ({"version": "1"}, "version: found '1'"),
        ({"metrics": {"Error": NAME}}, "metrics: 'Error' is no metric name"),
        ({"metrics": {"error": "the error"}}, "metrics['error']: expected a Text"),
        ({"metrics": {"error": Text("a", "", "c")}}, "metrics['error']: expected a Text"),
        ({"lenient": True}, "check_options: accepted an unknown option"),
        ({"restless": True}, "completing completed options again changes them"),
        ({"listed": [[]]}, "cases: found none"),
        ({"listed": [CASES, CASES[::-1]]}, "listing them twice gives two different lists"),
        ({"listed": [[CASES[0], CASES[0]]]}, "two cases share a id"),
        ({"listed": [[CASES[0], msgspec.structs.replace(CASES[0], id="a/9")]]}, "two cases share a digest"),
        ({"listed": [[make_case("A 1", "a", 0, {})]]}, "case 'A 1' of group 'a': ids are lower case"),
        ({"listed": [[make_case("a/1", "A", 0, {})]]}, "of group 'A': ids are lower case"),
    ],
)
def test_each_thing_that_is_wrong_is_named(challenge, change, words):
    findings = check_judge(Obedient(**change), challenge)
    assert len(findings) >= 1 and any(words in finding for finding in findings), findings
    played = check_judge(
        Obedient(**change), challenge, lambda case: pytest.fail("such a judge is not played")
    )
    assert any(words in finding for finding in played)


class Forgetful:
    """Compares as itself only: what comes back from a pickle is another."""


def test_a_case_that_does_not_travel_is_named(challenge):
    odd = msgspec.structs.replace(CASES[0], inputs={"x": Forgetful()})
    assert any(
        "does not survive the way" in finding for finding in check_judge(Obedient(listed=[[odd]]), challenge)
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"case": "a/9"}, "the score speaks of case a/9"),
        ({"group": "b"}, "the score speaks of"),
        ({"seed": 9}, "the score speaks of"),
        ({"digest": "x"}, "the score speaks of"),
        ({"metrics": {"error": 1.0}}, "declared and returned metrics differ in share"),
        ({"metrics": {"error": 1, "share": 0.5}}, "error is 1, expected a finite float"),
        ({"metrics": {"error": float("inf"), "share": 0.5}}, "error is inf, expected a finite float"),
        ({"metrics": {"error": 1.0, "share": 1.5}}, "share is 1.5, outside its declared bounds (0.0, 1.0)"),
        ({"engine": "tide; 1"}, "engine 'tide; 1', expected a name and version"),
        ({"engine": ("tide 1", "")}, "expected a name and version"),
        ({"series": {"a": (1, 2)}}, "the series do not survive JSON"),
    ],
)
def test_each_thing_that_is_wrong_with_a_score_is_named(challenge, change, words):
    findings = check_judge(Obedient(), challenge, lambda case: score(case, **change), cases=2)
    assert findings and all(finding.startswith("play(a/") for finding in findings)
    assert any(words in finding for finding in findings), findings


def test_plays_that_differ_are_named(challenge):
    figures = iter(range(100))
    findings = check_judge(
        Obedient(),
        challenge,
        lambda case: score(case, metrics={"error": float(next(figures)), "share": 0.0}),
        cases=2,
    )
    assert findings == [
        f"play({case.id}): two plays gave different metrics; expected the same bits" for case in CASES[:2]
    ]


@pytest.mark.parametrize(
    ("svg", "words"),
    [
        ("<html/>", "does not begin with <svg"),
        ("<svg><a href='https://x'/></svg>", "needs something from outside"),
        ("<svg><script/></svg>", "needs something from outside, or runs a script"),
    ],
)
def test_each_thing_that_is_wrong_with_a_picture_is_named(challenge, svg, words):
    (finding,) = check_judge(Obedient(drawn=[Picture(NAME, svg)]), challenge, score, cases=2)
    assert finding.startswith("pictures: 'error' ") and words in finding


def outcome(figure=None, owner=None):
    fault = (
        None
        if owner is None
        else Fault(owner, "raised" if owner is Owner.SUBMISSION else "lost", {"error": "X"})
    )
    found = None if figure is None else score(CASES[0], metrics={"error": figure})
    return Outcome("a/0", found, fault, None)


def test_a_solution_that_fails_or_differs_from_play_to_play_is_named():
    assert check_solution({"a/0": outcome(1.0)}, {"a/0": outcome(1.0)}) == []
    assert check_solution({"a/0": outcome(1.0)}, {}) == []
    assert check_solution({"a/0": outcome(owner=Owner.PLATFORM)}, {"a/0": outcome(1.0)}) == []
    for other in (outcome(2.0), outcome(owner=Owner.PLATFORM)):
        (finding,) = check_solution({"a/0": outcome(1.0)}, {"a/0": other})
        assert finding == "case a/0: two plays gave different figures; seed your randomness with problem data"
    (finding,) = check_solution({"a/0": outcome(owner=Owner.SUBMISSION)}, {})
    assert finding.startswith("case a/0: ") and "X" in finding


def test_texts_that_are_missing_or_the_same_are_named(toy):
    text = (toy / "challenge.toml").read_text(encoding="utf-8")
    assert challenge_texts(toy, read_challenge(toy)) == []
    for old, new, name in (
        ('id = "Prediksi target"', 'id = "Predict the target"', "title"),
        ('zh = "用一句话说明需要什么，以及为何重要。"', 'zh = ""', "summary"),
        ('id = "Latihan"', 'id = "Practice"', "phases[0].title"),
    ):
        assert old in text
        (toy / "challenge.toml").write_text(text.replace(old, new), encoding="utf-8")
        (finding,) = challenge_texts(toy, read_challenge(toy))
        assert finding == f"{toy / 'challenge.toml'}: {name} is not written in three languages"


@pytest.mark.parametrize("value", [{1, 2}, float("inf"), object()])
def test_series_that_do_not_read_back_are_told_apart(value):
    assert checker._reads_back(score(CASES[0], series={"curve": [1.0, "x", None]}))
    assert not checker._reads_back(score(CASES[0], series={"curve": value}))
