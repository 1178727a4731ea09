"""Ranking offers for needs, by margins.

Cosines of a multilingual model bunch: strangers score 0.80 and friends 0.87, some texts are near to everything, and
texts of one language are near to each other, whatever they say. Two steps undo that. Each language's mean is taken off
its texts, so that what they share by language alone drops out. Then the *margin* counts: how much nearer two texts are
to each other than each is to its other neighbours (cross-domain similarity local scaling, Conneau et al. 2018,
arXiv:1710.04087, eq. 3). Margins are measured in standard deviations of the pool, so that several embedders can be
added up and the worth of evidence set beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from lumbung.cooperation.matching.constraints import Barrier, barriers
from lumbung.cooperation.matching.embedders import Embedder, ModelFree, Vectors
from lumbung.cooperation.matching.listings import Need, Offer, Organisation, Proof, Written

NEIGHBOURS = 10
_STEADY = 8
"""A language's mean is trusted as if this many more texts, of no language in particular, had been seen."""


class Priorities(msgspec.Struct, frozen=True):
    """What the centre prefers among offers that all pass the hard constraints, in standard deviations of margin.

    Attributes
    ----------
    same_challenge, same_sector
        Worth of a proof of full strength on the need's own challenge, or elsewhere in its sector.
    across_the_border
        Worth of a partner from another country, which is what the centre is for; 0 turns it off.
    """

    same_challenge: float = 1.0
    same_sector: float = 0.5
    across_the_border: float = 0.0


class NoEmbedder(ValueError):
    """Texts cannot be compared by nothing."""


class Weighted(NamedTuple):
    """An embedder and how much its margins count."""

    embedder: Embedder
    weight: float = 1.0


def model_and_concepts(model: Embedder) -> tuple[Weighted, Weighted]:
    """Return the usual means: a model, and half as much weight on the concepts of our lexicon.

    A small model confuses offers of one sector with each other; the lexicon knows the sectors' words and nothing else.
    """
    return Weighted(model), Weighted(ModelFree(), 0.5)


class Candidate(NamedTuple):
    """One offer for one need.

    `margin` and `score` are in standard deviations of the pool; `proof` is the strongest that counts here.
    """

    need: Need
    offer: Offer
    rank: int
    score: float
    margin: float
    proof: Proof | None
    barriers: tuple[Barrier, ...]


class Pool(NamedTuple):
    """Everything that was compared, and the scores of all pairs; shape (needs, offers).

    Examples
    --------
    >>> from lumbung import cooperation
    >>> from lumbung.cooperation.matching.candidates import Weighted
    >>> from lumbung.cooperation.matching.embedders import ModelFree
    >>> from lumbung.cooperation.matching.reading import EXAMPLE
    >>> known = cooperation.read_directory(EXAMPLE)
    >>> pool = cooperation.compare(known.needs, known.offers, known.organisations, [Weighted(ModelFree())])
    >>> pool
    <Pool: 6 needs, 8 offers, 38 pairs barred>
    >>> [candidate.offer.id for candidate in pool.candidates(0)][:2]
    ['o-signal-nn', 'o-signal-jogja']
    """

    needs: tuple[Need, ...]
    offers: tuple[Offer, ...]
    organisations: Mapping[str, Organisation]
    margins: NDArray[np.float64]
    scores: NDArray[np.float64]
    proofs: tuple[tuple[Proof | None, ...], ...]
    barred: tuple[tuple[tuple[Barrier, ...], ...], ...]

    def __repr__(self) -> str:
        barred = sum(bool(why) for row in self.barred for why in row)
        return f"<Pool: {len(self.needs)} needs, {len(self.offers)} offers, {barred} pairs barred>"

    @property
    def allowed(self) -> NDArray[np.bool_]:
        """Pairs that break no hard constraint; shape (needs, offers)."""
        return np.array([[not each for each in row] for row in self.barred], dtype=np.bool_).reshape(
            self.scores.shape
        )

    def candidates(self, need: int, barred: bool = False) -> list[Candidate]:
        """Return the offers for one need, best first; with `barred`, also those that break a constraint, after them.

        Ties fall to the order in which offers were given.
        """
        order = np.argsort(-self.scores[need], kind="stable")
        free = [offer for offer in order if not self.barred[need][offer]]
        rest = [offer for offer in order if self.barred[need][offer]] if barred else []
        return [
            Candidate(
                self.needs[need],
                self.offers[offer],
                rank,
                float(self.scores[need, offer]),
                float(self.margins[need, offer]),
                self.proofs[need][offer],
                self.barred[need][offer],
            )
            for rank, offer in enumerate([*free, *rest], 1)
        ]

    def seekers(self, offer: int) -> list[Candidate]:
        """Return the needs that one offer may serve, best first: who needs exactly this.

        `rank` is then the need's place for this offer, not the offer's for the need.
        """
        order = [
            need for need in np.argsort(-self.scores[:, offer], kind="stable") if not self.barred[need][offer]
        ]
        return [
            Candidate(
                self.needs[need],
                self.offers[offer],
                rank,
                float(self.scores[need, offer]),
                float(self.margins[need, offer]),
                self.proofs[need][offer],
                (),
            )
            for rank, need in enumerate(order, 1)
        ]


