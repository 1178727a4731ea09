"""The metrics that come along, by name: for which answers, between which bounds, and how they are computed.

Scikit-learn's and sacrebleu's are theirs; the rest is short enough to be read here. Each takes the targets, the answers and the
languages of a case's items, and gives one figure.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

import numpy as np

from lumbung.proving.challenge import ChallengeError
from lumbung.proving.files import calibration
from lumbung.proving.files.detection import mean_average_precision
from lumbung.proving.files.normalising import base_language, normalised, tokens
from lumbung.proving.measure import Measure
from lumbung.proving.tables import METRICS, measure_columns
from lumbung.proving.text import Text

Targets = Sequence[Any]
Answers = Sequence[Any]
Languages = Sequence[str]
Compute = Callable[[Targets, Answers, Languages], float]


@dataclass(frozen=True)
class Named:
    """A metric that comes along.

    Attributes
    ----------
    answers : tuple of str
        Kinds of answer it is for.
    measure : Measure
    compute : callable
        Targets, answers and languages to a figure.
    package : str
        Whose it is, if not our own.
    """

    answers: tuple[str, ...]
    measure: Measure
    compute: Compute
    package: str = ""


# ------------------------------------------------------------------------------------------------- texts


def exact_match(truth: Targets, found: Answers, languages: Languages) -> float:
    """Return the share of answers that are one of their references, once both are normalised."""
    hits = [
        normalised(answer, language) in {normalised(one, language) for one in references}
        for references, answer, language in zip(truth, found, languages, strict=True)
    ]
    return sum(hits) / len(hits)


def f1_tokens(truth: Targets, found: Answers, languages: Languages) -> float:
    """Return the mean F1 of tokens in common, against the best reference (Rajpurkar et al. 2016)."""
    scores = [
        max(_f1(tokens(normalised(one, language), language), tokens(normalised(answer, language), language)) for one in references)
        for references, answer, language in zip(truth, found, languages, strict=True)
    ]  # fmt: skip
    return math.fsum(scores) / len(scores)


def _f1(wanted: list[str], given: list[str]) -> float:
    if not wanted or not given:
        return float(wanted == given)
    shared = sum((Counter(wanted) & Counter(given)).values())
    return 2 * shared / (len(wanted) + len(given))


def character_errors(truth: Targets, found: Answers, _languages: Languages) -> float:
    """Return the character error rate: edits over the characters of the references, all items together."""
    return _error_rate(truth, found, [list] * len(truth))


def word_errors(truth: Targets, found: Answers, languages: Languages) -> float:
    """Return the word error rate: edits over the words of the references; characters where no blanks part words."""
    return _error_rate(truth, found, [partial(tokens, language=code) for code in languages])


def _error_rate(truth: Targets, found: Answers, splits: Sequence[Callable[[str], list[str]]]) -> float:
    """Return edits over length, each answer held against the reference it is nearest to."""
    edits = length = 0
    for references, answer, split in zip(truth, found, splits, strict=True):
        given = split(answer)
        distances = [(_edits(one, given), len(one)) for one in map(split, references)]
        nearest = min(distances, key=lambda pair: pair[0] / max(1, pair[1]))
        edits, length = edits + nearest[0], length + nearest[1]
    return edits / max(1, length)


def _edits(one: list[str], other: list[str]) -> int:
    """Return the Levenshtein distance, row by row; an insertion costs one more than the best place before it."""
    names: dict[str, int] = {}
    left, right = (
        np.array([names.setdefault(t, len(names)) for t in tokens], int) for tokens in (one, other)
    )
    places = np.arange(len(right) + 1)
    row = places.copy()
    for token in left:
        there = np.minimum(row[1:] + 1, row[:-1] + (right != token))
        row = np.minimum.accumulate(np.concatenate([row[:1] + 1, there]) - places) + places
    return int(row[-1])


def _sacrebleu(kind: str) -> Compute:
    def compute(truth: Targets, found: Answers, languages: Languages) -> float:
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
        from sacrebleu.metrics.ter import TER

        language = base_language(languages[0])
        made: Any
        if kind == "bleu":
            made = BLEU(tokenize={"zh": "zh", "th": "char", "ja": "char"}.get(language, "13a"))
        else:
            made = CHRF() if kind == "chrf" else TER(asian_support=language in ("zh", "ja"))
        most = max(map(len, truth))
        streams = [[row[place] if place < len(row) else None for row in truth] for place in range(most)]
        score = float(made.corpus_score(list(found), streams).score)
        return score if kind == "ter" else min(100.0, score)  # 100 may come out as 100.00000000000004

    return compute


# ------------------------------------------------------------------------------- labels and probabilities


def _columns(name: str) -> Compute:
    def compute(truth: Targets, found: Answers, _languages: Languages) -> float:
        keys = [str(place) for place in range(len(truth))]
        return measure_columns(list(truth), list(found), [name], keys)[name]

    return compute


def _calibration(truth: Targets, found: Answers, _languages: Languages) -> float:
    if not isinstance(found[0], dict):
        return calibration.expected_error(found, truth)
    best = [max(sorted(one), key=lambda label: one[label]) for one in found]
    sure = [one[label] for one, label in zip(found, best, strict=True)]
    return calibration.expected_error(sure, [float(a == b) for a, b in zip(best, truth, strict=True)])


def _named(
    kind: str, text: Text, compute: Compute, better: Any = "higher", high: float | None = 1.0
) -> Named:
    return Named((kind,), Measure(text, better, 0, high), compute)


_KIND_OF_COLUMN = {"label": "label", "score": "probability", "probability": "probability", "number": "number"}
MEASURES: dict[str, Named] = {
    name: Named((_KIND_OF_COLUMN[kind],), measure, _columns(name), "scikit-learn")
    for name, (_, kind, measure) in METRICS.items()
}
MEASURES |= {
    "exact_match": _named("text", Text("exact match", "jawaban sama persis", "精确匹配率"), exact_match),
    "f1_tokens": _named("text", Text("F1 of words", "F1 kata", "词级 F1"), f1_tokens),
    "cer": _named("text", Text("character error rate", "tingkat galat karakter", "字错误率"), character_errors, "lower", None),
    "wer": _named("text", Text("word error rate", "tingkat galat kata", "词错误率"), word_errors, "lower", None),
    "bleu": Named(("text",), Measure(Text("BLEU", "BLEU", "BLEU"), "higher", 0, 100), _sacrebleu("bleu"), "sacrebleu"),
    "chrf": Named(("text",), Measure(Text("chrF", "chrF", "chrF"), "higher", 0, 100), _sacrebleu("chrf"), "sacrebleu"),
    "ter": Named(("text",), Measure(Text("TER", "TER", "TER"), "lower", 0), _sacrebleu("ter"), "sacrebleu"),
    "ece": Named(
        ("probability", "distribution"),
        Measure(Text("expected calibration error", "galat kalibrasi harapan", "期望校准误差"), "lower", 0, 1),
        _calibration,
    ),
    "brier_classes": _named(
        "distribution", Text("Brier score over classes", "skor Brier antarkelas", "多类 Brier 分数"),
        lambda truth, found, _: calibration.brier_classes(truth, found), "lower", 2.0,
    ),
    "log_loss_classes": _named(
        "distribution", Text("log loss over classes", "log loss antarkelas", "多类对数损失"),
        lambda truth, found, _: calibration.log_loss_classes(truth, found), "lower", None,
    ),
    "map_50": _named(
        "boxes", Text("mean average precision at IoU 0.5", "presisi rata-rata mAP pada IoU 0,5", "平均精度均值（IoU 0.5）"),
        lambda truth, found, _: mean_average_precision(truth, found, (0.5,)),
    ),
    "map_50_95": _named(
        "boxes", Text("mean average precision, IoU 0.5 to 0.95", "presisi rata-rata mAP, IoU 0,5–0,95", "平均精度均值（IoU 0.5–0.95）"),
        lambda truth, found, _: mean_average_precision(truth, found),
    ),
}  # fmt: skip


def check_names(names: Sequence[str], answer: str) -> None:
    """Check that metrics exist and are for this kind of answer.

    Raises
    ------
    ChallengeError
    """
    fitting = [name for name, named in MEASURES.items() if answer in named.answers]
    odd = next((name for name in names if name not in fitting), None)
    if odd is not None:
        expected = (
            "one of " + ", ".join(fitting) if fitting else "none: a metric of your own (options.metric)"
        )
        raise ChallengeError("options.metrics", f"{odd!r}, for answers of kind {answer}", expected)


def compute_all(
    names: Sequence[str], truth: Targets, found: Answers, languages: Languages
) -> dict[str, float]:
    """Return the figures of a case's items.

    Raises
    ------
    SubmissionFault
        A figure cannot be taken of the answers.
    ChallengeError
        None can be taken of the targets, whatever is answered.
    """
    return {name: MEASURES[name].compute(truth, found, languages) for name in names}


def engines_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return whose the metrics are, with versions."""
    packages = sorted({MEASURES[name].package for name in names} - {""})
    return tuple(f"{package} {version(package)}" for package in packages)
