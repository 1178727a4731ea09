"""A model's passport says what evidence says: every figure as a standing gives it, failures too, nothing pooled."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.digest import digest_data
from lumbung.proving.evidence import Evidence, FaultMark, sign
from lumbung.proving.faults import Owner
from lumbung.proving.passport import Passport, PassportError, Question, compare, make_passport
from lumbung.proving.principles import PRINCIPLES, counts
from lumbung.proving.standing import compute_standing
from lumbung.proving.text import LANGUAGES, Text
from making_evidence import evidence_of

KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
RANKING = Ranking("delay", "lower")
TITLE = Text("Toy", "Mainan", "玩具")
QUESTIONS = {
    digest_data(name): Question(name, 1, digest_data(name), TITLE, "CC0-1.0", RANKING)
    for name in ("toy", "play")
}
MODEL = digest_data("model")
ROADS = {"road": [3.0, 4.0, 5.5, 4.5, 3.5, 4.2], "lane": [6.0, 7.0, 6.5, 7.5, 8.0, 6.6]}


def piece(figures: Mapping[str, list[float]] = ROADS, **changes: object) -> Evidence:
    return evidence_of(dict(figures), **({"submission_digest": MODEL} | changes))  # type: ignore[arg-type]


def passport_of(*pieces: Evidence, key: Ed25519PrivateKey = KEY) -> Passport:
    keys = [KEY.public_key(), OTHER.public_key()]
    return make_passport([sign(one, key) for one in pieces], keys, QUESTIONS)


@pytest.mark.parametrize("egress", [None, Egress(min_cases=2, reveal="every"), Egress("per-case")])
def test_every_figure_is_a_standing_s(egress: Egress | None) -> None:
    given = piece(egress=egress)
    (row,) = compute_standing({"x": [given]}, RANKING, seed=5).rows
    (test,) = passport_of(given).tests
    assert (test.mean, test.low, test.high, test.few, test.worst) == (
        row.mean,
        row.low,
        row.high,
        row.few,
        row.worst,
    )
    assert {group.group: group.mean for group in test.groups} == row.groups
    assert test.weakest == row.weakest and test.mean is not None
    # Of twelve cases an aggregate tells too little to say how sure their mean is.
    assert (test.low is None) == test.few == (egress is not None and egress.rule == "aggregate")
    assert test.low is None or test.high is None or test.low < test.mean < test.high
    assert test.groups_named == (egress is None)
    assert (test.worst is None) == (egress is not None and egress.rule == "aggregate")


def test_a_failed_run_stands_beside_a_scored_one() -> None:
    fault = FaultMark(Owner("submission"), "timed_out")
    failed = piece({"road": []}, fault=fault, case_count=12, phase="final")
    shown = passport_of(piece(), failed)
    first, second = sorted(shown.tests, key=lambda test: test.fault is None)
    assert first.fault == fault and first.mean is None and second.mean is not None
    assert counts(shown) | {"scored": 1, "faulted": 1, "tests": 2, "nodes": 1} == counts(shown)


def test_two_judgings_that_differ_are_both_shown_and_named() -> None:
    other = piece({"road": [1.0] * 6, "lane": [1.5] * 6}, cases_digest=piece().cases_digest, country="CN")
    again = piece(country="VN", wall_s=9.0)
    shown = passport_of(piece(), other, again)
    by_country = {test.country: test for test in shown.tests}
    assert by_country["ID"].agrees == (by_country["VN"].evidence,)
    assert by_country["ID"].contradicts == (by_country["CN"].evidence,)
    assert set(by_country["CN"].contradicts) == {by_country["ID"].evidence, by_country["VN"].evidence}
    assert counts(shown)["contradicted"] == 3


def test_what_was_not_isolated_has_no_figure() -> None:
    loose = msgspec.structs.replace(piece().isolation, kind="none")
    (test,) = passport_of(piece(isolation=loose)).tests
    assert test.mean is None and test.uncounted and counts(passport_of(piece(isolation=loose)))["boxed"] == 0


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        ([], "no evidence"),
        ([piece(), piece(submission_digest=digest_data("another"))], "of one submission"),
        ([piece(), piece()], "stands twice"),
        ([piece(challenge="away", challenge_digest=digest_data("away"))], "--challenge"),
        ([piece(challenge_version=2)], "the question of the same digest"),
    ],
)
def test_what_makes_no_passport_is_said(pieces: list[Evidence], words: str) -> None:
    with pytest.raises(PassportError, match=words):
        passport_of(*pieces)


def test_one_judging_signed_twice_is_no_second_judging() -> None:
    envelopes = [sign(piece(), KEY), sign(piece(), OTHER)]
    with pytest.raises(PassportError, match="stands twice"):
        make_passport(envelopes, [KEY.public_key(), OTHER.public_key()], QUESTIONS)


def test_the_order_in_which_evidence_is_given_changes_nothing() -> None:
    pieces = [piece(), piece(phase="final"), piece(challenge="play", challenge_digest=digest_data("play"))]
    assert passport_of(*pieces) == passport_of(*reversed(pieces))


def test_only_answers_to_the_very_same_question_stand_side_by_side() -> None:
    one = passport_of(piece(), piece(phase="final"))
    two = passport_of(piece(submission_digest=digest_data("b")))
    three = passport_of(piece({"road": [3.0] * 5}, submission_digest=digest_data("c")))  # other cases
    rows = compare([one, two, three])
    assert [
        (row.phase, [len(tests) for tests in row.answers], row.comparable) for row in rows if row.comparable
    ] == [("practice", [1, 1, 0], True)]
    assert sum(len(tests) for row in rows for tests in row.answers) == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_seven_principles_are_told_whole_in_every_language(language: str) -> None:
    told = counts(passport_of(piece()))
    said = [
        [text.in_language(language) for text in (one.title, one.found, one.reason, one.uncovered)]
        for one in PRINCIPLES
    ]
    assert len(said) == len({one.code for one in PRINCIPLES}) == 7
    for title, found, reason, uncovered in said:
        filled = found.format(**told)
        assert "{" not in filled and all((title, filled, reason, uncovered))
