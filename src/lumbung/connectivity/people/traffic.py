"""What people ask of a network in its busy hour."""

from __future__ import annotations

import math

from lumbung.connectivity.people.demand import DemandError

DAYS_PER_MONTH = 30.0


def busy_hour_rate(gigabytes: float, share: float, users: float = 1.0) -> float:
    """Return the mean rate [Mbit/s] that a person asks for in the busy hour.

    Parameters
    ----------
    gigabytes
        Downloaded by one user in a month [GB of 1e9 bytes].
    share
        Part of a day's traffic that falls into its busiest hour, 0 to 1.
    users
        Part of the people who use the network, 0 to 1.

    Raises
    ------
    DemandError
        Naming the figure that cannot be.

    Notes
    -----
    A month's traffic over 30 days, the busy hour's part of a day, over 3600 s. The mean of an hour, not the speed that one
    user sees while something is loading.
    """
    if not (math.isfinite(gigabytes) and gigabytes >= 0.0):
        raise DemandError(f"traffic is {gigabytes:g} GB a month; expected 0 or more")
    for name, part in (("share of the busy hour", share), ("share of users", users)):
        if not 0.0 <= part <= 1.0:
            raise DemandError(f"{name} is {part:g}; it is a part of the whole, 0 to 1")
    return gigabytes * 8e3 * share * users / (DAYS_PER_MONTH * 3600.0)
