"""The self-test as a job."""

from __future__ import annotations

from lumbung.desk.jobs.folder import Job
from lumbung.desk.jobs.progress import JobError, Progress


def check(job: Job, progress: Progress) -> None:
    """Let every attack loose and write ``attacks.json`` as they end; what was held before an interruption is not tried again.

    Raises
    ------
    JobError
        ``no_sandbox``.
    """
    from lumbung.sandbox import SandboxUnavailable, attack_names, isolation_here, run_attack

    try:
        isolation = isolation_here()
    except SandboxUnavailable as error:
        raise JobError("no_sandbox", str(error)) from None
    names = attack_names()
    done = {
        row["name"]: row for row in (job.read_result("attacks.json") or {}).get("attacks", []) if row["held"]
    }
    progress.stage("attacks", len(names))
    for name in names:
        if name not in done:
            found = run_attack(name)
            done[name] = {"name": name, "held": found.held, "slow": found.slow, "detail": found.detail}
        rows = [done[each] for each in names if each in done]
        job.write_result(
            "attacks.json", {"kind": isolation.kind, "limits": isolation.limits_by, "attacks": rows}
        )
        progress.advance()
    progress.ready()
