"""A trivial one-shot submission, judged with evidence written and verified: seconds of wall and of processor, warm.

    uv run python benchmarks/proving_trivial.py [--runs 20]

Warm means that the judge's process has judged before (a node's processes stay). The whole command, cold, is printed
beside it. Processor seconds count every process: judge, sandbox, solution.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from lumbung.proving.challenge import read_challenge
from lumbung.proving.evidence import open_evidence, sign
from lumbung.proving.executors import Serial
from lumbung.proving.keys import load_or_make_key
from lumbung.proving.run import conclude, plan_run, play_runs
from lumbung.proving.run_folder import RunFolder
from lumbung.proving.scaffold import new_challenge
from lumbung.proving.submission import read_submission


def cpu_seconds() -> float:
    """Processor seconds of this process and every child that has ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(u.ru_utime + u.ru_stime for u in used)


def judge_once(folder: Path, out: Path) -> float:
    """Plan, play, sign, write, read back and verify; returns the box's own processor seconds."""
    key = load_or_make_key(out / "keys")
    plan = plan_run(read_challenge(folder), read_submission(folder / "submissions/accepted/straight-line"))
    started = datetime.now(UTC)
    (outcomes,) = play_runs([plan], Serial())
    evidence = conclude(plan, outcomes, started=started, finished=datetime.now(UTC))
    path = RunFolder(out / "run").write_evidence(sign(evidence, key))
    found, _ = open_evidence(path.read_bytes(), [key.public_key()])
    assert found == evidence and found.complete
    return evidence.cpu_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch:
        folder, out = Path(scratch) / "toy", Path(scratch) / "out"
        new_challenge(folder)
        toml = folder / "challenge.toml"
        toml.write_text(toml.read_text().replace("blocks = 5", "blocks = 1"))
        judge_once(folder, out)
        walls, cpus = [], []
        for _ in range(runs):
            wall, cpu = time.perf_counter(), cpu_seconds()
            boxed = judge_once(folder, out)
            walls.append(time.perf_counter() - wall)
            # The box is killed, not waited for, so its control group is asked; what is counted twice makes it no smaller.
            cpus.append(cpu_seconds() - cpu + boxed)
        print(f"warm, {runs} runs: wall median {statistics.median(walls):.3f} s (asked: under 0.5), "
              f"processor median {statistics.median(cpus):.3f} s (asked: under 0.3)")  # fmt: skip
        lumbung = Path(sys.executable).with_name("lumbung")
        command = [
            lumbung,
            "judge",
            folder,
            folder / "submissions/accepted/straight-line",
            "--out",
            out / "cold",
        ]
        subprocess.run(
            command, check=True, capture_output=True
        )  # the sandbox's self-test is held once per boot
        wall, cpu = time.perf_counter(), cpu_seconds()
        subprocess.run(command, check=True, capture_output=True)
        print(
            f"the whole command in a new process: wall {time.perf_counter() - wall:.3f} s, processor {cpu_seconds() - cpu:.3f} s"
        )


if __name__ == "__main__":
    main()
