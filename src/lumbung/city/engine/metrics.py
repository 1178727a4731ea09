"""What traffic lost: delay and its companions, from what SUMO wrote about every vehicle.

The delay is RESCO's [1]_: the mean, over everyone who wanted to travel, of the time lost on the road (``timeLoss``)
and the time waited for room to enter it (``departDelay``). Whoever never got in counts with all the time waited until
the end. A controller that keeps a street shut therefore gains nothing: its queue waits outside, and counts.

People on foot and in buses have their own delay, beside that of vehicles: the time their walks and rides lost, and
the time they waited for a ride. Emissions count per demanded trip: who never got in, or never arrived, is charged
the mean trip of those who did, and standing outside is charged as idling. Emissions on the road alone fall when an
approach is starved, since who stays outside emits nothing there.

References
----------
.. [1] ``utils/readXML.py`` of github.com/Pi-Star-Lab/RESCO.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

STUCK_S = 300.0
# What a petrol car of Euro 4 emits while it stands: HBEFA3/PC_G_EU4, SUMO's default class, at speed 0 [mg/s].
IDLE_CO2_MG_S = 2624.72
IDLE_PM_MG_S = 0.0660
_GRIDLOCK_SHARE = 0.2
_GRIDLOCK_LEAST = 10


class TripinfoError(RuntimeError):
    """SUMO's tripinfo is not as expected. Names what was found and expected."""


