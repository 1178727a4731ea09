"""Answers of people who each saw a few items of a large bank: two bytes per answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.kernels.compiling import kernel
from lumbung.talent.irt import expectation
from lumbung.talent.irt.expectation import Expected
from lumbung.talent.irt.packing import row_starts
from lumbung.talent.irt.quadrature import padded

_NO_WEIGHTS = np.empty(0)
_LOG_NOTHING = -1e4
_MOST_ROWS = 65536


class SparseAnswersError(ValueError):
    """The triples do not describe answers to these items."""


@kernel
def _spread(answers, starts, low, high, row_starts, item_of_row, block):  # type: ignore[no-untyped-def]
    for i in range(low, high):
        for k in range(starts[i], starts[i + 1]):
            item = item_of_row[answers[k]]
            block[i - low, item] = answers[k] - row_starts[item]


@kernel
def _count(answers, starts, weights, counts):  # type: ignore[no-untyped-def]
    for i in range(len(starts) - 1):
        weight = weights[i] if len(weights) > 0 else 1.0
        for k in range(starts[i], starts[i + 1]):
            counts[answers[k]] += weight


@dataclass(frozen=True)
class SparseAnswers:
    """Answers as lists of rows of the table "item and category".

    Attributes
    ----------
    answers : uint16 [answers]
        ``row_starts[item] + category``, person after person.
    starts : int64 [persons + 1]
        Where each person's answers begin.
    categories : int64 [items]
    weights : float64 [persons] or empty

    Examples
    --------
    >>> from lumbung import talent
    >>> talent.SparseAnswers.from_array([[1, -1, -1], [0, 0, -1], [-1, 1, 1]])  # -1: not seen
    <SparseAnswers: 3 people, 3 items, 5 answers>
    """

    answers: NDArray[np.uint16]
    starts: NDArray[np.int64]
    categories: NDArray[np.int64]
    weights: NDArray[np.float64]

    def __repr__(self) -> str:
        return (
            f"<SparseAnswers: {self.n_persons:.0f} people, {self.n_items} items, {self.answers.size} answers>"
        )

    @classmethod
    def from_triples(
        cls,
        persons: NDArray[np.integer],
        items: NDArray[np.integer],
        values: NDArray[np.integer],
        categories: NDArray[np.int64],
        n_persons: int | None = None,
    ) -> SparseAnswers:
        """Build from (person, item, category) triples in any order.

        Raises
        ------
        SparseAnswersError
            If an item or a category is out of range, naming the first such triple, or there are over 65,536
            item-category pairs.
        """
        categories = np.asarray(categories, dtype=np.int64)
        first_rows = row_starts(categories)
        if first_rows[-1] > _MOST_ROWS:
            raise SparseAnswersError(
                f"{first_rows[-1]} item-category pairs; at most {_MOST_ROWS} can be told apart"
            )
        persons, items, values = (np.asarray(x) for x in (persons, items, values))
        known = (items >= 0) & (items < len(categories))
        wrong = ~known
        wrong[known] = (values[known] < 0) | (values[known] >= categories[items[known]])
        if wrong.any():
            k = int(np.argmax(wrong))
            raise SparseAnswersError(
                f"triple {k}: person {persons[k]}, item {items[k]}, value {values[k]}; expected an item below "
                f"{len(categories)} and a value from 0 to the item's number of categories minus one"
            )
        count = int(persons.max(initial=-1)) + 1 if n_persons is None else n_persons
        order = np.argsort(persons, kind="stable")
        starts = np.zeros(count + 1, dtype=np.int64)
        np.cumsum(np.bincount(persons, minlength=count), out=starts[1:])
        rows = (first_rows[items[order]] + values[order]).astype(np.uint16)
        return cls(rows, starts, categories, _NO_WEIGHTS)

    @classmethod
    def from_array(
        cls,
        answers: ArrayLike,
        weights: NDArray[np.float64] | None = None,
        categories: NDArray[np.int64] | None = None,
    ) -> SparseAnswers:
        """Build from an array [persons, items] in which a negative value means "not seen"."""
        answers = np.asarray(answers, dtype=np.int64)
        if categories is None:
            categories = np.maximum(answers.max(axis=0, initial=1) + 1, 2)
        persons, items = np.nonzero(answers >= 0)
        built = cls.from_triples(persons, items, answers[persons, items], categories, len(answers))
        return built if weights is None else replace(built, weights=np.asarray(weights, dtype=np.float64))

    @property
    def n_rows(self) -> int:
        return len(self.starts) - 1

    @property
    def n_items(self) -> int:
        return len(self.categories)

    @property
    def n_persons(self) -> float:
        return float(self.weights.sum()) if len(self.weights) else float(self.n_rows)

    @property
    def complete(self) -> bool:
        """Whether everybody saw every item."""
        return len(self.answers) == self.n_rows * self.n_items

    def frequencies(self) -> NDArray[np.float64]:
        """How many people gave each answer, float64 [rows], one row per item and category."""
        counts = np.zeros(int(self.categories.sum()))
        _count(self.answers, self.starts, self.weights, counts)
        return counts

    def thinned(self, n_rows: int) -> SparseAnswers:
        """About ``n_rows`` persons spread evenly over all persons."""
        chosen = np.linspace(0, self.n_rows - 1, min(n_rows, self.n_rows)).astype(np.int64)
        lengths = self.starts[chosen + 1] - self.starts[chosen]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        within = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
        answers = self.answers[np.repeat(self.starts[chosen], lengths) + within]
        weights = self.weights[chosen] if len(self.weights) else self.weights
        return replace(self, answers=answers, starts=starts, weights=weights)

    def blocks(self, size: int = 16384) -> Iterator[tuple[slice, NDArray[np.int16]]]:
        """Answers as arrays [persons, items], block by block; missing is -1."""
        first_rows = row_starts(self.categories)
        item_of_row = np.repeat(np.arange(self.n_items), self.categories)
        for low in range(0, self.n_rows, size):
            high = min(self.n_rows, low + size)
            block = np.full((high - low, self.n_items), -1, dtype=np.int16)
            _spread(self.answers, self.starts, low, high, first_rows, item_of_row, block)
            yield slice(low, high), block

    def expect(
        self,
        log_rows: NDArray[np.float64],
        log_prior: NDArray[np.float64],
        dtype: type = np.float64,
        threads: int | None = None,
    ) -> Expected:
        """Expectation step; parameters as in :meth:`lumbung.talent.irt.dense.DenseAnswers.expect`."""
        nodes = log_rows.shape[1]
        lanes = padded(nodes)
        rows = expectation.in_lanes(log_rows, dtype, lanes, 0.0)
        prior = expectation.in_lanes(log_prior, dtype, lanes, _LOG_NOTHING)

        def work(low: int, high: int) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
            sums, people = np.zeros(rows.shape), np.zeros(lanes)
            value = expectation.expect_sparse(
                self.answers,
                self.starts,
                self.weights,
                rows,
                prior,
                low,
                high,
                expectation.BLOCK,
                sums,
                people,
            )
            return sums, people, value

        sums, people, log_likelihood = np.zeros(rows.shape), np.zeros(lanes), 0.0
        for part, part_people, value in expectation.run_shares(work, self.n_rows, threads):
            sums += part
            people += part_people
            log_likelihood += value
        return Expected(sums[:, :nodes], people[:nodes], log_likelihood)
