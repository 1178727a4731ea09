"""``python dying.py JOB``: does a job in workers that die by SIGKILL, each at the first word of a stage that none reached before.

Prints JSON: the stages at which one died, in order, and the job's last state.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from lumbung.desk.jobs import worker
from lumbung.desk.jobs.folder import Job
from lumbung.desk.jobs.kinds import work_of


def main(folder: Path) -> None:
    job = Job(folder)
    work_of(job.order().kind)  # read once here: what is forked need not read it again
    died: list[str] = []
    for _turn in range(20):
        child = os.fork()
        if child == 0:
            _until_a_new_stage(job, died)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            break
        died.append(job.state().stage)
    last = job.state()
    print(json.dumps({"died": died, "status": last.status, "reason": last.reason and last.reason.found}))


def _until_a_new_stage(job: Job, died: list[str]) -> None:
    written = Job.write_state

    def dying(self: Job, state: Any) -> None:
        written(self, state)
        if state.stage and state.stage not in died:
            os.kill(os.getpid(), signal.SIGKILL)

    Job.write_state = dying  # type: ignore[method-assign]
    worker.do(job)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
