"""A run on disk: every outcome kept the moment it is known, so that an interrupted run resumes and nothing is lost.

<folder>/run.json            what was asked (local: it names paths, and is not evidence)
<folder>/outcomes/*.json     one per finished case, with its series for pictures
<folder>/logs/*.txt          what the solution wrote, per case
<folder>/evidence.json       the signed record
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from lumbung.proving.digest import digest_bytes
from lumbung.proving.faults import PlatformFault
from lumbung.proving.run import Outcome, RunPlan
from lumbung.proving.unreadable import UNREADABLE


class _Kept(msgspec.Struct, frozen=True):
    plan: str
    case_digest: str
    outcome: Outcome


class RunRecord(msgspec.Struct, frozen=True):
    """What is needed to judge the same again: for ``lumbung verify --rerun``. Local, since it names paths."""

    challenge: str
    submission: str
    phase: str
    options: dict[str, Any]
    cases: tuple[str, ...]
    trust: bool


class FolderHeld(ValueError):
    """Another process judges in the folder."""


class RunFolder:
    """The folder of one run.

    Parameters
    ----------
    path : Path
        Made when the first thing is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def evidence_path(self) -> Path:
        return self.path / "evidence.json"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder: of two judgings in one, each would sign beside what the other was asked.

        Raises
        ------
        FolderHeld
            Another process holds it.
        PlatformFault
            It cannot be made.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDONLY)
        except OSError as error:
            raise PlatformFault(
                "unwritable", where=str(self.path), detail=error.strerror or str(error)
            ) from error
        try:
            import fcntl  # nothing is judged where there is none

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise FolderHeld(
                f"{self.path}: another judging is at work in this folder; wait for it, or name another with --out"
            ) from None
        except OSError:
            pass  # a file system without locks
        try:
            yield
        finally:
            os.close(descriptor)

    def kept(self, plan: RunPlan) -> dict[str, Outcome]:
        """Return the outcomes kept from an earlier start of exactly this plan, without platform faults."""
        digests = {case.id: case.digest for case in plan.cases}
        kept: dict[str, Outcome] = {}
        for path in (self.path / "outcomes").glob("*.json"):
            try:
                entry = msgspec.json.decode(path.read_bytes(), type=_Kept)
            except (OSError, *UNREADABLE):
                continue  # half a file of a crashed machine: the case is simply played again
            same = entry.plan == plan.digest and digests.get(entry.outcome.case) == entry.case_digest
            if same and entry.outcome.score is not None:
                kept[entry.outcome.case] = entry.outcome
        return kept

    def forget(self) -> None:
        """Remove what an earlier run left here."""
        for pattern in ("outcomes/*.json", "logs/*.txt", "evidence.json", "run.json"):
            for path in self.path.glob(pattern):
                path.unlink()

    def keep(self, plan: RunPlan, outcome: Outcome) -> None:
        """Write one outcome.

        Raises
        ------
        PlatformFault
            ``disk_full`` or unwritable; what was kept before stays.
        """
        case = next(case for case in plan.cases if case.id == outcome.case)
        name = digest_bytes(case.id.encode())[7:23]
        write_whole(
            self.path / "outcomes" / f"{name}.json",
            msgspec.json.encode(_Kept(plan.digest, case.digest, outcome)),
        )
        if outcome.log:
            write_whole(self.path / "logs" / f"{case.id.replace('/', '-')}.txt", outcome.log.encode())

    def record(self, plan: RunPlan) -> None:
        """Write what was asked."""
        submission = plan.submission.name if plan.submission.shipped else str(plan.submission.folder)
        record = RunRecord(
            str(plan.challenge.folder),
            submission,
            plan.phase,
            plan.options,
            tuple(c.id for c in plan.cases),
            plan.trust,
        )
        write_whole(self.path / "run.json", msgspec.json.format(msgspec.json.encode(record)))

    def write_evidence(self, envelope: bytes) -> Path:
        """Write the signed evidence and return its path."""
        write_whole(self.evidence_path, envelope)
        return self.evidence_path


def read_run_record(path: Path) -> RunRecord | None:
    """Return what was asked for the evidence at *path*, if its ``run.json`` is still beside it."""
    try:
        return msgspec.json.decode((path.parent / "run.json").read_bytes(), type=RunRecord)
    except (OSError, *UNREADABLE):
        return None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds all of it or none, also after a power cut.

    Raises
    ------
    PlatformFault
        ``disk_full``: no room, or no right to write there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        code = "disk_full" if error.errno in (28, 122) else "unwritable"
        raise PlatformFault(code, where=str(path), detail=error.strerror or str(error)) from error
