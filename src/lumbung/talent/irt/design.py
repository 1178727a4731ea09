"""What is estimated and where the iteration stands: the design of a calibration and its state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.irt import curves
from lumbung.talent.irt.dense import DenseAnswers
from lumbung.talent.irt.expectation import Expected
from lumbung.talent.irt.packing import row_starts
from lumbung.talent.irt.quadrature import normal_log_weights
from lumbung.talent.irt.sparse import SparseAnswers
from lumbung.talent.irt.unused import Used

Answers: TypeAlias = DenseAnswers | SparseAnswers
Model = Literal["1pl", "2pl", "3pl", "grm"]
MODELS: tuple[Model, ...] = ("1pl", "2pl", "3pl", "grm")


@dataclass(frozen=True)
class Design:
    """What is estimated.

    Attributes
    ----------
    model : str
    categories : int64 [virtual items]
        Categories that were used. A virtual item is an item, or an item in one group where groups have parameters of
        their own.
    item_of : int64 [groups, items]
        Virtual item of each item in each group.
    active : bool [virtual items]
        False where the answers say nothing about the item.
    theta : float64 [nodes]
    beta_prior : float64 [2]
        Beta prior on the lower asymptote.
    used : Used
        Which of each item's categories were used at all.
    """

    model: Model
    categories: NDArray[np.int64]
    item_of: NDArray[np.int64]
    active: NDArray[np.bool_]
    theta: NDArray[np.float64]
    beta_prior: NDArray[np.float64]
    used: Used

    @property
    def family(self) -> int:
        return curves.THREE_PL if self.model == "3pl" else curves.GRADED

    @property
    def n_groups(self) -> int:
        return len(self.item_of)

    @property
    def width(self) -> int:
        return 3 if self.model == "3pl" else int(self.categories.max())

    @property
    def row_starts(self) -> NDArray[np.int64]:
        return row_starts(self.categories)

    def group_rows(self, group: int) -> NDArray[np.int64]:
        """For each row of a group's answers, the row of its virtual item."""
        items, counts = self.item_of[group], self.used.categories
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        if self.used.gapped:
            within = self.used.lookup()[np.repeat(np.arange(len(counts)), counts), within]
        return np.asarray(np.repeat(self.row_starts[items], counts) + within)

    def recoded(self, block: NDArray[np.int16]) -> NDArray[np.int16]:
        """Answers [persons, items] in places among the used categories; missing stays -1."""
        if not self.used.gapped:
            return block
        lookup = self.used.lookup()
        found = lookup[np.arange(block.shape[1])[None, :], np.maximum(block, 0)]
        return np.where(block < 0, -1, found).astype(np.int16)

    def free(self) -> NDArray[np.bool_]:
        """Which places of the parameter table are estimated [virtual items, width]."""
        used = np.ones(len(self.categories), dtype=np.int64) * 3 if self.model == "3pl" else self.categories
        return (np.arange(self.width)[None, :] < used[:, None]) & self.active[:, None]

    def columns(self) -> NDArray[np.int64]:
        """Place of each entry of the parameter table in the vector of estimated ones, -1 where it has none."""
        table = np.full((len(self.categories), self.width), -1, dtype=np.int64)
        if self.model == "1pl":
            table[self.active, 0] = 0
            table[self.active, 1] = 1 + np.arange(self.active.sum())
        else:
            table[self.free()] = np.arange(self.free().sum())
        return table


@dataclass
class State:
    """Parameters during the iteration: the item table and each group's ability distribution."""

    pars: NDArray[np.float64]
    means: NDArray[np.float64]
    sds: NDArray[np.float64]

    def copy(self) -> State:
        return State(self.pars.copy(), self.means.copy(), self.sds.copy())

    def to_vector(self, design: Design) -> NDArray[np.float64]:
        items = self.pars[design.free()]
        if design.model == "1pl":
            items = np.concatenate([[self.pars[design.active][0, 0]], self.pars[design.active][:, 1]])
        return np.concatenate([items, self.means[1:], np.log(self.sds[1:])])

    def from_vector(self, vector: NDArray[np.float64], design: Design) -> State:
        new, groups = self.copy(), design.n_groups - 1
        items = vector[: len(vector) - 2 * groups]
        if design.model == "1pl":
            new.pars[design.active, 0], new.pars[design.active, 1] = items[0], items[1:]
        else:
            new.pars[design.free()] = items
        if groups:
            new.means[1:] = vector[-2 * groups : -groups]
            new.sds[1:] = np.exp(vector[-groups:])
        return new


def expect(
    answers: Sequence[Answers], state: State, design: Design, dtype: type, threads: int | None
) -> tuple[NDArray[np.float64], list[Expected]]:
    """Expectation step over all groups: counts per virtual item's row, and each group's own result."""
    rows = curves.log_probabilities(
        design.family, state.pars, design.categories, design.row_starts, design.theta
    )
    rows[np.repeat(~design.active, design.categories)] = 0.0
    totals, results = np.zeros(rows.shape), []
    for group, given in enumerate(answers):
        index = design.group_rows(group)
        prior = normal_log_weights(design.theta, state.means[group], state.sds[group])
        found = given.expect(rows[index], prior, dtype, threads)
        if design.used.gapped:  # an unused category shares a row with its neighbour
            np.add.at(totals, index, found.counts)
        else:
            totals[index] += found.counts
        results.append(found)
    return totals, results
