"""The time-space diagram of a junction: the street that most vehicles take through it, each of them as a line.

Time runs to the right, distance along the street upward; each signal on the way shows what it let through. Whoever arrives on
green draws a straight line, whoever waits a level one. Labels are names, numbers and units, so that one picture serves every language.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lumbung.city.engine.topology import Junction, Topology
from lumbung.city.engine.trace import EVERY_S, Trace
from lumbung.city.pictures import INK, LINE, SOFT, svg

LENGTH_M = 1500.0
"""A street is followed so far in both directions together."""
WINDOW_S = 300
# Where fewer than this share of the vehicles go on the same way, the street ends.
_SHARE = 0.25
_COLOURS = {"G": "#1a9850", "g": "#a6d96a", "y": "#fee08b"}
_RED = "#d73027"

_Axis = Callable[[float], float]


@dataclass(frozen=True)
class Street:
    """Edges that follow each other.

    Attributes
    ----------
    edges : tuple of str
    starts : tuple of float
        Where each begins, from the beginning of the first [m].
    length : float
        [m]
    """

    edges: tuple[str, ...]
    starts: tuple[float, ...]
    length: float


def streets_taken(trace: Trace) -> list[tuple[int, ...]]:
    """Return the edges that each vehicle drove along, in order."""
    found = []
    for rows in trace.tracks():
        edges = trace.edge[rows]
        edges = edges[edges >= 0]
        if len(edges):
            found.append(tuple(edges[np.flatnonzero(np.diff(edges, prepend=-2))].tolist()))
    return found


def main_street(topology: Topology, junction: Junction, trace: Trace) -> Street | None:
    """Return the street that most vehicles take through a junction; None where nobody passed.

    From the movement with most vehicles it goes on, forward and backward in turn, to the edge that most of them took, as long as a
    quarter of them did and it is not longer than `LENGTH_M`.
    """
    number = {name: k for k, name in enumerate(trace.edges)}
    taken = streets_taken(trace)
    steps = Counter(step for route in taken for step in itertools.pairwise(route))
    moves = [
        (number[m.edge_in], number[m.edge_out])
        for m in junction.movements
        if m.edge_in in number and m.edge_out in number
    ]
    best = max(moves, key=lambda move: steps[move], default=None)
    if best is None or not steps[best]:
        return None
    lengths = {number[lane.edge]: lane.length for lane in topology.lanes.values() if lane.edge in number}
    street = list(best)
    open_ends = [True, True]
    while any(open_ends):
        for end in (1, 0):
            if not open_ends[end]:
                continue
            at = street[-1] if end else street[0]
            onward = {
                step[end]: count
                for step, count in steps.items()
                if step[1 - end] == at and step[end] not in street
            }
            following = max(onward, key=onward.__getitem__, default=None)
            whole = sum(lengths.get(edge, 0.0) for edge in street)
            if (
                following is None
                or onward[following] < _SHARE * steps[best]
                or whole + lengths.get(following, 0.0) > LENGTH_M
            ):
                open_ends[end] = False
                continue
            street.insert(len(street) if end else 0, following)
    names = tuple(trace.edges[edge] for edge in street)
    shapes = {lane.edge: lane.shape for lane in topology.lanes.values()}
    starts, at_m = [], 0.0
    for k, name in enumerate(names):
        if k:
            at_m += math.dist(shapes[names[k - 1]][-1], shapes[name][0])
        starts.append(at_m)
        at_m += lengths.get(street[k], 0.0)
    return Street(names, tuple(starts), at_m)


def draw_time_space(
    topology: Topology, street: Street, trace: Trace, names: Mapping[str, str], begin: float
) -> str:
    """Draw who went along a street, and what its signals showed.

    Parameters
    ----------
    topology : Topology
    street : Street
    trace : Trace
    names : mapping of str to str
        What signals are called, by id; the id where there is none.
    begin : float
        Simulated time [s] at the left; the picture holds `WINDOW_S`.
    """
    width, height, left, right, top, bottom = 860.0, 420.0, 60.0, 130.0, 14.0, 34.0

    def x(time: float) -> float:
        return left + (time - begin) / WINDOW_S * (width - left - right)

    def y(metres: float) -> float:
        return height - bottom - metres / max(street.length, 1.0) * (height - top - bottom)

    body = []
    for second in range(0, WINDOW_S + 1, 30):
        at = x(begin + second)
        body.append(f'<path d="M{at:.1f} {top}V{height - bottom}" stroke="{LINE}"/>')
        body.append(
            f'<text x="{at:.1f}" y="{height - 14}" text-anchor="middle" font-size="11" fill="{SOFT}">{second} s</text>'
        )
    step = next(step for step in (50, 100, 200, 500) if street.length / step <= 8)
    body += [
        f'<text x="{left - 6}" y="{y(metres) + 4:.1f}" text-anchor="end" font-size="11" fill="{SOFT}">{metres} m</text>'
        for metres in range(0, int(street.length) + 1, step)
    ]
    body += _vehicles(street, trace, begin, x, y)
    for signal, metres, links in _signals(topology, street):
        body += _bar(trace.states.get(signal, ()), links, begin, x, y(metres))
        label = names.get(signal, signal)
        short = label if len(label) <= 18 else label[:17] + "…"
        body.append(
            f'<text x="{width - right + 6}" y="{y(metres) + 4:.1f}" font-size="11" fill="{INK}">{_escaped(short)}</text>'
        )
    return svg(width, height, body)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _signals(topology: Topology, street: Street) -> list[tuple[str, float, tuple[int, ...]]]:
    """Return the signals along a street, where they stand [m], and the links that lead along it."""
    found = []
    for here, there, start in zip(street.edges, street.edges[1:], street.starts[1:], strict=False):
        for junction in topology.junctions.values():
            links = tuple(
                i for m in junction.movements if (m.edge_in, m.edge_out) == (here, there) for i in m.links
            )
            if links:
                found.append((junction.id, start, links))
    return found


def _vehicles(street: Street, trace: Trace, begin: float, x: _Axis, y: _Axis) -> list[str]:
    start = {trace.edges.index(name): at for name, at in zip(street.edges, street.starts, strict=True)}
    known = np.array([start.get(edge, math.nan) for edge in range(len(trace.edges))] or [math.nan])
    time = trace.begin + trace.frame * EVERY_S
    seen = (trace.edge >= 0) & (time >= begin) & (time <= begin + WINDOW_S)
    place = np.where(seen, known[np.clip(trace.edge, 0, None)] + trace.along, math.nan)
    lines = []
    for rows in trace.tracks():
        here = np.flatnonzero(~np.isnan(place[rows])) + rows.start
        if len(here) < 2:
            continue
        # somebody who leaves the street and comes back draws two lines
        parts = np.split(here, np.flatnonzero(np.diff(time[here]) > 30) + 1)
        lines += [
            "L".join(f"{x(time[k]):.1f} {y(place[k]):.1f}" for k in part) for part in parts if len(part) > 1
        ]
    drawn = "".join(f"M{line}" for line in lines)
    return [f'<path d="{drawn}" fill="none" stroke="#34506e" stroke-width="1" stroke-opacity=".8"/>']


def _bar(
    changes: Sequence[tuple[float, str]], links: Sequence[int], begin: float, x: _Axis, at: float
) -> list[str]:
    parts = []
    ends = [time for time, _ in changes[1:]] + [math.inf]
    for (since, state), until in zip(changes, ends, strict=True):
        first, last = max(since, begin), min(until, begin + WINDOW_S)
        if first >= last:
            continue
        letters = {state[i] for i in links if i < len(state)}
        colour = next((_COLOURS[letter] for letter in "Ggy" if letter in letters), _RED)
        parts.append(
            f'<rect x="{x(first):.1f}" y="{at - 3:.1f}" width="{x(last) - x(first):.1f}" height="6" fill="{colour}"/>'
        )
    return parts
