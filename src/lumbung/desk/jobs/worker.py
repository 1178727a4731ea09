"""``python -m lumbung.desk.jobs.worker``: does the jobs it is told on standard input, one after the other.

It answers each with a line. It ends when its standard input does, and with the desk that started it. Nobody else in this process speaks on
the line between the two: an engine or somebody's judge that prints would be taken for the end of a job.
"""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lumbung.desk.jobs.folder import Job, Reason, State
from lumbung.desk.jobs.kinds import KINDS, WARM, function, installed, work_of
from lumbung.desk.jobs.line import own_line
from lumbung.desk.jobs.progress import JobError, Progress
from lumbung.proving.faults import PlatformFault
from lumbung.sandbox.lifeline import follow_parent


def do(job: Job) -> State:
    """Do a job to its end and return the last state, which is on the disk.

    Raises
    ------
    PlatformFault
        The disk is full, so that not even the end can be told.
    """
    state = msgspec.structs.replace(
        job.state(), status="running", begun=datetime.now(UTC), ended=None, reason=None
    )
    job.write_state(state)
    progress = Progress(job, state)
    try:
        kind = job.order().kind
        if not installed(kind):
            raise JobError("not_installed", KINDS[kind][2])
        work_of(kind)(job, progress)
        reason = None
    except JobError as error:
        reason = Reason(error.code, error.found)
    except PlatformFault as error:
        reason = Reason(error.fault.code, str(error.fault.params.get("where", "")))
    except MemoryError:
        reason = Reason("no_memory")
    except OSError as error:
        reason = Reason("disk_full" if error.errno in (28, 122) else "unwritable", str(error))
    except Exception as error:
        # A job's fault ends that job alone, and is told to who asked.
        reason = Reason("broken", f"{type(error).__name__}: {error}")
    last = msgspec.structs.replace(
        progress.state, status="failed" if reason else "done", reason=reason, ended=datetime.now(UTC)
    )
    job.write_state(last)
    return last


def main() -> None:
    """Work until there is nobody who asks."""
    asked, answers = own_line()
    follow_parent()
    for path in WARM:
        # A sector that is not installed, or a cache that cannot be written: the job itself will say so.
        with contextlib.suppress(Exception):
            function(path)(Job(Path()), Progress(Job(Path()), State()))
    print("ready", file=answers, flush=True)
    for line in asked:
        job = Job(Path(line.strip()))
        try:
            print(do(job).status, file=answers, flush=True)
        except PlatformFault as error:
            print(error.fault.code, file=answers, flush=True)


if __name__ == "__main__":
    main()
