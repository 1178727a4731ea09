"""Grants of hours: half at award, half once a report is accepted, as research allocations are commonly paid out."""

from __future__ import annotations

from datetime import datetime

import msgspec


class GrantError(ValueError):
    """A grant that makes no sense, or a step that does not fit its state."""


class Grant(msgspec.Struct, frozen=True):
    """Hours granted to an organisation.

    Attributes
    ----------
    resource
        What the hours are of.
    hours
        In all.
    awarded, expires
        From when to when it may be used.
    reported
        When the progress report was accepted, if it was.
    """

    id: str
    organisation: str
    resource: str
    hours: float
    awarded: datetime
    expires: datetime
    reported: datetime | None = None

    def __post_init__(self) -> None:
        if not self.hours > 0:
            raise GrantError(f"grant {self.id}: {self.hours} hours; a grant needs more than none")
        if not self.awarded < self.expires:
            raise GrantError(
                f"grant {self.id}: expires on {self.expires}, before it is awarded on {self.awarded}"
            )


def accept_report(grant: Grant, when: datetime) -> Grant:
    """Return the grant with its second half released.

    Raises
    ------
    GrantError
        When a report was accepted before, or `when` lies outside the life of the grant.
    """
    if grant.reported is not None:
        raise GrantError(f"grant {grant.id}: a report was accepted on {grant.reported} already")
    if not grant.awarded <= when < grant.expires:
        raise GrantError(
            f"grant {grant.id}: a report can be accepted from {grant.awarded} to {grant.expires}"
        )
    return msgspec.structs.replace(grant, reported=when)


def released_hours(grant: Grant, now: datetime) -> float:
    """Return how many hours may be used by now: none before award or after expiry, half until a report, then all."""
    if not grant.awarded <= now < grant.expires:
        return 0.0
    full = grant.reported is not None and grant.reported <= now
    return grant.hours if full else grant.hours / 2


class Balance(msgspec.Struct, frozen=True):
    """What is left of an organisation's grants of one resource, in hours.

    Attributes
    ----------
    released
        May be used by now.
    used
        Counted from evidence.
    held
        Set aside for bookings to come.
    awaiting_report
        Would be released by an accepted report.
    """

    released: float
    used: float
    held: float
    awaiting_report: float

    @property
    def left(self) -> float:
        """What may still be used or booked; never negative."""
        return max(self.released - self.used - self.held, 0.0)


def balance(
    grants: tuple[Grant, ...], organisation: str, resource: str, used: float, held: float, now: datetime
) -> Balance:
    """Sum up an organisation's grants of one resource."""
    mine = [each for each in grants if each.organisation == organisation and each.resource == resource]
    alive = [each for each in mine if each.awarded <= now < each.expires]
    released = sum(released_hours(each, now) for each in alive)
    awaiting = sum(each.hours / 2 for each in alive if each.reported is None or each.reported > now)
    return Balance(released, used, held, awaiting)
