"""Vectors of needs and offers: made by the housekeeper, who may load a model, and only read by the web process.

A text without a vector yet is no obstacle: until the housekeeper has been there, everything is compared by the lexicon
alone, and the page says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np

from lumbung.centre.partners.listings import open_needs, open_offers
from lumbung.centre.partners.models import Listing, TextVector
from lumbung.cooperation.matching.candidates import Weighted, model_and_concepts
from lumbung.cooperation.matching.embedders import (
    EmbedderMissing,
    ModelFree,
    OfflineModel,
    Remembering,
    Vectors,
    text_key,
)
from lumbung.cooperation.matching.listings import Written

BATCH = 64


class _Kept:
    """Stands for the model where it must not be loaded: every text it is asked for has been read before."""

    name = OfflineModel.name

    def embed(self, texts: Sequence[Written]) -> Vectors:
        assert not texts, "the web process loads no model"
        return np.zeros((0, 384), dtype=np.float32)


def means_for(texts: Sequence[Written]) -> tuple[Weighted, ...]:
    """How to compare these texts now: by the model's kept vectors beside the lexicon, or by the lexicon alone."""
    keys = {text_key(_Kept.name, each) for each in texts}
    kept = {
        digest: bytes(row)
        for digest, row in TextVector.objects.filter(digest__in=keys).values_list("digest", "row")
    }
    if not texts or keys - kept.keys():
        return (Weighted(ModelFree()),)
    return model_and_concepts(Remembering(_Kept(), kept))


def by_model(means: Iterable[Weighted]) -> bool:
    """Whether the model took part."""
    return any(each.embedder.name == _Kept.name for each in means)


def keep_vectors(now: datetime) -> int:
    """Make the vectors that are missing and drop those nobody needs any more; returns how many were made."""
    listings: list[Listing] = [*open_needs(), *open_offers()]
    wanted = {text_key(_Kept.name, written(each)): written(each) for each in listings}
    TextVector.objects.exclude(digest__in=wanted).delete()
    known = set(TextVector.objects.values_list("digest", flat=True))
    fresh = {key: each for key, each in wanted.items() if key not in known}
    if not fresh:
        return 0
    model = OfflineModel()
    keys = list(fresh)
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        try:
            rows = model.embed([fresh[key] for key in part])
        except EmbedderMissing:
            return 0  # without a model the lexicon has to do
        TextVector.objects.bulk_create(
            [TextVector(digest=key, row=row.tobytes()) for key, row in zip(part, rows, strict=True)],
            ignore_conflicts=True,
        )
    return len(fresh)


def written(listing: Listing) -> Written:
    """The text of a need or an offer, and its language."""
    return Written(listing.words, listing.language)
