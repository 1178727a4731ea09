"""Read the bank from its files: one YAML file for each area and level, ``items/<area>/<level>.yaml``."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from lumbung.talent.bank.item import Item, ItemError

SHIPPED = Path(__file__).parent / "items"
ACCEPTANCE = "acceptance.csv"


@dataclass(frozen=True)
class Columns:
    """Parameters of a bank, one place an item, in the order of the ids.

    Attributes
    ----------
    ids, areas : tuple of str
    a, b, c : array of float64, shape (items,)
        Slope, difficulty and lower asymptote on the logit scale: P = c + (1 - c) / (1 + exp(-a (theta - b))).
    """

    ids: tuple[str, ...]
    areas: tuple[str, ...]
    a: npt.NDArray[np.float64]
    b: npt.NDArray[np.float64]
    c: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bank:
    """All items, by id, in the order of their ids.

    Attributes
    ----------
    items : mapping
    """

    items: Mapping[str, Item]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items.values())

    def __getitem__(self, name: str) -> Item:
        try:
            return self.items[name]
        except KeyError:
            raise ItemError(
                f"the bank has no item {name!r}; list them with: lumbung talent bank list"
            ) from None

    def columns(self) -> Columns:
        """The parameters of all items as arrays, for calibration and adaptive testing."""
        items = list(self)
        a, b, c = (
            np.array([getattr(item.parameters, name) for item in items], dtype=np.float64)
            for name in ("a", "b", "c")
        )
        return Columns(tuple(item.id for item in items), tuple(item.area for item in items), a, b, c)

    def select(self, area: str | None = None, level: str | None = None) -> list[Item]:
        """The items of an area, a level, or both."""
        return [item for item in self if area in (None, item.area) and level in (None, item.level)]


@dataclass(frozen=True)
class Raw:
    """An item as it stands in its file, before it is known to be well-formed."""

    path: Path
    place: int
    data: Any

    @property
    def name(self) -> str:
        """File and id, for messages."""
        known = self.data.get("id") if isinstance(self.data, dict) else None
        return f"{self.path.parent.name}/{self.path.name}: {known or f'entry {self.place + 1}'}"


def read_raw(folder: Path = SHIPPED) -> list[Raw]:
    """Read every entry of every file of a bank.

    Raises
    ------
    ItemError
        When the folder holds no bank, or a file is no YAML list.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[Raw] = []
    for path in sorted(folder.glob("*/*.yaml")):
        try:
            entries = yaml.load(path.read_text("utf-8"), loader)  # noqa: S506 (a safe loader, see above)
        except (yaml.YAMLError, UnicodeDecodeError) as fault:
            raise ItemError(f"{path}: no readable YAML: {fault}") from fault
        if not isinstance(entries, list):
            raise ItemError(f"{path}: expected a list of items, found {type(entries).__name__}")
        found += [Raw(path, place, data) for place, data in enumerate(entries)]
    if not found:
        raise ItemError(f"{folder}: no item files; expected AREA/LEVEL.yaml below it")
    return found


def item_of(raw: Raw) -> Item:
    """Turn an entry into an item.

    Raises
    ------
    ItemError
        Names file, item, member, what was found and what was expected.
    """
    try:
        return msgspec.convert(raw.data, Item)
    except msgspec.ValidationError as fault:
        raise ItemError(f"{raw.name}: {fault}") from fault


def load_bank(folder: Path = SHIPPED) -> Bank:
    """Load a bank.

    Parameters
    ----------
    folder : Path
        The shipped bank by default.

    Raises
    ------
    ItemError
        At the first malformed or repeated item; ``lumbung talent bank check`` lists all faults at once.
    """
    items: dict[str, Item] = {}
    for raw in read_raw(folder):
        item = item_of(raw)
        if item.id in items:
            raise ItemError(f"{raw.name}: this id stands twice in the bank")
        items[item.id] = item
    return Bank(MappingProxyType(dict(sorted(items.items()))))


def load_acceptance(folder: Path = SHIPPED) -> dict[str, float]:
    """Load the probabilities with which chosen items are served, where below 1; empty where the bank has none.

    They hold exposure down (Sympson and Hetter 1985) and are computed for one bank and one length of test:
    ``lumbung talent simulate --exposure … --acceptance acceptance.csv`` writes them.

    Raises
    ------
    ItemError
        Names the line that is no item with a probability above 0 and at most 1.
    """
    path = folder / ACCEPTANCE
    if not path.is_file():
        return {}
    found: dict[str, float] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            if number == 1:
                continue
            try:
                name, chance = row[0], float(row[1])
            except (IndexError, ValueError):
                raise ItemError(f"{path}, line {number}: found {row}, expected item,acceptance") from None
            if not 0 < chance <= 1 or name in found:
                raise ItemError(
                    f"{path}, line {number}: found {row}, expected each item once, with a probability above 0"
                )
            found[name] = chance
    return found