def compare(
    needs: Sequence[Need],
    offers: Sequence[Offer],
    organisations: Mapping[str, Organisation],
    means: Sequence[Weighted],
    proofs: Sequence[Proof] = (),
    priorities: Priorities | None = None,
    taken: Mapping[str, int] | None = None,
) -> Pool:
    """Compare every need with every offer.

    Parameters
    ----------
    needs, offers
        In any mix of languages.
    organisations
        By id.
    means
        How texts are compared: one embedder or several, e.g. ``model_and_concepts(OfflineModel())`` or
        ``[Weighted(ModelFree())]``.
    proofs
        What organisations have proven.
    priorities
        Worth of evidence and of crossing the border.
    taken
        Places already taken, by id of need or offer.

    Returns
    -------
    Pool
        Pure: the same input gives the same scores.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> from lumbung.cooperation.matching.candidates import Weighted
    >>> from lumbung.cooperation.matching.embedders import ModelFree
    >>> from lumbung.cooperation.matching.reading import EXAMPLE
    >>> known = cooperation.read_directory(EXAMPLE)
    >>> cooperation.compare(known.needs, known.offers, known.organisations, [Weighted(ModelFree())])
    <Pool: 6 needs, 8 offers, 38 pairs barred>
    """
    priorities = priorities or Priorities()
    near = joint_margins([need.words for need in needs], [offer.words for offer in offers], means)
    counted = tuple(tuple(_proof(need, offer, proofs, priorities) for offer in offers) for need in needs)
    scores = near.copy()
    for row, need in enumerate(needs):
        for column, offer in enumerate(offers):
            scores[row, column] += _worth(need, counted[row][column], priorities)
            if organisations[need.organisation].country != organisations[offer.organisation].country:
                scores[row, column] += priorities.across_the_border
    barred = tuple(tuple(barriers(need, offer, organisations, taken) for offer in offers) for need in needs)
    return Pool(tuple(needs), tuple(offers), organisations, near, scores, counted, barred)


def joint_margins(
    ours: Sequence[Written], theirs: Sequence[Written], means: Sequence[Weighted]
) -> NDArray[np.float64]:
    """Return the weighted sum of several embedders' margins, in standard deviations; shape (ours, theirs).

    Raises
    ------
    NoEmbedder
        When no embedder is given.
    """
    if not means:
        raise NoEmbedder("no embedder was given; Weighted(ModelFree()) needs nothing installed")
    texts = [*ours, *theirs]
    total = np.zeros((len(ours), len(theirs)))
    for embedder, weight in means:
        rows = without_language(embedder.embed(texts), [each.language for each in texts])
        total += weight * _standard(margins(rows[: len(ours)], rows[len(ours) :]))
    return _standard(total)


def without_language(rows: Vectors, languages: Sequence[str]) -> Vectors:
    """Take each language's mean off its rows and bring them back to unit length; shape as given.

    A language of few texts loses only part of its mean: n / (n + 8) of it.
    """
    left = np.array(rows, dtype=np.float32)
    spoken = np.array(languages)
    for language in set(languages):
        own = spoken == language
        count = int(own.sum())
        left[own] -= left[own].mean(axis=0) * (count / (count + _STEADY))
    lengths = np.linalg.norm(left, axis=1, keepdims=True)
    return np.asarray(left / np.where(lengths > 0, lengths, 1.0), dtype=np.float32)


def _standard(found: NDArray[np.float64]) -> NDArray[np.float64]:
    if not found.size:
        return found
    spread = float(found.std())
    centred = found - found.mean()
    return np.asarray(centred / spread if spread > 0 else centred)


def margins(ours: Vectors, theirs: Vectors, neighbours: int = NEIGHBOURS) -> NDArray[np.float64]:
    """Return by how much each pair is nearer than the neighbourhoods of its two texts.

    Parameters
    ----------
    ours, theirs
        Rows of unit length; shapes (n, d) and (m, d).
    neighbours
        How many nearest texts of the other side make a neighbourhood; at most half of them.
    """
    cosines = ours.astype(np.float64) @ theirs.astype(np.float64).T
    if not cosines.size:
        return cosines
    ours_near, theirs_near = _nearest(cosines, neighbours), _nearest(cosines.T, neighbours)
    return np.asarray(2.0 * cosines - ours_near[:, None] - theirs_near[None, :])


def _nearest(cosines: NDArray[np.float64], neighbours: int) -> NDArray[np.float64]:
    count = max(1, min(neighbours, cosines.shape[1] // 2))
    return np.asarray(np.sort(cosines, axis=1)[:, -count:].mean(axis=1))


def _proof(need: Need, offer: Offer, proofs: Sequence[Proof], priorities: Priorities) -> Proof | None:
    theirs = [each for each in proofs if each.organisation == offer.organisation and _counts(need, each)]
    return max(theirs, key=lambda each: (_worth(need, each, priorities), each.cases), default=None)


def _counts(need: Need, proof: Proof) -> bool:
    return proof.challenge == need.challenge or proof.sector == need.sector


def _worth(need: Need, proof: Proof | None, priorities: Priorities) -> float:
    if proof is None:
        return 0.0
    scale = priorities.same_challenge if proof.challenge == need.challenge else priorities.same_sector
    return scale * proof.strength
