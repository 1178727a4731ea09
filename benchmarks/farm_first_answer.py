"""From a cold process to a planting calendar: 20 sites, 36 starts, 10 years, two varieties.

Run: python benchmarks/farm_first_answer.py

Writes a table of sites, runs ``lumbung farm calendar`` twice in processes of their own (the first may have to compile),
and prints how long the second took. Measured weather of Hyderabad, soils that differ.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "sites.csv"
        rows = [f"Site {k + 1},{17 + k / 50},{78 + k % 7 / 10},EC{2 + k % 4},07-15" for k in range(20)]
        table.write_text("site,latitude,longitude,soil,habitual\n" + "\n".join(rows) + "\n")
        program = "from lumbung.cli import main; main()"
        for run in ("first", "second, compile cache warm"):
            command = [sys.executable, "-c", program, "farm", "calendar", str(table), "--years", "2000-2009",
                       "--out", f"{folder}/{run[:5]}"]  # fmt: skip
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            begin = time.perf_counter()
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds = time.perf_counter() - begin
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            processor = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
            print(
                f"{run}: {seconds:.1f} s ({processor:.1f} s of processor); {done.stderr.strip().splitlines()[-1]}"
            )


if __name__ == "__main__":
    main()
