"""Packing loses nothing, refuses what does not fit, and both packings lead to the same expectations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.talent import DenseAnswers, SparseAnswers
from lumbung.talent.irt.packing import PackingError, pack, plan_layout, unpack
from lumbung.talent.irt.quadrature import equally_spaced, normal_log_weights


@st.composite
def answers(draw: st.DrawFn) -> np.ndarray:
    seed = draw(st.integers(0, 2**32 - 1))
    persons, items = draw(st.integers(1, 30)), draw(st.integers(1, 25))
    rng = np.random.default_rng(seed)
    categories = rng.integers(2, draw(st.integers(2, 7)) + 1, items)
    table = (rng.random((persons, items)) * categories).astype(int)
    if draw(st.booleans()):
        table[rng.random(table.shape) < 0.3] = -1
    return table


@settings(max_examples=40, deadline=None)
@given(answers())
def test_unpack_undoes_pack(table: np.ndarray) -> None:
    categories = np.maximum(table.max(axis=0) + 1, 2)
    layout = plan_layout(categories, (table < 0).any(axis=0))
    assert (unpack(pack(table, layout), layout) == table).all()


def test_eight_right_wrong_items_share_a_byte() -> None:
    assert plan_layout(np.full(100, 2), np.zeros(100, bool)).n_bytes == 13
    assert plan_layout(np.full(100, 2), np.ones(100, bool)).n_bytes == 20


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([[0, 1, 0]], "expected 2 columns"),
        ([[0, 2]], "row 0, column 1: found 2"),
        ([[0, 1], [-1, 0]], "row 1, column 0"),
    ],
)
def test_what_does_not_fit_is_refused(table: list, said: str) -> None:
    with pytest.raises(PackingError, match=said):
        pack(np.array(table), plan_layout(np.array([2, 2]), np.zeros(2, bool)))


def naive(
    table: np.ndarray, rows: np.ndarray, starts: np.ndarray, prior: np.ndarray
) -> tuple[np.ndarray, float]:
    counts, value = np.zeros_like(rows), 0.0
    for person in table:
        seen = [starts[j] + x for j, x in enumerate(person) if x >= 0]
        joint = np.exp(prior + rows[seen].sum(axis=0))
        value += np.log(joint.sum())
        counts[seen] += joint / joint.sum()
    return counts, value


@settings(max_examples=25, deadline=None)
@given(answers())
def test_expectation_equals_the_definition(table: np.ndarray) -> None:
    categories = np.maximum(table.max(axis=0) + 1, 2)
    theta = equally_spaced(31)
    rng = np.random.default_rng(0)
    rows = np.concatenate([np.log(rng.dirichlet(np.ones(c), len(theta)).T) for c in categories])
    prior = normal_log_weights(theta)
    dense = DenseAnswers.from_array(table, categories=categories)
    sparse = SparseAnswers.from_array(table, categories=categories)
    counts, value = naive(table, rows, dense.layout.row_starts, prior)
    for packed in (dense, sparse):
        found = packed.expect(rows, prior)
        assert found.counts == pytest.approx(counts, abs=1e-9)
        assert found.log_likelihood == pytest.approx(value, abs=1e-8)
        assert found.people.sum() == pytest.approx(len(table))
        single = packed.expect(rows, prior, np.float32)
        assert single.counts == pytest.approx(counts, abs=1e-4)
        assert packed.frequencies().sum() == pytest.approx((table >= 0).sum())


@pytest.mark.parametrize("kind", [DenseAnswers, SparseAnswers])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_same_bits_whatever_the_threads(kind: type, dtype: type) -> None:
    rng = np.random.default_rng(1)
    table = rng.integers(-1, 2, (70_000, 12))
    packed = kind.from_array(table)
    if kind is DenseAnswers:  # unmerged, so that there are several blocks
        layout = plan_layout(np.full(12, 2), np.ones(12, bool))
        packed = DenseAnswers(pack(table, layout), layout, np.empty(0))
    theta = equally_spaced()
    p = 1 / (1 + np.exp(-theta))
    rows = np.tile(np.log([1 - p, p]), (12, 1))
    results = [packed.expect(rows, normal_log_weights(theta), dtype, threads) for threads in (1, 2, 5)]
    for other in results[1:]:
        assert other.log_likelihood == results[0].log_likelihood
        assert (other.counts == results[0].counts).all()


def test_merging_equal_rows_changes_nothing() -> None:
    table = np.random.default_rng(2).integers(0, 2, (5000, 6))
    packed = DenseAnswers.from_array(table)
    assert packed.n_rows <= 64
    assert packed.n_persons == 5000
    assert packed.frequencies()[1::2] == pytest.approx(table.sum(axis=0))


def test_chunks_must_add_up() -> None:
    chunk = np.zeros((3, 4), dtype=np.int8)
    with pytest.raises(ValueError, match="expected 7 persons, found 6"):
        DenseAnswers.from_chunks([chunk, chunk], np.full(4, 2), False, 7)
    whole = DenseAnswers.from_chunks([chunk, chunk], np.full(4, 2), False, 6)
    assert whole.n_rows == 6


def test_triples_out_of_range_are_named() -> None:
    with pytest.raises(ValueError, match="triple 1: person 0, item 9"):
        SparseAnswers.from_triples(np.array([0, 0]), np.array([1, 9]), np.array([1, 1]), np.full(3, 2))
