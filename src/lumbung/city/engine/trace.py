"""Where everybody is: every vehicle's place and every signal's state through an episode, as SUMO itself writes them."""

from __future__ import annotations

import csv
import itertools
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from lumbung.city.engine.additional_files import parse

EVERY_S = 2
_PLACES, _STATES = "places.csv", "states.xml"


@dataclass(frozen=True)
class Trace:
    """An episode, seen from above.

    Attributes
    ----------
    begin : float
        Simulated time of frame 0 [s]; frames are `EVERY_S` apart.
    vehicle, frame : int array of shape (n,)
        Of each row, sorted by vehicle and then by frame; vehicles are numbered as they set off.
    x, y : float array of shape (n,)
        On the network's plane [m].
    edge : int array of shape (n,)
        Into `edges`; -1 inside a junction.
    along : float array of shape (n,)
        From the beginning of the lane [m].
    edges : tuple of str
    states : dict of str to tuple of (float, str)
        Signal to the times [s] at which its state changes, and to what.
    """

    begin: float
    vehicle: NDArray[np.int32]
    frame: NDArray[np.int32]
    x: NDArray[np.float32]
    y: NDArray[np.float32]
    edge: NDArray[np.int32]
    along: NDArray[np.float32]
    edges: tuple[str, ...]
    states: dict[str, tuple[tuple[float, str], ...]]

    def tracks(self) -> Iterator[slice]:
        """Yield the rows of one vehicle after the other."""
        cuts = np.flatnonzero(np.diff(self.vehicle)) + 1
        ends = [0, *cuts.tolist(), len(self.vehicle)]
        for first, last in itertools.pairwise(ends):
            if last > first:
                yield slice(first, last)


def signals_of(net: Path) -> list[str]:
    """Return the ids of a network's signals."""
    return list(dict.fromkeys(logic.attrib["id"] for logic in parse(net).iter("tlLogic")))


def trace_options(trace: Path) -> list[str]:
    """Return SUMO's options that have it write every vehicle's place."""
    trace.mkdir(parents=True, exist_ok=True)
    return [
        "--fcd-output", str(trace / _PLACES),
        "--fcd-output.attributes", "id,x,y,pos,lane",
        "--device.fcd.period", str(EVERY_S),
    ]  # fmt: skip


def write_requests(folder: Path, trace: Path, signals: Iterable[str]) -> Path:
    """Write the additional file that has SUMO note every signal's state into a trace."""
    path = folder / "trace.add.xml"
    lines = "".join(
        f'    <timedEvent type="SaveTLSStates" source={quoteattr(name)} dest={quoteattr(str(trace / _STATES))}/>\n'
        for name in signals
    )
    path.write_text(f"<additional>\n{lines}</additional>\n", encoding="utf-8")
    return path


def read_trace(folder: Path) -> Trace:
    """Read what SUMO wrote of an episode.

    Parameters
    ----------
    folder : Path
        ``Settings.trace`` of the episode.

    Raises
    ------
    OSError
        Nothing was written there.
    """
    numbers: dict[str, int] = {}
    edges: dict[str, int] = {}
    rows: list[tuple[int, float, float, float, float, int]] = []
    with (folder / _PLACES).open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file, delimiter=";")
        at = {name.removeprefix("vehicle_"): k for k, name in enumerate(next(reader))}
        time, name, x, y, pos, lane = (at[key] for key in ("timestep_time", "id", "x", "y", "pos", "lane"))
        for row in reader:
            if not row[name] or not row[lane]:
                continue
            edge = row[lane].rpartition("_")[0]
            inside = edge.startswith(":")
            rows.append(
                (
                    numbers.setdefault(row[name], len(numbers)), float(row[time]), float(row[x]), float(row[y]),
                    float(row[pos]), -1 if inside else edges.setdefault(edge, len(edges)),
                )
            )  # fmt: skip
    table = np.array(rows, np.float64).reshape(-1, 6)
    states, first = _read_states(folder / _STATES)
    begin = min(float(table[0, 1]) if len(table) else first, first)
    frame = np.rint((table[:, 1] - begin) / EVERY_S).astype(np.int32)
    order = np.lexsort((frame, table[:, 0]))
    return Trace(
        begin, table[order, 0].astype(np.int32), frame[order], table[order, 2].astype(np.float32),
        table[order, 3].astype(np.float32), table[order, 5].astype(np.int32), table[order, 4].astype(np.float32),
        tuple(edges), states,
    )  # fmt: skip


def _read_states(path: Path) -> tuple[dict[str, tuple[tuple[float, str], ...]], float]:
    """Return when each signal changes to what, and the first second noted."""
    found: dict[str, list[tuple[float, str]]] = {}
    first = float("inf")
    for _event, element in ElementTree.iterparse(path):  # noqa: S314 - SUMO wrote it a moment ago
        if element.tag == "tlsState":
            time, name, state = float(element.attrib["time"]), element.attrib["id"], element.attrib["state"]
            first = min(first, time)
            changes = found.setdefault(name, [])
            if not changes or changes[-1][1] != state:
                changes.append((time, state))
            element.clear()
    return {name: tuple(changes) for name, changes in found.items()}, first
