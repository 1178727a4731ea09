"""Figures are those that others' tools give, or that can be counted by hand."""

from __future__ import annotations

import random

import numpy as np
import pytest

from lumbung.proving.challenge import ChallengeError
from lumbung.proving.files.detection import mean_average_precision
from lumbung.proving.files.measures import MEASURES, check_names, compute_all, engines_of
from lumbung.proving.files.normalising import normalised, tokens

WORDS = "padi sawah irigasi pupuk musim tanam panen petani desa air".split()


def texts(seed, count=40):
    """Sentences and what somebody made of them: words lost, doubled, changed."""
    draw = random.Random(seed)
    truth = [" ".join(draw.choices(WORDS, k=draw.randint(1, 9))) for _ in range(count)]
    found = []
    for text in truth:
        kept = [
            word if draw.random() > 0.2 else draw.choice(["", word + " " + word, word[1:], "x"])
            for word in text.split()
        ]
        found.append(" ".join(" ".join(kept).split()))
    return truth, found


@pytest.mark.parametrize("seed", range(5))
def test_error_rates_are_jiwers(seed):
    import jiwer

    truth, found = texts(seed)
    figures = compute_all(["cer", "wer"], [[t] for t in truth], found, ["id"] * len(truth))
    assert figures["wer"] == pytest.approx(jiwer.wer(truth, found), abs=1e-12)
    assert figures["cer"] == pytest.approx(jiwer.cer(truth, found), abs=1e-12)


def test_translations_are_scored_as_sacrebleu_does():
    import sacrebleu

    truth, found = texts(7)
    second, _ = texts(8)
    references = [
        [a, b] if place % 2 else [a] for place, (a, b) in enumerate(zip(truth, second, strict=True))
    ]
    streams = [truth, [pair[1] if len(pair) > 1 else None for pair in references]]
    figures = compute_all(["bleu", "chrf", "ter"], references, found, ["id"] * len(truth))
    assert figures["bleu"] == sacrebleu.corpus_bleu(found, streams).score
    assert figures["chrf"] == sacrebleu.corpus_chrf(found, streams).score
    assert figures["ter"] == sacrebleu.corpus_ter(found, streams).score
    assert engines_of(["bleu", "f1_macro", "wer"])[0].startswith("sacrebleu 2")
    zh = compute_all(["bleu"], [["今天天气很好我们去插秧吧"]], ["今天天气很好我们去收割吧"], ["zh"])
    assert (
        zh["bleu"]
        == sacrebleu.corpus_bleu(
            ["今天天气很好我们去收割吧"], [["今天天气很好我们去插秧吧"]], tokenize="zh"
        ).score
    )


@pytest.mark.parametrize(
    ("language", "one", "other", "same"),
    [
        ("en", "The answer is 1,250.5 kg!", "answer is 1250.5 KG", True),
        ("id", "Rp1.250,50", "rp 1250,50", False),
        ("id", "1.250,5 ton", "1250,5 ton.", True),
        ("id", "1.250", "1250", True),
        ("en", "1.250", "1250", False),
        ("vi", "12,5 tấn", "12.5 tấn", True),
        ("zh-Hans", "１２月　上旬。", "12月上旬", False),
        ("zh", "“十二月”", "十二月", True),
        ("th", "๑๒ มกราคม", "12 มกราคม", True),
        ("fil", "Ang palay", "palay", True),
        ("jv", "wong-wong tani", "wong wong tani", True),
        ("ms", "3.5", "35", False),
        ("", "Müller", "mu\u0308ller", True),
    ],
)
def test_what_differs_in_writing_alone_is_the_same(language, one, other, same):
    assert (normalised(one, language) == normalised(other, language)) is same
    figures = compute_all(["exact_match", "f1_tokens"], [[one]], [other], [language])
    assert figures["exact_match"] == same and 0 <= figures["f1_tokens"] <= 1


def test_f1_is_of_words_or_of_characters_where_no_blanks_part_words():
    assert compute_all(["f1_tokens"], [["sawah di desa"]], ["sawah desa itu"], ["id"])[
        "f1_tokens"
    ] == pytest.approx(2 / 3)
    assert (
        compute_all(["f1_tokens"], [["水稻"], ["abc 12"]], ["水田", "abc 12"], ["zh", "zh"])["f1_tokens"]
        == 0.75
    )
    assert tokens("ที่นี่ 12", "th") == ["ที่", "นี่", "12"]
    assert compute_all(["f1_tokens"], [["?"], ["x"]], ["!", "!"], ["id", "id"])["f1_tokens"] == 0.5


