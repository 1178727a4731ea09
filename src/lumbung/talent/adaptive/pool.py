"""The item pool: item parameters laid out for choosing the next item fast."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.irt.quadrature import DEFAULT_BOUND, equally_spaced, normal_log_weights

_GRID = 241  # information is tabulated every 0.05 and interpolated linearly between


class PoolError(ValueError):
    """Items that cannot make a test."""


@dataclass(frozen=True)
class ItemPool:
    """Items ready for adaptive testing.

    Attributes
    ----------
    items : ItemParameters
    areas : tuple of str
        Content areas.
    area_of : int64 [items]
    targets : float64 [areas]
        Share of the test each area should have; sums to 1.
    information : float32 [241, items]
        Item information at abilities from -6 to 6.
    log_rows : float64 [rows, 61]
        Log-probability of each answer at each node.
    nodes, log_prior : float64 [61]
    acceptance : float64 [items]
        Sympson-Hetter probability of serving an item once chosen; 1 without that control.
    """

    items: ItemParameters
    areas: tuple[str, ...]
    area_of: NDArray[np.int64]
    targets: NDArray[np.float64]
    information: NDArray[np.float32]
    log_rows: NDArray[np.float64]
    nodes: NDArray[np.float64]
    log_prior: NDArray[np.float64]
    acceptance: NDArray[np.float64]

    @classmethod
    def build(
        cls,
        items: ItemParameters,
        areas: Sequence[str] | None = None,
        targets: Mapping[str, float] | None = None,
        acceptance: NDArray[np.float64] | None = None,
    ) -> ItemPool:
        """Lay out items.

        Parameters
        ----------
        items : ItemParameters
            Every item needs parameters.
        areas : sequence of str, optional
            Content area of each item; one area by default.
        targets : mapping, optional
            Share of the test for each area; by default equal shares.

        Raises
        ------
        PoolError
            If there are no items, an item has no parameters, or targets and areas do not match.
        """
        if len(items) == 0:
            raise PoolError("the pool has no items")
        if not items.known.all():
            raise PoolError(f"item {items.names[int(np.argmin(items.known))]} has no parameters")
        labels = list(areas) if areas is not None else ["all"] * len(items)
        if len(labels) != len(items):
            raise PoolError(f"{len(labels)} areas for {len(items)} items")
        names = tuple(dict.fromkeys(labels))
        wanted = dict(targets) if targets is not None else dict.fromkeys(names, 1.0)
        if set(wanted) != set(names):
            raise PoolError(f"targets name {sorted(wanted)}, the items' areas are {sorted(names)}")
        shares = np.array([float(wanted[name]) for name in names])
        if (shares < 0).any() or not shares.sum() > 0:
            raise PoolError(f"targets must be at least 0 and not all 0; found {wanted}")
        nodes = equally_spaced()
        grid = np.linspace(-DEFAULT_BOUND, DEFAULT_BOUND, _GRID)
        accepted = np.ones(len(items)) if acceptance is None else np.asarray(acceptance, dtype=np.float64)
        return cls(
            items,
            names,
            np.array([names.index(label) for label in labels], dtype=np.int64),
            shares / shares.sum(),
            items.information(grid).astype(np.float32),
            items.log_rows(nodes),
            nodes,
            normal_log_weights(nodes),
            accepted,
        )

    @classmethod
    def from_bank(
        cls,
        bank_items: Iterable[Any],
        language: str | None = None,
        targets: Mapping[str, float] | None = None,
        acceptance: Mapping[str, float] | None = None,
    ) -> ItemPool:
        """A pool from items of :mod:`lumbung.talent.bank` (their ``id``, ``area`` and ``parameters`` a, b, c).

        Parameters
        ----------
        language : str, optional
            Keep only items that have a text in this language.
        acceptance : mapping, optional
            Sympson-Hetter probabilities by item, where below 1.

        Raises
        ------
        PoolError
            If no item remains ("empty language").
        """
        chosen = [item for item in bank_items if language is None or language in item.texts]
        if not chosen:
            raise PoolError(f"the bank has no item in language {language!r}")
        parameters = ItemParameters.logistic(
            [item.parameters.a for item in chosen],
            [item.parameters.b for item in chosen],
            guessing=[item.parameters.c for item in chosen],
            names=[item.id for item in chosen],
        )
        served = np.array([(acceptance or {}).get(item.id, 1.0) for item in chosen])
        return cls.build(parameters, [item.area for item in chosen], targets, served)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def digest(self) -> str:
        """SHA-256 of everything that decides which item comes next."""
        hasher = hashlib.sha256()
        hasher.update("\0".join((*self.items.names, *self.areas)).encode())
        for table in (self.items.table, self.area_of, self.targets, self.acceptance):
            hasher.update(np.ascontiguousarray(table).tobytes())
        return hasher.hexdigest()
