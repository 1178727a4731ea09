"""An owner's records, dealt into cases: a standing can say how sure it is only where there are several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lumbung.proving.challenge import ChallengeError


@dataclass(frozen=True)
class Block:
    """The records of one case.

    Attributes
    ----------
    group : str
        As cases name it: a-z, 0-9 and hyphens.
    number, of : int
        Which of how many blocks of its group.
    rows : list of int
        Places of its records.
    """

    group: str
    number: int
    of: int
    rows: list[int]

    @property
    def id(self) -> str:
        """The case's id."""
        return f"{self.group}/{self.number:02d}"


def deal(groups: Sequence[object], blocks: int, where: str) -> Iterator[Block]:
    """Deal records into blocks, each group by itself, one record in turn to each.

    Parameters
    ----------
    groups : sequence
        The group of each record.
    blocks : int
        Into how many each group is dealt; fewer where it has fewer records.
    where : str
        What an error names.

    Raises
    ------
    ChallengeError
        Two groups would have cases of one name: they would be judged as one.
    """
    members: dict[str, list[int]] = {}
    names: dict[str, object] = {}
    for row, group in enumerate(groups):
        name = _slug(group)
        first = names.setdefault(name, group)
        if str(first) != str(group):
            found = f"{str(first)[:40]!r} and {str(group)[:40]!r}, of which cases would have the same names"
            expected = "names that differ in a-z and 0-9, of which cases are named (beijing, shanghai)"
            raise ChallengeError(where, found, expected)
        members.setdefault(name, []).append(row)
    for name, rows in members.items():
        of = min(blocks, len(rows))
        for number in range(of):
            yield Block(name, number, of, rows[number::of])


def _slug(value: object) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in str(value).lower()).strip("-")
    return kept[:40] or "all"