def box(label, *corners, score=None):
    return {"label": label, "box": corners, **({} if score is None else {"score": score})}


def test_average_precision_counted_by_hand():
    """Two truths; found in order of score: right, wrong, right. Precision is 1 up to recall 0.5, 2/3 beyond."""
    truth = [[box("a", 0, 0, 10, 10), box("a", 20, 0, 30, 10)]]
    found = [
        [
            box("a", 0, 0, 10, 10, score=0.9),
            box("a", 50, 0, 60, 10, score=0.8),
            box("a", 20, 0, 30, 10, score=0.7),
        ]
    ]
    assert mean_average_precision(truth, found, (0.5,)) == pytest.approx((51 * 1 + 50 * 2 / 3) / 101)
    # Half as wide is an overlap of one half: found at 0.5, lost from 0.55 on.
    half = [[box("a", 0, 0, 5, 10, score=1.0)]]
    assert mean_average_precision([[box("a", 0, 0, 10, 10)]], half) == pytest.approx(0.1)
    # The same box twice is one hit, and another label's box none.
    twice = [
        [
            box("a", 0, 0, 10, 10, score=0.5),
            box("a", 0, 0, 10, 10, score=0.9),
            box("b", 0, 0, 10, 10, score=1),
        ]
    ]
    assert mean_average_precision([[box("a", 0, 0, 10, 10), box("b", 5, 5, 6, 6)]], twice, (0.5,)) == 0.5
    assert (
        mean_average_precision([[]], [[]]),
        mean_average_precision([[]], [[box("a", 0, 0, 1, 1, score=1)]]),
    ) == (1, 0)


def test_calibration_of_who_knows_what_they_know():
    draw = np.random.default_rng(3)
    sure = draw.uniform(0, 1, 20_000)
    right = (draw.uniform(0, 1, 20_000) < sure).astype(float)
    honest, boastful = (
        compute_all(["ece", "brier"], list(right), list(p), [""] * 20_000) for p in (sure, np.sqrt(sure))
    )
    assert honest["ece"] < 0.02 < 0.1 < boastful["ece"] and honest["brier"] == pytest.approx(1 / 6, abs=0.01)
    classes = [{"a": 0.8, "b": 0.2}, {"a": 0.4, "b": 0.6}]
    figures = compute_all(["ece", "brier_classes", "log_loss_classes"], ["a", "a"], classes, ["", ""])
    assert figures["brier_classes"] == pytest.approx((0.04 + 0.04 + 0.36 + 0.36) / 2)
    assert figures["log_loss_classes"] == pytest.approx(-(np.log(0.8) + np.log(0.4)) / 2)
    assert figures["ece"] == pytest.approx((0.2 + 0.6) / 2)


def test_every_metric_keeps_its_bounds_and_its_perfect_answer():
    perfect = {
        "text": ([["padi sawah desa air"], ["musim tanam padi gadu"]], ["padi sawah desa air", "musim tanam padi gadu"]),
        "label": (["a", "b"], ["a", "b"]), "number": ([1.0, 2.0], [1.0, 2.0]), "probability": ([0.0, 1.0], [0.0, 1.0]),
        "distribution": (["a", "b"], [{"a": 1.0}, {"b": 1.0}]),
        "boxes": ([[box("a", 0, 0, 1, 1)]], [[box("a", 0, 0, 1, 1, score=1)]]),
    }  # fmt: skip
    for name, named in MEASURES.items():
        for kind in named.answers:
            truth, found = perfect[kind]
            figure = compute_all([name], truth, found, ["id"] * len(truth))[name]
            best = named.measure.high if named.measure.better == "higher" else named.measure.low
            assert figure == pytest.approx(best, abs=1e-9), name
    with pytest.raises(ChallengeError, match=r"accuracy.*for answers of kind boxes.*map_50"):
        check_names(["accuracy"], "boxes")
    with pytest.raises(ChallengeError, match="a metric of your own"):
        check_names(["accuracy"], "files")
