"""What a box may use, what it used, and how firmly it was held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Limits:
    """What a stranger's program may use.

    Attributes
    ----------
    start_s
        Wall time from launch until the solution is loaded and says so [s].
    message_s
        Wall time for one answer, unless :meth:`Box.ask` is told otherwise [s].
    total_s
        Wall time from launch to end [s].
    cpu_s
        CPU time of all its processes together [s].
    memory_bytes
        Memory of all its processes together, its files under /tmp included [bytes].
    processes
        Processes and threads at one moment.
    message_bytes
        One message, either way, once encoded [bytes].
    log_bytes
        What is kept of its standard output and error; 64 times as much ends the run [bytes].
    """

    start_s: float = 20.0
    message_s: float = 10.0
    total_s: float = 600.0
    cpu_s: float = 600.0
    memory_bytes: int = 2 * 2**30
    processes: int = 64
    message_bytes: int = 16 * 2**20
    log_bytes: int = 1 * 2**20

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"Limits.{name} is {value!r}; a limit must be above zero")


@dataclass(frozen=True)
class Isolation:
    """The isolation a run obtained; it goes into the evidence.

    Attributes
    ----------
    kind
        ``"bubblewrap"``, or ``"none"`` for one's own code run with trust.
    limits_by
        What held memory, processes and CPU time: a control group (v2 or v1) for the whole box, or only
        ``"rlimit"``: limits per process, with the sum sampled ten times a second.
    bwrap_version
        For example ``"0.8.0"``; empty where there is no bubblewrap.
    notes
        What an auditor should know besides, one sentence each.
    """

    kind: Literal["bubblewrap", "none"]
    limits_by: Literal["cgroup2", "cgroup1", "rlimit"]
    bwrap_version: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Usage:
    """What a box used up to now: seconds, bytes, and the number of answered messages."""

    wall_s: float
    cpu_s: float
    peak_memory_bytes: int
    messages: int
    round_trip_max_s: float
