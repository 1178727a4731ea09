"""A job on disk. It is made whole or not at all, and every file in it that is ever changed is replaced whole.

order.json   what is asked: the kind of work, its title and options; never changed
state.json   how far it is
input/       what the person gave
work/        what is finished of it, so that it goes on from there
result/      what came out

    queued ──▶ running ──▶ done
      ▲           ├──────▶ failed      (the reason in words)
      │           └──────▶ cancelled   (by a person)
      └── asked to go on ◀── failed, cancelled; and done, where something was mended
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from lumbung.proving.faults import PlatformFault
from lumbung.proving.run_folder import write_whole
from lumbung.proving.unreadable import UNREADABLE

Status = Literal["queued", "running", "done", "failed", "cancelled"]
OVER: tuple[Status, ...] = ("done", "failed", "cancelled")
DEATHS = 3  # so often a job may take its worker with it
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,80}")


class Order(msgspec.Struct, frozen=True):
    """What is asked.

    Attributes
    ----------
    kind : str
        A name of `lumbung.desk.jobs.kinds`.
    title : str
        The person's own, or their file's name.
    options : dict
        Of the kind.
    made : datetime
    by : str
        Who asked.
    example : bool
        Whether its input is the desk's own worked example.
    """

    kind: str
    title: str
    options: dict[str, Any]
    made: datetime
    by: str = ""
    example: bool = False


class Reason(msgspec.Struct, frozen=True):
    """Why a job failed: a code of `lumbung.desk.jobs.reasons`, and what the engine found, as it words it."""

    code: str
    found: str = ""


class State(msgspec.Struct, frozen=True):
    """How far a job is.

    Attributes
    ----------
    status : {"queued", "running", "done", "failed", "cancelled"}
    stage : str
        What is being done; a code of `lumbung.desk.jobs.reasons.STAGES`.
    done, total : int
        Of the stage.
    ready : int
        Rises whenever there is something new to look at.
    deaths : int
        How often its worker died over it.
    reason : Reason, optional
    begun, ended : datetime, optional
    """

    status: Status = "queued"
    stage: str = ""
    done: int = 0
    total: int = 0
    ready: int = 0
    deaths: int = 0
    reason: Reason | None = None
    begun: datetime | None = None
    ended: datetime | None = None


class Job:
    """One job's folder.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id = folder.name
        self._order: Order | None = None

    @property
    def input(self) -> Path:
        return self.folder / "input"

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def result(self) -> Path:
        return self.folder / "result"

    def order(self) -> Order:
        """Return what is asked.

        Raises
        ------
        PlatformFault
            ``unwritable``: the folder is damaged.
        """
        if self._order is None:
            path = self.folder / "order.json"
            try:
                self._order = msgspec.json.decode(path.read_bytes(), type=Order)
            except (OSError, *UNREADABLE) as error:
                raise PlatformFault("unwritable", where=str(path), detail=str(error)) from error
        return self._order

    def readable(self) -> bool:
        """Return whether it can be read what is asked; a damaged folder spoils no page but its own."""
        try:
            self.order()
        except PlatformFault:
            return False
        return True

    def state(self) -> State:
        """Return how far it is; a job that was just made is queued."""
        try:
            return msgspec.json.decode((self.folder / "state.json").read_bytes(), type=State)
        except (OSError, *UNREADABLE):
            return State()

    def write_state(self, state: State) -> None:
        """Replace the state.

        Raises
        ------
        PlatformFault
            ``disk_full``, ``unwritable``.
        """
        write_whole(self.folder / "state.json", msgspec.json.encode(state))

    def write_result(self, name: str, data: Any) -> None:
        """Write plain data to ``result/<name>`` as JSON, whole.

        Raises
        ------
        PlatformFault
            ``disk_full``, ``unwritable``.
        """
        write_whole(self.result / name, msgspec.json.encode(data))

    def read_result(self, name: str) -> Any:
        """Return what ``result/<name>`` holds; None where it is not there (yet)."""
        try:
            return msgspec.json.decode((self.result / name).read_bytes())
        except (OSError, *UNREADABLE):
            return None

    @property
    def to_be_cancelled(self) -> Path:
        return self.folder / "cancel"

    def cancel(self) -> None:
        """Ask that it ends now; what is finished stays."""
        write_whole(self.to_be_cancelled, b"")

    def go_on(self) -> None:
        """Queue it again: it goes on from what is finished."""
        self.to_be_cancelled.unlink(missing_ok=True)
        self.write_state(State(ready=self.state().ready))


class Jobs:
    """All jobs of a desk.

    Parameters
    ----------
    desk : Path
        The desk's folder.
    """

    def __init__(self, desk: Path) -> None:
        self.folder = desk / "jobs"

    def make(self, order: Order, inputs: Mapping[str, Path]) -> Job:
        """Make a job; its input files are moved in.

        Parameters
        ----------
        order : Order
        inputs : dict of str to Path
            Name below ``input/``, and where the file lies now, on the same disk.

        Raises
        ------
        PlatformFault
            ``disk_full``, ``unwritable``. Nothing of the job is left then.
        """
        name = f"{order.made:%Y%m%d-%H%M%S}-{secrets.token_hex(4)}"
        draft = self.folder / f".{name}"
        try:
            (draft / "input").mkdir(parents=True)
            for part in ("work", "result"):
                (draft / part).mkdir()
            for target, source in inputs.items():
                (draft / "input" / target).parent.mkdir(exist_ok=True)
                source.replace(draft / "input" / target)
            write_whole(draft / "order.json", msgspec.json.encode(order))
            draft.replace(self.folder / name)
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            code = "disk_full" if error.errno in (28, 122) else "unwritable"
            raise PlatformFault(code, where=str(self.folder), detail=str(error)) from error
        except PlatformFault:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return Job(self.folder / name)

    def find(self, name: str) -> Job | None:
        """Return the job of that name, if there is one and its order can be read."""
        job = Job(self.folder / name) if self._is_job(name) else None
        return job if job is not None and job.readable() else None

    def _is_job(self, name: str) -> bool:
        plain = _NAME.fullmatch(name) is not None
        return plain and (self.folder / name / "order.json").is_file()

    def all(self) -> list[Job]:
        """Return every job whose order can be read, the newest first."""
        return [job for job in self._found() if job.readable()]

    def damaged(self) -> list[str]:
        """Return the names of folders that hold a job whose order cannot be read."""
        return [job.id for job in self._found() if not job.readable()]

    def _found(self) -> list[Job]:
        if not self.folder.is_dir():
            return []
        names = sorted((path.name for path in self.folder.iterdir()), reverse=True)
        return [Job(self.folder / name) for name in names if self._is_job(name)]

    def remove(self, job: Job) -> None:
        """Remove a job with everything in it; it is gone at once, also where its files take a while."""
        away = self.folder / f".removed-{job.id}"
        job.folder.replace(away)
        shutil.rmtree(away, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what was being made or removed when the machine stopped."""
        if self.folder.is_dir():
            for path in self.folder.glob(".*"):
                shutil.rmtree(path, ignore_errors=True)
