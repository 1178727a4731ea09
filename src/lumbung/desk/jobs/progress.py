"""How a job tells how far it is, from inside the work."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from lumbung.desk.jobs.folder import Job, State

EVERY_S = 0.25  # a state is on the disk before it is told: more often would cost more than the work


class JobError(ValueError):
    """Why a job cannot be done, for the person who asked.

    Parameters
    ----------
    code : str
        Of `lumbung.desk.jobs.reasons.REASONS`.
    found : str
        What was found, as the engine words it.
    """

    def __init__(self, code: str, found: str = "") -> None:
        super().__init__(found or code)
        self.code, self.found = code, found


class Progress:
    """Writes a running job's state.

    Parameters
    ----------
    job : Job
    state : State
        As it is now.
    """

    def __init__(self, job: Job, state: State) -> None:
        self._job, self.state, self._said = job, state, 0.0

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage."""
        self._tell(stage=name, done=0, total=total)

    def advance(self, done: int = 1) -> None:
        """Say that so much more of the stage is done."""
        done += self.state.done
        if time.monotonic() - self._said < EVERY_S and done < self.state.total:
            self.state = msgspec.structs.replace(self.state, done=done)
        else:
            self._tell(done=done)

    def ready(self) -> None:
        """Say that there is something new to look at."""
        self._tell(ready=self.state.ready + 1)

    def _tell(self, **changed: object) -> None:
        self.state = msgspec.structs.replace(self.state, **changed)
        self._job.write_state(self.state)
        self._said = time.monotonic()


Work = Callable[[Job, Progress], None]
