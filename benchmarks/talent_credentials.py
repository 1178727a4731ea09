"""How fast are badges issued and verified?

    python benchmarks/talent_credentials.py [--badges 1000000] [--processes 2]

Issues badges for a generated table of results (no real person) exactly as ``lumbung talent issue`` does: table in, badges,
status lists and register on disk. Nine million is extrapolated from the measured number, linearly: parts share nothing.
"""

from __future__ import annotations

import argparse
import csv
import random
import resource
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from lumbung.talent.credentials.integrity import JCS, RDFC
from lumbung.talent.credentials.keys import SigningKey
from lumbung.talent.credentials.mint import issue_badge
from lumbung.talent.credentials.rounds import Round, award_of, issue_round
from lumbung.talent.credentials.verify import verify_badge

TARGET = 9_000_000


def write_table(path: Path, rows: int) -> None:
    rng = random.Random(2030)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["theta", "standard_error", "items", "language", "test", "taken_on", "level", "level_probability"]
        )
        for _ in range(rows):
            level = rng.choice(["foundation", "practitioner", "specialist"])
            row = [f"{rng.gauss(0, 1):.3f}", f"{rng.uniform(0.25, 0.35):.3f}", rng.randint(14, 30), "id"]
            writer.writerow([*row, "ai-capability/1", "2026-11-20", level, f"{rng.uniform(0.5, 1):.2f}"])


def cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure_issuing(folder: Path, badges: int, processes: int) -> None:
    key = SigningKey.generate()
    settings = Round(
        key.did,
        "Benchmark",
        None,
        "https://example.org/status",
        1,
        "id",
        datetime(2026, 11, 24, tzinfo=UTC),
        3,
    )
    table = folder / "results.csv"
    write_table(table, badges)
    wall, cpu = time.perf_counter(), cpu_seconds()
    summary = issue_round(table, key, settings, folder / "out", processes)
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    size = sum(path.stat().st_size for path in (folder / "out").iterdir())
    print(
        f"issued {summary['issued']:,} badges (generated results) in {wall:.1f} s on {processes} processes, {cpu:.1f} CPU-s"
    )
    print(f"  {1e6 * cpu / badges:.1f} CPU-us a badge, {size / badges:.0f} bytes a badge on disk")
    factor = TARGET / badges
    print(f"  nine million, extrapolated linearly: {factor * size / 1e9:.1f} GB;")
    print(f"    {factor * wall / 60:.1f} minutes at the pace just measured, on a machine as busy as it was;")
    print(
        f"    {factor * cpu / processes / 60:.1f} minutes where {processes} cores are free (CPU time alone)"
    )
    with (folder / "out" / "badges-1.jsonl").open("rb") as lines:
        sample = list(islice(lines, 2000))
    now = datetime(2026, 12, 1, tzinfo=UTC)
    cpu = time.process_time()
    assert all(verify_badge(line, now=now, trusted={key.did}).ok for line in sample)
    print(
        f"verified {len(sample):,} of them: {1e6 * (time.process_time() - cpu) / len(sample):.0f} CPU-us a badge"
    )


def measure_single(rounds: int) -> None:
    key = SigningKey.generate()
    from lumbung.talent.credentials import Issuer

    row = {"theta": "0.84", "standard_error": "0.29", "items": "24", "language": "id", "test": "t/1"}
    measured = award_of({**row, "taken_on": "2026-11-20"}, "id").measured
    for suite in (JCS, RDFC):
        cpu = time.process_time()
        for _ in range(rounds):
            issue_badge(
                measured, issuer=Issuer(key.did, "B"), key=key, valid_from="2026-11-24T00:00:00Z", suite=suite
            )
        print(f"one by one, {suite}: {1e6 * (time.process_time() - cpu) / rounds:.0f} CPU-us a badge")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--badges", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure_issuing(Path(folder), asked.badges, asked.processes)
    measure_single(300)


if __name__ == "__main__":
    main()
