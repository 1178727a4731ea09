"""A whole plan at once: which job runs where and when, with proof that no plan is better, or by how much one could be.

First come, first served is fair to the early and wasteful for the rest. A plan is a constraint problem (resource-
constrained scheduling with optional intervals); CP-SAT solves it and reports a bound, so the plan says of itself
*optimal* or *within so many per cent*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from lumbung.cooperation.facilities.bookings import Booking, Facility, free_units
from lumbung.cooperation.facilities.calendars import Span, open_spans


class Job(msgspec.Struct, frozen=True):
    """Something to run without pause.

    Attributes
    ----------
    facilities
        Where it may run, any of them.
    units
        How many units it holds.
    length
        For how long.
    earliest
        It cannot start before.
    due
        After this, each hour late counts.
    weight
        How much an hour late counts, a whole number.
    """

    id: str
    organisation: str
    facilities: tuple[str, ...]
    length: timedelta
    due: datetime
    units: int = 1
    earliest: datetime | None = None
    weight: int = 1


class ScheduleError(ValueError):
    """Jobs that can be planned in no way, and which."""


class Plan(msgspec.Struct, frozen=True):
    """A plan and how good it is proven to be.

    Attributes
    ----------
    bookings
        One for each job placed, with its units, by start.
    left_out
        Jobs that do not fit into the window at all.
    cost
        Weighted hours late, plus what leaving jobs out costs.
    bound
        No plan costs less.
    optimal
        Whether cost and bound meet.
    """

    bookings: tuple[Booking, ...]
    left_out: tuple[str, ...]
    cost: float
    bound: float
    optimal: bool

    @property
    def gap(self) -> float:
        """By what share of its cost another plan could at most be better."""
        return 0.0 if self.optimal or self.cost <= 0 else (self.cost - self.bound) / self.cost


def plan_jobs(
    jobs: Sequence[Job],
    facilities: Mapping[str, Facility],
    window: Span,
    booked: Sequence[Booking] = (),
    step: timedelta = timedelta(hours=1),
    seconds: float = 10.0,
) -> Plan:
    """Plan jobs around what is booked and closed.

    Parameters
    ----------
    jobs
        To place. Leaving one out costs one step more than ending it with the window.
    facilities
        By id.
    window
        Plan within this; its start is the first moment.
    booked
        Bookings that stay.
    step
        The raster of starts and ends; lengths are rounded up to it.
    seconds
        Time for the search; when it is over, the best plan comes with its bound.

    Returns
    -------
    Plan
        The same for the same input, as long as the search finishes in time: one worker, fixed seed.

    Raises
    ------
    ScheduleError
        When a job names a facility that does not exist, or needs more units than any it names has.
    """
    _check(jobs, facilities)
    from ortools.sat.python import cp_model

    raster = _Raster(window, step)
    model, placements = _model(jobs, facilities, raster, booked)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise ScheduleError(
            "no plan was found: the bookings that stay exceed the units, or the time was too short"
        )
    cost = sum(each.job.weight * int(solver.value(each.late)) for each in placements)
    optimal = status == cp_model.OPTIMAL
    bound = cost if optimal else int(solver.best_objective_bound) // _priority(jobs, raster)
    left_out = []
    placed = []
    for each in placements:
        choice = next((choice for choice in each.choices if solver.value(choice.taken)), None)
        if choice is None:
            left_out.append(each.job.id)
        else:
            units = tuple(number for number, held in enumerate(choice.units) if solver.value(held))
            placed.append(
                (window.start + int(solver.value(each.start)) * step, each.job, choice.facility, units)
            )
    bookings = _with_units(placed, facilities, raster)
    return Plan(bookings, tuple(left_out), cost * raster.hours, bound * raster.hours, optimal)


class _Raster(NamedTuple):
    """The window cut into steps."""

    window: Span
    step: timedelta

    @property
    def steps(self) -> int:
        return int((self.window.end - self.window.start) / self.step)

    @property
    def hours(self) -> float:
        return self.step / timedelta(hours=1)

    def down(self, moment: datetime) -> int:
        return int((moment - self.window.start) // self.step)

    def up(self, moment: datetime) -> int:
        return -int((self.window.start - moment) // self.step)

    def length(self, job: Job) -> int:
        return -int(-job.length // self.step)


class _Choice(NamedTuple):
    """One facility a job may run in; `units` are its variables there, none where any units will do."""

    facility: str
    taken: Any
    units: list[Any]


class _Placement(NamedTuple):
    """The variables of one job: its start, its lateness in steps, and where it may run."""

    job: Job
    start: Any
    late: Any
    choices: list[_Choice]


def _check(jobs: Sequence[Job], facilities: Mapping[str, Facility]) -> None:
    for job in jobs:
        unknown = [name for name in job.facilities if name not in facilities]
        if unknown or not job.facilities:
            known = ", ".join(sorted(facilities)) or "none"
            raise ScheduleError(f"job {job.id}: facilities {unknown or 'not named'}; known: {known}")
        if all(facilities[name].units < job.units for name in job.facilities):
            most = max(facilities[name].units for name in job.facilities)
            raise ScheduleError(
                f"job {job.id}: needs {job.units} units, the largest facility it names has {most}"
            )


def _priority(jobs: Sequence[Job], raster: _Raster) -> int:
    """What one step of lateness weighs against the sum of all starts: among equally late plans, the earliest wins."""
    return (raster.steps + 1) * len(jobs) + 1


def _model(
    jobs: Sequence[Job], facilities: Mapping[str, Facility], raster: _Raster, booked: Sequence[Booking]
) -> tuple[Any, list[_Placement]]:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    taken = {name: _taken(facility, raster, booked) for name, facility in facilities.items()}
    intervals: dict[tuple[str, int | None], list[tuple[Any, int]]] = {}
    for name, spans in taken.items():
        for span in spans:
            fixed = model.new_fixed_size_interval_var(
                span.begin, span.end - span.begin, f"{name} {span.unit} taken"
            )
            intervals.setdefault((name, span.unit), []).append((fixed, 1))
    placements = [_place(model, job, facilities, raster, taken, intervals) for job in jobs]
    for (name, unit), members in intervals.items():
        if unit is None:
            demands = [units for _, units in members]
            model.add_cumulative([each for each, _ in members], demands, facilities[name].units)
        else:
            model.add_no_overlap([each for each, _ in members])
    lateness = sum(each.job.weight * each.late for each in placements)
    model.minimize(_priority(jobs, raster) * lateness + sum(each.start for each in placements))
    return model, placements


def _place(
    model: Any,
    job: Job,
    facilities: Mapping[str, Facility],
    raster: _Raster,
    taken: Mapping[str, list[_Taken]],
    intervals: dict[tuple[str, int | None], list[tuple[Any, int]]],
) -> _Placement:
    length, steps = raster.length(job), raster.steps
    first = 0 if job.earliest is None else min(max(raster.up(job.earliest), 0), steps)
    start = model.new_int_var(first, steps, f"{job.id} start")
    choices = []
    for name in job.facilities:
        if facilities[name].units < job.units:
            continue
        here = model.new_bool_var(f"{job.id} at {name}")
        model.add(start + length <= steps).only_enforce_if(here)
        held: list[Any] = []
        if taken[name]:  # units are told apart only where some of them are taken at some time
            held = [
                model.new_bool_var(f"{job.id} on {name} {unit}") for unit in range(facilities[name].units)
            ]
            model.add(sum(held) == job.units * here)
            for unit, on_it in enumerate(held):
                interval = model.new_optional_fixed_size_interval_var(
                    start, length, on_it, f"{job.id} {name} {unit}"
                )
                intervals.setdefault((name, unit), []).append((interval, 1))
        else:
            interval = model.new_optional_fixed_size_interval_var(start, length, here, f"{job.id} in {name}")
            intervals.setdefault((name, None), []).append((interval, job.units))
        choices.append(_Choice(name, here, held))
    placed = model.new_bool_var(f"{job.id} placed")
    model.add(sum(choice.taken for choice in choices) == placed)
    due = raster.down(job.due)
    worst = max(steps - due, 0) + 1
    late = model.new_int_var(0, worst, f"{job.id} late")
    model.add(late >= start + length - due).only_enforce_if(placed)
    model.add(late == worst).only_enforce_if(~placed)
    model.add(start == first).only_enforce_if(~placed)
    return _Placement(job, start, late, choices)


class _Taken(NamedTuple):
    """A unit that is closed or booked from one step up to another."""

    unit: int
    begin: int
    end: int


def _taken(facility: Facility, raster: _Raster, booked: Sequence[Booking]) -> list[_Taken]:
    """Return what is closed and booked, unit by unit; a step taken in part counts as taken."""
    closed = []
    edge = 0
    for opened in open_spans(facility.calendar, raster.window):
        closed.append((edge, raster.up(opened.start)))
        edge = raster.down(opened.end)
    closed.append((edge, raster.steps))
    taken = [_Taken(unit, begin, end) for unit in range(facility.units) for begin, end in closed]
    for each in booked:
        if each.facility == facility.id and each.span.meets(raster.window):
            begin, end = max(raster.down(each.span.start), 0), min(raster.up(each.span.end), raster.steps)
            taken += [_Taken(unit, begin, end) for unit in each.units]
    return _joined([each for each in taken if each.begin < each.end])


def _joined(taken: Sequence[_Taken]) -> list[_Taken]:
    """Join spans of one unit that touch: two bookings may share a step of which each has a part."""
    joined: list[_Taken] = []
    for each in sorted(taken):
        if joined and joined[-1].unit == each.unit and each.begin <= joined[-1].end:
            joined[-1] = _Taken(each.unit, joined[-1].begin, max(joined[-1].end, each.end))
        else:
            joined.append(each)
    return joined


def _with_units(
    placed: Sequence[tuple[datetime, Job, str, tuple[int, ...]]],
    facilities: Mapping[str, Facility],
    raster: _Raster,
) -> tuple[Booking, ...]:
    """Give units, by start, to jobs of facilities where any will do: then the lowest free ones always suffice."""
    bookings: list[Booking] = []
    for start, job, name, chosen in sorted(placed, key=lambda each: (each[0], each[1].id)):
        span = Span(start, start + raster.length(job) * raster.step)
        units = chosen
        if not units:
            there = [each for each in bookings if each.facility == name]
            units = tuple(free_units(facilities[name], there, span)[: job.units])
        bookings.append(Booking(job.id, name, job.organisation, span, units))
    return tuple(bookings)
