"""Answers of people who mostly saw the same items, packed several to a byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.irt import expectation
from lumbung.talent.irt.expectation import Expected
from lumbung.talent.irt.packing import (
    CODES,
    Layout,
    count_codes,
    gather_rows,
    pack,
    plan_layout,
    spread_rows,
    unpack,
)
from lumbung.talent.irt.quadrature import padded

_NO_WEIGHTS = np.empty(0)
_MERGE_BYTES = 8
_LOG_NOTHING = -1e4  # log-weight of the lanes that pad the nodes


@dataclass(frozen=True)
class DenseAnswers:
    """Packed answers.

    Attributes
    ----------
    codes : uint8 [rows, bytes]
    layout : Layout
    weights : float64 [rows] or empty
        How many people each row stands for; empty where every row is one person.

    Examples
    --------
    >>> from lumbung import talent
    >>> talent.DenseAnswers.from_array([[1, 0, 1], [0, 0, 1], [1, 1, 1]])
    <DenseAnswers: 3 people, 3 items, 3 bytes>
    """

    codes: NDArray[np.uint8]
    layout: Layout
    weights: NDArray[np.float64]

    def __repr__(self) -> str:
        return f"<DenseAnswers: {self.n_persons:.0f} people, {self.n_items} items, {self.codes.nbytes} bytes>"

    @classmethod
    def from_array(
        cls,
        answers: NDArray[np.integer],
        weights: NDArray[np.float64] | None = None,
        categories: NDArray[np.int64] | None = None,
    ) -> DenseAnswers:
        """Pack an array.

        Parameters
        ----------
        answers : int [persons, items]
            Category counted from 0; negative where the person did not see the item.
        weights : float [persons], optional
            How many people each row stands for.
        categories : int [items], optional
            Categories of each item; by default the largest answer plus one, and at least 2.
        """
        answers = np.ascontiguousarray(answers)
        if categories is None:
            categories = np.maximum(answers.max(axis=0, initial=1) + 1, 2)
        layout = plan_layout(np.asarray(categories, dtype=np.int64), np.asarray((answers < 0).any(axis=0)))
        kept = _NO_WEIGHTS if weights is None else np.asarray(weights, dtype=np.float64)
        return cls(pack(answers, layout), layout, kept).merged()

    @classmethod
    def from_chunks(
        cls,
        chunks: Iterable[NDArray[np.integer]],
        categories: NDArray[np.int64],
        may_miss: bool,
        n_persons: int,
    ) -> DenseAnswers:
        """Pack answers that arrive in pieces, so that millions of people never stand unpacked in memory.

        Raises
        ------
        ValueError
            If the pieces do not add up to ``n_persons``.
        """
        categories = np.asarray(categories, dtype=np.int64)
        layout = plan_layout(categories, np.full(len(categories), may_miss))
        codes = np.empty((n_persons, layout.n_bytes), dtype=np.uint8)
        filled = 0
        for chunk in chunks:
            if filled + len(chunk) > n_persons:
                raise ValueError(f"expected {n_persons} persons, found at least {filled + len(chunk)}")
            codes[filled : filled + len(chunk)] = pack(chunk, layout)
            filled += len(chunk)
        if filled != n_persons:
            raise ValueError(f"expected {n_persons} persons, found {filled}")
        return cls(codes, layout, _NO_WEIGHTS)

    @property
    def n_rows(self) -> int:
        return len(self.codes)

    @property
    def n_items(self) -> int:
        return self.layout.n_items

    @property
    def n_persons(self) -> float:
        return float(self.weights.sum()) if len(self.weights) else float(self.n_rows)

    @property
    def categories(self) -> NDArray[np.int64]:
        return self.layout.categories

    @property
    def complete(self) -> bool:
        """Whether nobody missed an item."""
        return bool((self.layout.bases == self.layout.categories).all())

    def frequencies(self) -> NDArray[np.float64]:
        """How many people gave each answer, float64 [rows], one row per item and category."""
        layout = self.layout
        tables = np.zeros((layout.n_bytes, CODES, 1))
        count_codes(self.codes, self.weights, tables)
        counts = np.zeros((layout.n_rows, 1))
        gather_rows(tables, layout.categories, layout.bases, layout.bytes_of, layout.row_starts, counts)
        return counts[:, 0]

    def merged(self) -> DenseAnswers:
        """Merge equal rows where that is cheap (few items); estimates do not change."""
        if self.layout.n_bytes > _MERGE_BYTES or self.n_rows < 2:
            return self
        keys = np.zeros(self.n_rows, dtype=np.uint64)
        for byte in range(self.layout.n_bytes):
            keys = (keys << np.uint64(8)) | self.codes[:, byte]
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        if len(first) > 0.7 * self.n_rows:
            return self
        old = self.weights if len(self.weights) else np.ones(self.n_rows)
        return replace(self, codes=self.codes[first], weights=np.bincount(inverse, old).astype(np.float64))

    def thinned(self, n_rows: int) -> DenseAnswers:
        """About ``n_rows`` rows spread evenly over all rows."""
        chosen = np.linspace(0, self.n_rows - 1, min(n_rows, self.n_rows)).astype(np.int64)
        weights = self.weights[chosen] if len(self.weights) else self.weights
        return replace(self, codes=self.codes[chosen], weights=weights)

    def blocks(self, size: int = 65536) -> Iterator[tuple[slice, NDArray[np.int16]]]:
        """Unpacked answers, block by block; missing is -1."""
        for low in range(0, self.n_rows, size):
            part = slice(low, min(self.n_rows, low + size))
            yield part, unpack(self.codes[part], self.layout)

    def tables(
        self, log_rows: NDArray[np.float64], log_prior: NDArray[np.float64], dtype: type
    ) -> NDArray[np.floating]:
        """Log-likelihood of every code of every byte at every node, the prior being inside byte 0."""
        layout, lanes = self.layout, padded(log_rows.shape[1])
        tables: NDArray[np.floating] = np.zeros((layout.n_bytes, CODES, lanes), dtype=dtype)
        spread_rows(
            expectation.in_lanes(log_rows, dtype, lanes, 0.0),
            expectation.in_lanes(log_prior, dtype, lanes, _LOG_NOTHING),
            layout.categories,
            layout.bases,
            layout.bytes_of,
            layout.row_starts,
            tables,
        )
        return tables

    def expect(
        self,
        log_rows: NDArray[np.float64],
        log_prior: NDArray[np.float64],
        dtype: type = np.float64,
        threads: int | None = None,
    ) -> Expected:
        """Expectation step; see :mod:`lumbung.talent.irt.expectation`.

        Parameters
        ----------
        log_rows : float64 [rows, nodes]
            Log-probability of each answer (one row per item and category) at each node.
        log_prior : float64 [nodes]
        dtype : numpy.float32 or numpy.float64
            Working precision.
        """
        layout, nodes = self.layout, log_rows.shape[1]
        tables = self.tables(log_rows, log_prior, dtype)

        def work(low: int, high: int) -> tuple[NDArray[np.float64], float]:
            sums = np.zeros(tables.shape)
            part = sums if tables.dtype == sums.dtype else np.zeros_like(tables)
            block = expectation.BLOCK
            value = expectation.expect_dense(self.codes, self.weights, tables, low, high, block, part, sums)
            return sums, value

        shared = expectation.run_shares(work, self.n_rows, threads)
        sums, log_likelihood = shared[0]
        for more, value in shared[1:]:
            sums += more
            log_likelihood += value
        counts = np.zeros((layout.n_rows, tables.shape[2]))
        gather_rows(sums, layout.categories, layout.bases, layout.bytes_of, layout.row_starts, counts)
        return Expected(counts[:, :nodes], sums[0, 0, :nodes].copy(), log_likelihood)
