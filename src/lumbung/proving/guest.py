"""The solution as a judge sees it: a proxy that asks a program in the sandbox and names its faults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lumbung.proving.challenge import ResourceLimits
from lumbung.proving.faults import ChallengeFault, PlatformFault, SubmissionFault
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
    )


class Guest:
    """Implements the protocol `Solution` over a box.

    Attributes
    ----------
    fault : SubmissionFault, optional
        How the solution ended, once it has: also where a judge swallowed it.
    """

    def __init__(self, box: Box) -> None:
        self._box = box
        self.fault: SubmissionFault | None = None

    def _ask(self, verb: str, payload: Any) -> Any:
        try:
            return self._box.ask(verb, payload)
        except BoxFault as fault:
            self.fault = _named(fault)
            raise self.fault from fault
        except RequestTooLong as error:
            raise ChallengeFault(
                "broken_challenge",
                where=f"the message {verb}",
                found=str(error),
                expected="a smaller problem",
            ) from error

    def start(self, problem: Any) -> Any:
        return self._ask("start", problem)

    def step(self, observation: Any) -> Any:
        return self._ask("step", observation)

    def solve(self, problem: Any) -> Any:
        return self._ask("solve", problem)


def _named(fault: BoxFault) -> SubmissionFault:
    return SubmissionFault(
        fault.code, **{name: value for name, value in fault.params.items() if name != "trace"}
    )


def log_of(fault: BaseException) -> str:
    """Return what a team may read about its fault besides the reason: its own output, and its own traceback."""
    cause = fault.__cause__
    if not isinstance(cause, BoxFault):
        return ""
    return "\n".join(part for part in (cause.log.strip(), str(cause.params.get("trace", "")).strip()) if part)


@contextmanager
def open_guest(
    submission: Path, limits: ResourceLimits, *, trust: bool = False, provide: Sequence[Path] = ()
) -> Iterator[tuple[Guest, Box]]:
    """Start *submission* in a fresh box for one case.

    Parameters
    ----------
    submission : Path
        Its folder.
    limits : ResourceLimits
    trust : bool
        Run without a sandbox: one's own code on a machine that has none. The box's isolation then says ``none``.
    provide : sequence of Path
        More folders the solution may read.

    Raises
    ------
    SubmissionFault, PlatformFault
    """
    try:
        with open_box(submission, box_limits(limits), trust=trust, provide=provide) as box:
            yield Guest(box), box
    except BoxFault as fault:
        raise _named(fault) from fault
    except SandboxUnavailable as error:
        raise PlatformFault("sandbox_unavailable", detail=str(error)) from error