@dataclass(frozen=True)
class Metrics:
    """One episode in figures.

    Attributes
    ----------
    delay : float
        Mean over all demanded vehicles of timeLoss + departDelay [s].
    time_loss : float
        Mean time lost on the road, over those who got in [s]. Looks fine when queues wait outside.
    waiting : float
        Mean time standing, over those who got in [s].
    trip_time : float
        Mean travel time of those who arrived [s].
    throughput : float
        Arrivals per hour.
    stops : float
        Mean number of stops, over those who got in.
    never_inserted : float
        Vehicles that found no room to enter until the end.
    demanded, arrived : float
        Vehicles.
    worst_delay : float
        95th percentile of the delay [s].
    gridlock : float
        1 when, at the end, at least 10 vehicles and a fifth of those on the road had stood still for 300 s; else 0.
    forced, early : float
        Decisions the safety rules overrode: for maximum red; refused for minimum green.
    longest_red : float
        Longest time from a vehicle's call at red to its green [s].
    persons : float, optional
        People on foot and in vehicles of others; only where the demand has any.
    person_delay : float, optional
        Their mean delay [s].
    co2 : float, optional
        Tonnes emitted on the road (HBEFA); only when asked for, as the next two.
    co2_trip, pm_trip : float, optional
        Grams of CO2 and milligrams of particles per demanded trip.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from lumbung import city
    >>> metrics = city.run_today(replace(city.resco("cologne1"), end=25500.0), city.Settings(), seed=0).metrics
    >>> round(metrics.delay, 1), metrics.demanded  # s, vehicles
    (29.1, 192.0)
    """

    delay: float
    time_loss: float
    waiting: float
    trip_time: float
    throughput: float
    stops: float
    never_inserted: float
    demanded: float
    arrived: float
    worst_delay: float
    gridlock: float = 0.0
    forced: float = 0.0
    early: float = 0.0
    longest_red: float = 0.0
    persons: float | None = None
    person_delay: float | None = None
    co2: float | None = None
    co2_trip: float | None = None
    pm_trip: float | None = None

    def as_dict(self) -> dict[str, float]:
        """Return the figures by name, without those not computed."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def is_gridlock(on_road: int, stuck: int) -> bool:
    """Tell gridlock from a long queue: at least 10 vehicles, and a fifth of those on the road, are stuck."""
    return stuck >= _GRIDLOCK_LEAST and stuck >= _GRIDLOCK_SHARE * on_road


def read_tripinfo(path: Path, hours: float, emissions: bool = False) -> Metrics:
    """Compute the metrics from SUMO's tripinfo, written with its unfinished and undeparted vehicles.

    Parameters
    ----------
    path : Path
    hours : float
        Simulated time [h].
    emissions : bool
        Whether the file holds emissions.

    Raises
    ------
    TripinfoError
        The file is incomplete.
    """
    text = path.read_text(encoding="utf-8")
    if not text.rstrip().endswith("</tripinfos>"):
        raise TripinfoError(
            f"{path.name}: found no closing </tripinfos>, expected SUMO to have ended normally"
        )
    whole, text = text, "".join(_VEHICLE.findall(text))
    depart, late = _column(text, "depart"), _column(text, "departDelay")
    arrival, duration = _column(text, "arrival"), _column(text, "duration")
    loss, waiting, stops = (
        _column(text, "timeLoss"),
        _column(text, "waitingTime"),
        _column(text, "waitingCount"),
    )
    columns = (depart, late, arrival, duration, loss, waiting, stops)
    people = _person_delays(whole)
    if len({len(c) for c in columns}) != 1 or not (depart or people):
        raise TripinfoError(
            f"{path.name}: found {[len(c) for c in columns]} values, expected one of each per vehicle"
        )
    # whoever wished to depart at the very end has not waited yet, and belongs to the hour after
    inside = [d >= 0 for d in depart]
    wanted = [entered or waited > 0 for entered, waited in zip(inside, late, strict=True)]
    delays = sorted(a + b for a, b, counts in zip(loss, late, wanted, strict=True) if counts)
    trips = [t for t, a in zip(duration, arrival, strict=True) if a >= 0]
    entered = sum(inside)
    arrived = [a >= 0 for a, counts in zip(arrival, wanted, strict=True) if counts]
    waited = [w for w, counts in zip(late, wanted, strict=True) if counts]

    def per_trip(substance: str, idle: float) -> float:
        emitted = [e for e, counts in zip(_emissions(whole, substance), wanted, strict=True) if counts]
        return _per_trip(emitted, arrived, waited, idle)

    return Metrics(
        delay=_mean(delays, len(delays)),
        time_loss=_mean(loss, entered),
        waiting=_mean(waiting, entered),
        trip_time=_mean(trips, len(trips)),
        throughput=len(trips) / hours,
        stops=_mean(stops, entered),
        never_inserted=float(len(delays) - entered),
        demanded=float(len(delays)),
        arrived=float(len(trips)),
        worst_delay=delays[min(len(delays) - 1, int(0.95 * len(delays)))] if delays else 0.0,
        persons=float(len(people)) if people else None,
        person_delay=_mean(people, len(people)) if people else None,
        co2=sum(_emissions(whole, "CO2")) / 1e9 if emissions else None,
        co2_trip=per_trip("CO2", IDLE_CO2_MG_S) / 1000 if emissions else None,
        pm_trip=per_trip("PMx", IDLE_PM_MG_S) if emissions else None,
    )


# A vehicle's own attributes, without what it emitted; people have entries of the same attributes, and are not among them.
_VEHICLE = re.compile(r"<tripinfo [^>]*>")
_EMITTED = re.compile(r"<tripinfo [^>]*?(?:/>|>\s*(?:<emissions([^>]*)/>)?)")
_PERSON = re.compile(r"<personinfo .*?</personinfo>", re.DOTALL)
_STAGE = re.compile(r"<(walk|access|ride|tranship) ([^>]*)/>")


def _person_delays(text: str) -> list[float]:
    """What every person lost [s]: on walks and rides, and waiting for rides; unfinished ones what they have waited."""
    return [
        sum(_stage_delay(kind, attributes) for kind, attributes in _STAGE.findall(person))
        for person in _PERSON.findall(text)
    ]


def _stage_delay(kind: str, attributes: str) -> float:
    loss = max(0.0, *_column(" " + attributes, "timeLoss"), 0.0)
    waited = max(0.0, *_column(" " + attributes, "waitingTime"), 0.0)
    return loss + waited if kind == "ride" else max(loss, waited)


def _emissions(text: str, substance: str) -> list[float]:
    """What every vehicle emitted on the road [mg], in the file's order."""
    return [sum(_column(given, f"{substance}_abs")) for given in _EMITTED.findall(text)]


def _per_trip(
    emitted: Sequence[float], arrived: Sequence[bool], waited: Sequence[float], idle: float
) -> float:
    """Mean emissions of a demanded trip [mg], those that did not take place included."""
    if not emitted:
        return 0.0
    whole = [e for e, done in zip(emitted, arrived, strict=True) if done]
    typical = sum(whole) / len(whole) if whole else 0.0
    missing = sum(max(0.0, typical - e) for e, done in zip(emitted, arrived, strict=True) if not done)
    return (sum(emitted) + missing + idle * sum(waited)) / len(emitted)


def _column(text: str, name: str) -> list[float]:
    # one pass of a regular expression per attribute: ten times the speed of building the tree
    return [float(value) for value in re.findall(rf' {name}="([^"]*)"', text)]


def _mean(values: list[float], count: int) -> float:
    return sum(values) / count if count else 0.0
