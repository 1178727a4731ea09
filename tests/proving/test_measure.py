"""What a judge declares of a metric, and where it is held to it."""

from __future__ import annotations

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.proving.boundary import checked_score
from lumbung.proving.case import make_case, score_case
from lumbung.proving.challenge import ChallengeError, Ranking
from lumbung.proving.evidence import Evidence, open_evidence, sign
from lumbung.proving.faults import ChallengeFault
from lumbung.proving.judge import find_judge, judges
from lumbung.proving.measure import Measure, bounds_among, check_ranking, outside, text_of
from lumbung.proving.text import LANGUAGES, Text
from making_evidence import evidence_of

WORD = Text("kept", "dipatuhi", "遵守")
METRICS = {"kept": Measure(WORD, "higher", 0, 100), "loss": Measure(WORD, "lower", low=0), "plain": WORD}


@pytest.mark.parametrize("ends", [(1, 0), (0, 0), (float("nan"), 1), (0, float("inf"))])
def test_bounds_that_hold_nothing_are_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="expected finite numbers, the lower one first"):
        Measure(WORD, None, *ends)


def test_a_plain_text_declares_neither_bounds_nor_direction() -> None:
    assert bounds_among(METRICS) == {"kept": (0, 100), "loss": (0, None)}
    assert {text_of(metric) for metric in METRICS.values()} == {WORD}
    for better in ("lower", "higher"):
        check_ranking(Ranking("plain", better), METRICS, "toy")


@pytest.mark.parametrize(
    ("ranking", "said"),
    [
        (Ranking("none", "lower"), "found 'none', expected one of kept, loss, plain"),
        (Ranking("kept", "lower"), "found 'lower', expected 'higher', as kept is meant"),
        (Ranking("loss", "higher"), "found 'higher', expected 'lower', as loss is meant"),
    ],
)
def test_a_challenge_cannot_rank_by_nothing_or_the_wrong_way_up(ranking: Ranking, said: str) -> None:
    with pytest.raises(ChallengeError, match=said):
        check_ranking(ranking, METRICS, "toy")


def test_rounding_is_not_outside() -> None:
    assert not outside(100 + 1e-8, (0, 100)) and outside(100.001, (0, 100))
    assert not outside(-1e-10, (0, None)) and outside(-0.001, (0, None))
    assert not outside(1e300, (None, None)) and not outside(1e300, (0, None))


def test_a_figure_outside_its_bounds_is_the_judges_fault() -> None:
    case = make_case("a/0", "a", 0, {}, {})
    good = score_case(case, {"kept": 100.0, "plain": -5.0}, "engine 1")
    assert checked_score("toy.judge", case, METRICS, Ranking("kept", "higher"), good).metrics["kept"] == 100.0
    for figures, said in (
        ({"kept": 100.5}, "at least 0 and at most 100, as the judge declares"),
        ({"kept": 50.0, "loss": -1.0}, "at least 0, as the judge declares"),
    ):
        with pytest.raises(ChallengeFault) as caught:
            checked_score(
                "toy.judge", case, METRICS, Ranking("kept", "higher"), score_case(case, figures, "engine 1")
            )
        assert caught.value.fault.code == "judge_result" and caught.value.fault.params["expected"] == said


def test_evidence_carries_bounds_and_is_what_it_was_without_any() -> None:
    plain, bounded = evidence_of({"g": [1.0]}), evidence_of({"g": [1.0]}, bounds={"delay": (0.0, None)})
    assert b"bounds" not in msgspec.json.encode(plain)
    assert msgspec.json.decode(msgspec.json.encode(plain), type=Evidence) == plain
    assert plain.figures_digest == bounded.figures_digest, (
        "what a second judging must reproduce are the figures"
    )
    key = Ed25519PrivateKey.generate()
    assert open_evidence(sign(bounded, key), [key.public_key()])[0].bounds == {"delay": (0.0, None)}


@pytest.mark.parametrize("name", sorted(judges()))
def test_every_shipped_judge_declares_what_its_shares_cannot_leave(name: str) -> None:
    metrics = find_judge(name).metrics
    bounds = bounds_among(metrics)
    assert bounds, "some metric of each has a bound"
    for metric, declared in metrics.items():
        text = text_of(declared)
        assert all(text.in_language(code) for code in LANGUAGES)
        if "[%]" in text.en or "share of" in text.en:
            assert None not in bounds[metric], f"{metric} is a share"
