"""Recall across languages on our labelled set: which share of texts finds its own topic first in another language.

The set (`cooperation_topics.psv`, written by us and labelled so) says 80 needs in English, Indonesian, Chinese, Malay,
Thai and Vietnamese. Each text of one language ranks all topics in another; recall@1 is the share whose own topic comes
first, averaged over the 30 ordered pairs of languages. Figures are those of the 72 topics that were never used to
improve anything; the 8 others are printed beside them.

Run: ``python benchmarks/cooperation_matching.py``
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lumbung.cooperation.matching.candidates import margins
from lumbung.cooperation.matching.concepts import WRITTEN
from lumbung.cooperation.matching.embedders import Embedder, ModelFree, OfflineModel, Vectors
from lumbung.cooperation.matching.listings import Written

TOPICS = Path(__file__).with_name("cooperation_topics.psv")
OFFERS = Path(__file__).with_name("cooperation_offers.psv")


def _rows() -> list[dict[str, str]]:
    lines = [line for line in TOPICS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    header = lines[0].split("|")
    return [dict(zip(header, line.split("|"), strict=True)) for line in lines[1:]]


def read_topics(split: str) -> list[dict[str, str]]:
    """Return the topics of one split, each as its texts by language."""
    return [{code: row[code] for code in WRITTEN} for row in _rows() if row["split"] == split]


def embedded(
    topics: Sequence[dict[str, str]], embedder: Embedder
) -> dict[tuple[str, str], tuple[Vectors, Vectors]]:
    """Embed each ordered pair of languages together, as a pool of needs and offers would be."""
    whole = None
    if not isinstance(embedder, ModelFree):  # a model reads each text alone, so once is enough
        whole = {code: embedder.embed([Written(topic[code], code) for topic in topics]) for code in WRITTEN}
    pairs = {}
    for one, other in itertools.permutations(WRITTEN, 2):
        if whole is not None:
            pairs[one, other] = whole[one], whole[other]
            continue
        texts = [Written(topic[code], code) for code in (one, other) for topic in topics]
        vectors = embedder.embed(texts)
        pairs[one, other] = vectors[: len(topics)], vectors[len(topics) :]
    return pairs


def recall(scores: dict[tuple[str, str], np.ndarray]) -> tuple[float, float, dict[str, float]]:
    """Return recall@1 over all pairs, the worst pair, and the mean by language of the query."""
    hits = {
        pair: float((each.argmax(axis=1) == np.arange(len(each))).mean()) for pair, each in scores.items()
    }
    by_query = {
        code: float(np.mean([hit for pair, hit in hits.items() if pair[0] == code])) for code in WRITTEN
    }
    return float(np.mean(list(hits.values()))), min(hits.values()), by_query


def read_offers() -> dict[str, Written]:
    """Return the offer of each held topic."""
    lines = [line for line in OFFERS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = [line.split("|") for line in lines[1:]]
    return {topic: Written(text, language) for topic, language, text in rows}


def offers_found(embedder: Embedder) -> tuple[float, float]:
    """Return recall@1 and recall@3 of needs, in the five languages their offer is not written in, among all offers."""
    named = [row["topic"] for row in _rows() if row["split"] == "held"]
    topics, offers = dict(zip(named, read_topics("held"), strict=True)), read_offers()
    theirs = [offers[name] for name in named]
    first, third, asked = 0, 0, 0
    for code in WRITTEN:
        vectors = embedder.embed([*(Written(topics[name][code], code) for name in named), *theirs])
        scores = margins(vectors[: len(named)], vectors[len(named) :])
        for place, name in enumerate(named):
            if offers[name].language != code:
                better = int((scores[place] > scores[place, place]).sum())
                first, third, asked = first + (better == 0), third + (better < 3), asked + 1
    return first / asked, third / asked


def _print(label: str, scores: dict[tuple[str, str], np.ndarray]) -> None:
    mean, worst, by_query = recall(scores)
    languages = "  ".join(f"{code} {value:.3f}" for code, value in by_query.items())
    print(f"  {label:32s} {mean:.4f}   worst pair {worst:.3f}   {languages}")


def main() -> None:
    for split in ("held", "tune"):
        topics = read_topics(split)
        print(
            f"{split}: {len(topics)} topics x {len(WRITTEN)} languages (labelled set written by us), recall@1"
        )
        for embedder in (ModelFree(), OfflineModel()):
            start = time.process_time()
            pairs = embedded(topics, embedder)
            taken = time.process_time() - start
            texts = len(topics) * len(WRITTEN) * (1 if isinstance(embedder, OfflineModel) else 10)
            _print(f"{embedder.name}, cosines", {pair: a @ b.T for pair, (a, b) in pairs.items()})
            _print(f"{embedder.name}, margins", {pair: margins(a, b) for pair, (a, b) in pairs.items()})
            print(f"    {1000 * taken / texts:.2f} CPU ms a sentence")
    print(
        "needs of the held topics and the offers that answer them, each offer in one language (written by us)"
    )
    for embedder in (ModelFree(), OfflineModel()):
        first, third = offers_found(embedder)
        print(f"  {embedder.name:32s} recall@1 {first:.4f}   recall@3 {third:.4f}")
    print("figures asked for: 0.95 with the offline model, 0.80 with no model")


if __name__ == "__main__":
    main()
