"""How long somebody waits before anything happens: `lumbung --help`, and the rooms' imports, warm.

    python benchmarks/start_up.py [--times 15]

Prints the least and the median of several starts [s], the processor time of one [s], and what else the machine was doing: on a
machine that others use, the least is nearest to what an idle one takes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

STARTS = {
    "python itself": [sys.executable, "-c", "pass"],
    "lumbung --help": [str(Path(sys.executable).with_name("lumbung")), "--help"],
    **{
        f"import lumbung.{room}": [sys.executable, "-c", f"import lumbung.{room}"]
        for room in ("farm", "connectivity", "talent", "city", "cooperation", "proving")
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=15, help="starts of each (default 15)")
    times = parser.parse_args().times
    print(f"{'':<28}{'least':>8}{'median':>8}{'processor':>11}")
    for name, command in STARTS.items():
        subprocess.run(command, check=True, capture_output=True)  # what is warm was read once
        waited, before = [], os.times()
        for _ in range(times):
            begun = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            waited.append(time.perf_counter() - begun)
        after = os.times()
        used = (
            after.children_user + after.children_system - before.children_user - before.children_system
        ) / times
        print(f"{name:<28}{min(waited):>8.3f}{statistics.median(waited):>8.3f}{used:>11.3f}")
    if hasattr(os, "getloadavg"):
        print(
            f"\nrunnable processes in the last minute: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
        )


if __name__ == "__main__":
    main()
