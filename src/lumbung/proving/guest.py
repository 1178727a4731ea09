"""The solution as a judge sees it: a proxy that asks a program in the sandbox and names its faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lumbung.proving.challenge import ResourceLimits
from lumbung.proving.declaration import box_fault
from lumbung.proving.environments.shelf import Environment
from lumbung.proving.faults import ChallengeFault, PlatformFault, RunFault
from lumbung.sandbox import Box, BoxFault, Limits, RequestTooLong, SandboxUnavailable, open_box


def box_limits(limits: ResourceLimits) -> Limits:
    """Translate a challenge's limits into the sandbox's."""
    return Limits(
        start_s=limits.start_s,
        message_s=limits.message_s,
        total_s=limits.total_s,
        cpu_s=limits.cpu_s,
        memory_bytes=limits.memory_mb * 2**20,
        processes=limits.processes,
        message_bytes=limits.message_mb * 2**20,
    )


class Guest:
    """Implements the protocol `Solution` over a box.

    Attributes
    ----------
    fault : RunFault, optional
        How the solution ended, once it has: also where a judge swallowed it.
    """

    def __init__(self, box: Box) -> None:
        self._box = box
        self.fault: RunFault | None = None

    def _ask(self, verb: str, payload: Any) -> Any:
        try:
            return self._box.ask(verb, payload)
        except BoxFault as fault:
            odd = _unreadable_key(payload)
            self.fault = (
                box_fault(fault) if odd is None else _unfit(verb, odd, "keys that are text or numbers")
            )
            raise self.fault from fault
        except RequestTooLong as error:
            raise _unfit(verb, str(error), "a smaller problem") from error

    def start(self, problem: Any) -> Any:
        return self._ask("start", problem)

    def step(self, observation: Any) -> Any:
        return self._ask("step", observation)

    def solve(self, problem: Any) -> Any:
        return self._ask("solve", problem)


def _unfit(verb: str, found: str, expected: str) -> ChallengeFault:
    return ChallengeFault("broken_challenge", where=f"the message {verb}", found=found, expected=expected)


def _unreadable_key(payload: Any) -> str | None:
    """Return a key over which whoever reads the message falls; looked for once a solution ended, not in each message."""
    if isinstance(payload, dict):
        odd = next((key for key in payload if isinstance(key, tuple | frozenset)), None)
        return repr(odd)[:80] if odd is not None else _first(map(_unreadable_key, payload.values()))
    return _first(map(_unreadable_key, payload)) if isinstance(payload, list | tuple) else None


def _first(found: Iterator[str | None]) -> str | None:
    return next((one for one in found if one is not None), None)


def log_of(fault: BaseException) -> str:
    """Return what a team may read about its fault besides the reason: its own output, and its own traceback."""
    cause = fault.__cause__
    if not isinstance(cause, BoxFault):
        return ""
    return "\n".join(part for part in (cause.log.strip(), str(cause.params.get("trace", "")).strip()) if part)


@contextmanager
def open_guest(
    submission: Path, limits: ResourceLimits, environment: Environment | None = None, *, trust: bool = False
) -> Iterator[tuple[Guest, Box]]:
    """Start *submission* in a fresh box for one case.

    Parameters
    ----------
    submission : Path
        Its folder.
    limits : ResourceLimits
    environment : Environment, optional
        What is run of it, and what it finds besides itself; what its files say, and numpy, by default.
    trust : bool
        Run without a sandbox: one's own code on a machine that has none. The box's isolation then says ``none``.

    Raises
    ------
    SubmissionFault, PlatformFault
    """
    program, packages, weights = (
        (environment.program, environment.packages, environment.weights)
        if environment
        else (None, None, None)
    )
    try:
        with open_box(
            submission,
            box_limits(limits),
            program=program,
            trust=trust,
            packages=packages,
            weights=weights,
        ) as box:
            yield Guest(box), box
    except BoxFault as fault:
        raise box_fault(fault) from fault
    except SandboxUnavailable as error:
        raise PlatformFault("sandbox_unavailable", detail=str(error)) from error
