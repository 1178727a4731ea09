"""A programme as a mixed-integer program for HiGHS: columns for ways and years, then for pairs and years.

Every pair has its own row to its option in each year. That is many rows, but without them half a mast would serve half of
everybody, and the bound would say little.
"""

from __future__ import annotations

import highspy
import numpy as np

from lumbung.connectivity.engine.phasing.programme import Floats, Ints, Programme


class _Rows:
    """Entries of a sparse matrix, block by block."""

    def __init__(self) -> None:
        self.count = 0
        self.row: list[Ints] = []
        self.column: list[Ints] = []
        self.value: list[Floats] = []
        self.low: list[Floats] = []
        self.high: list[Floats] = []

    def block(self, low: Floats, high: Floats, *entries: tuple[Ints, Ints, Floats]) -> None:
        """Add rows with bounds; entries are (row within the block, column, value)."""
        for row, column, value in entries:
            self.row.append(row + self.count)
            self.column.append(column)
            self.value.append(np.broadcast_to(value, row.shape).astype(np.float64))
        self.low.append(low)
        self.high.append(high)
        self.count += low.size


def way_column(programme: Programme, year: int) -> Ints:
    """Return the columns of the ways in a year."""
    return year * programme.ways + np.arange(programme.ways)


def pair_column(programme: Programme, year: int) -> Ints:
    """Return the columns of the pairs in a year."""
    return programme.years * programme.ways + year * programme.pairs + np.arange(programme.pairs)


def program(p: Programme, whole: bool = True) -> highspy.HighsLp:
    """Write the program; ``whole``: ways are built or not, never half."""
    inf = highspy.kHighsInf
    rows = _Rows()
    sites, places, cells = int(p.way_site.max(initial=-1)) + 1, p.people.size, p.cell_option.size
    option_of_pair, every_pair, every_way = p.pair_option, np.arange(p.pairs), np.arange(p.ways)
    one, minus = np.array(1.0), np.array(-1.0)
    # Option of a way, spread over what hangs on it: pairs, cells, limits of backhaul.
    order = np.argsort(p.way_option, kind="stable")
    starts = np.searchsorted(p.way_option[order], np.arange(p.options + 1))

    def ways_of(options: Ints) -> tuple[Ints, Ints]:
        """Return (position within ``options``, way) for every way of each option."""
        sizes = np.diff(starts)[options]
        position = np.repeat(np.arange(options.size), sizes)
        within = np.arange(position.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return position, order[starts[options][position] + within]

    limited = np.unique(p.way_option[np.isfinite(p.way_traffic)])
    over = np.flatnonzero(p.way_over >= 0)
    for year in range(p.years):
        way, pair = way_column(p, year), pair_column(p, year)
        if year:
            before = way_column(p, year - 1)
            rows.block(
                np.zeros(p.ways), np.full(p.ways, inf), (every_way, way, one), (every_way, before, minus)
            )
        rows.block(np.full(sites, -inf), np.ones(sites), (p.way_site, way, one))
        rows.block(np.array([-inf]), p.money[[year]], (np.zeros(p.ways, np.int64), way, p.way_cost))
        carried, carrier = _carriers(p, over)
        rows.block(
            np.full(over.size, -inf), np.zeros(over.size), (np.arange(over.size), way[over], one), (carried, way[carrier], minus)
        )  # fmt: skip
        position, built = ways_of(option_of_pair)
        rows.block(
            np.full(p.pairs, -inf), np.zeros(p.pairs), (every_pair, pair, one), (position, way[built], minus)
        )
        rows.block(np.full(places, -inf), np.ones(places), (p.pair_place, pair, one))
        position, built = ways_of(p.cell_option)
        rows.block(
            np.full(cells, -inf), np.zeros(cells), (p.pair_cell, pair, p.pair_time), (position, way[built], minus)
        )  # fmt: skip
        brought = np.isin(option_of_pair, limited)
        most = np.bincount(option_of_pair[brought], p.pair_traffic[brought], p.options)
        position, built = ways_of(limited)
        rows.block(
            np.full(limited.size, -inf), np.zeros(limited.size),
            (np.searchsorted(limited, option_of_pair[brought]), pair[brought], p.pair_traffic[brought]),
            (position, way[built], -np.minimum(p.way_traffic[built], most[limited][position])),
        )  # fmt: skip
    inside = p.region[p.pair_place] >= 0
    last = pair_column(p, p.years - 1)
    rows.block(
        p.needed(), np.full(p.floor.size, inf),
        (p.region[p.pair_place][inside], last[inside], p.people[p.pair_place][inside]),
    )  # fmt: skip
    row, column, value = np.concatenate(rows.row), np.concatenate(rows.column), np.concatenate(rows.value)
    sort = np.lexsort((row, column))
    result = highspy.HighsLp()
    result.num_col_, result.num_row_ = p.years * (p.ways + p.pairs), rows.count
    result.sense_ = highspy.ObjSense.kMaximize
    gains = [worth * p.people[p.pair_place] for worth in p.worth]
    result.col_cost_ = np.concatenate([np.zeros(p.years * p.ways), *gains])
    result.col_lower_, result.col_upper_ = np.zeros(result.num_col_), np.ones(result.num_col_)
    result.row_lower_, result.row_upper_ = np.concatenate(rows.low), np.concatenate(rows.high)
    result.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    result.a_matrix_.start_ = np.searchsorted(column[sort], np.arange(result.num_col_ + 1))
    result.a_matrix_.index_ = row[sort]
    result.a_matrix_.value_ = value[sort]
    if whole:
        kinds = highspy.HighsVarType
        result.integrality_ = [kinds.kInteger] * (p.years * p.ways) + [kinds.kContinuous] * (
            p.years * p.pairs
        )
    return result


def _carriers(p: Programme, over: Ints) -> tuple[Ints, Ints]:
    """Return (position within ``over``, way that may carry it) for every way that runs over another site."""
    position, carrier = [], []
    for place, way in enumerate(over):
        found = np.flatnonzero((p.way_site == p.way_over[way]) & p.way_carries)
        position.append(np.full(found.size, place))
        carrier.append(found)
    none = np.empty(0, np.int64)
    return np.concatenate([none, *position]), np.concatenate([none, *carrier])
