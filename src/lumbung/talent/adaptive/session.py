"""One person's test.

The whole state is the seed and the answers so far. A record of them (a few hundred bytes of JSON) is enough
to go on after a cut line, on another machine if need be: the choice of every item follows from the pool, the
seed and the answers before it. A record whose items are not those the pool would have served is refused: it
was made with another pool, or made up.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lumbung.talent.adaptive.pool import ItemPool
from lumbung.talent.adaptive.selection import NO_ITEM, add_answer, choose, scratch, uniform
from lumbung.talent.adaptive.stopping import Reason, StoppingRule

_SEEDS = 2**63


class SessionError(ValueError):
    """A session that cannot go on as asked."""


@dataclass(frozen=True)
class Answered:
    """One answer: the item's place in the pool, the category given, and the seconds it took."""

    item: int
    category: int
    seconds: float


class Session:
    """An adaptive test in progress.

    Parameters
    ----------
    pool : ItemPool
    seed : int
        From 0 to 2^63 - 1. Everything random in the session follows from it.
    rule : StoppingRule
    candidates : int
        The lot falls among this many best items (randomesque); 1 always serves the best.
    closed : iterable of str
        Items not to serve, e.g. those this person saw in an earlier attempt.
    """

    def __init__(
        self,
        pool: ItemPool,
        seed: int,
        rule: StoppingRule | None = None,
        candidates: int = 5,
        closed: Iterable[str] = (),
    ) -> None:
        if not 0 <= seed < _SEEDS:
            raise SessionError(f"the seed must lie from 0 to 2^63 - 1; found {seed}")
        if candidates < 1:
            raise SessionError(f"the lot needs at least one candidate; found {candidates}")
        self._pool = pool
        self._seed = seed
        self._rule = rule or StoppingRule()
        self._candidates = candidates
        self._answers: list[Answered] = []
        self._log_posterior = pool.log_prior.copy()
        self._closed = tuple(sorted(set(closed)))
        self._open = ~np.isin(np.array(pool.items.names), self._closed)
        self._given = np.zeros(len(pool.areas), dtype=np.int64)
        self._scratch = scratch(len(pool.areas), candidates)
        self._theta, self._error = 0.0, 1.0
        self._seconds = 0.0
        self._pending = NO_ITEM
        self._stopped: Reason | None = None
        self._choose()

    @property
    def ability(self) -> float:
        """EAP ability so far."""
        return self._theta

    @property
    def standard_error(self) -> float:
        return self._error

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of ability."""
        return self._theta - 1.96 * self._error, self._theta + 1.96 * self._error

    @property
    def answers(self) -> tuple[Answered, ...]:
        return tuple(self._answers)

    @property
    def stopped(self) -> Reason | None:
        """Why the test ended, or None while it goes on."""
        return self._stopped

    @property
    def pending(self) -> str | None:
        """Name of the item that waits for an answer; asking again does not change it."""
        return None if self._pending == NO_ITEM else self._pool.items.names[self._pending]

    @property
    def order_seed(self) -> int:
        """Seed for the order in which the pending item's options are shown to this person."""
        return int(uniform(self._seed, len(self._answers), 63) * 2**31)

    def answer(self, category: int, seconds: float = 0.0) -> None:
        """Take the answer to the pending item and choose the next one.

        Raises
        ------
        SessionError
            If the test is over, the category is not one of the item's, or the time is negative or not a
            number.
        """
        if self._pending == NO_ITEM:
            raise SessionError(f"the test is over ({self._stopped}); no item waits for an answer")
        item = self._pending
        if not 0 <= category < self._pool.items.categories[item]:
            raise SessionError(
                f"item {self._pool.items.names[item]}: found category {category}, "
                f"expected 0 to {self._pool.items.categories[item] - 1}"
            )
        if not (math.isfinite(seconds) and seconds >= 0):
            raise SessionError(f"seconds must be a number of at least 0; found {seconds}")
        self._answers.append(Answered(item, category, seconds))
        self._seconds += seconds
        self._open[item] = False
        self._given[self._pool.area_of[item]] += 1
        row = self._pool.log_rows[self._pool.items.row_starts[item] + category]
        self._theta, self._error = add_answer(self._log_posterior, row, self._pool.nodes)
        self._choose()

    def _choose(self) -> None:
        pool = self._pool
        self._stopped = self._rule.reason(len(self._answers), self._error, self._seconds)
        self._pending = NO_ITEM
        if self._stopped is not None:
            return
        self._pending = int(
            choose(
                self._theta,
                pool.information,
                self._open,
                pool.area_of,
                pool.targets,
                self._given,
                pool.acceptance,
                self._candidates,
                self._seed,
                len(self._answers),
                *self._scratch,
            )
        )
        if self._pending == NO_ITEM:
            self._stopped = "exhausted"

    def record(self) -> str:
        """The session as JSON, for :meth:`resume`."""
        names = self._pool.items.names
        return json.dumps(
            {
                "pool": self._pool.digest,
                "seed": self._seed,
                "rule": asdict(self._rule),
                "candidates": self._candidates,
                "closed": self._closed,
                "answers": [[names[a.item], a.category, a.seconds] for a in self._answers],
            }
        )

    @classmethod
    def resume(cls, pool: ItemPool, record: str) -> Session:
        """Go on where a record left off.

        Raises
        ------
        SessionError
            If the record cannot be read, belongs to another pool, or holds items that the pool would not
            have served.
        """
        try:
            data: dict[str, Any] = json.loads(record)
            session = cls(
                pool, data["seed"], StoppingRule(**data["rule"]), data["candidates"], data["closed"]
            )
            digest, answers = data["pool"], [(str(n), int(c), float(s)) for n, c, s in data["answers"]]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise SessionError(f"not a session record: {error!r}") from error
        if digest != pool.digest:
            raise SessionError(
                "the record belongs to another item pool; resume it with the pool it began with"
            )
        for step, (name, category, seconds) in enumerate(answers):
            if session.pending != name:
                raise SessionError(
                    f"answer {step + 1} is to item {name}, but the test served {session.pending}; "
                    "the record was altered"
                )
            session.answer(category, seconds)
        return session
