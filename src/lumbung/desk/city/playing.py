"""An episode as a web map plays it: one small binary file of tracks, one JSON file of what the signals show.

The tracks, little-endian: vehicles n, first frames (uint16 each), lengths (uint16 each), then for every vehicle its places as pairs
of uint16 across the box that the JSON file names.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lumbung.city.engine.topology import Topology
from lumbung.city.engine.trace import EVERY_S, Trace
from lumbung.desk.city.streets import Lie, stop_lines

MOST_ROWS = 4_000_000
"""Places that are kept; of a longer or busier episode the beginning is played."""
_LAST = 65_535


def packed(trace: Trace, lie: Lie) -> tuple[bytes, dict[str, Any]]:
    """Return the tracks, and the box that their places lie in [deg]."""
    keep = trace.frame < _LAST
    if len(trace.frame) > MOST_ROWS:
        keep &= trace.frame <= np.partition(trace.frame, MOST_ROWS)[MOST_ROWS]
    vehicle, frame = trace.vehicle[keep], trace.frame[keep]
    x, y = trace.x[keep].astype(float), trace.y[keep].astype(float)
    if not len(vehicle):
        return b"", {"vehicles": 0, "frames": 0, "box": [0.0, 0.0, 1.0, 1.0]}
    # Over a town a plane and degrees are straight lines of each other, to less than a vehicle's length.
    west_south, east_north = lie.degrees(x.min(), y.min()), lie.degrees(x.max(), y.max())
    starts = np.flatnonzero(np.diff(vehicle, prepend=-1))
    lengths = np.diff([*starts, len(vehicle)])
    scaled = np.empty((len(vehicle), 2), "<u2")
    for k, values in enumerate((x, y)):
        low, high = values.min(), values.max()
        scaled[:, k] = np.rint((values - low) / max(high - low, 1e-9) * _LAST)
    whole = frame[starts].astype("<u2").tobytes() + lengths.astype("<u2").tobytes() + scaled.tobytes()
    box = [*west_south, *east_north]
    return whole, {"vehicles": len(starts), "frames": int(frame.max()) + 1, "box": [round(v, 7) for v in box]}


def played(trace: Trace, topology: Topology, lie: Lie, box: dict[str, Any]) -> dict[str, Any]:
    """Return what the page needs beside the tracks."""
    return {
        **box, "every": EVERY_S, "begin": trace.begin,
        "signals": [
            {
                "stops": stops,
                "states": [[round(time - trace.begin), state] for time, state in trace.states.get(name, ())],
            }
            for name, stops in stop_lines(topology, lie).items()
        ],
    }  # fmt: skip
