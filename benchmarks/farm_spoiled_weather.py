"""How many spoiled weather files are read with a value on a day, or in a column, where it does not belong: there must be none.

Run: python benchmarks/farm_spoiled_weather.py [--files 2000]

Files in eight formats are written from a known year (tests/weather_files.py), spoiled in one of six ways (days dropped, cells
blanked, a column blanked on some days, columns swapped, cells removed, a unit changed) and read; what is read is compared with
the year day by day.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from spoiled_weather import MUTATIONS, spoil_and_read


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first file; others give other files"
    )
    choice = parser.parse_args()
    read: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    shifted = []
    for seed in range(choice.first, choice.first + choice.files):
        with tempfile.TemporaryDirectory() as folder:
            outcome = spoil_and_read(seed, Path(folder))
        (read if outcome.read else refused)[outcome.mutation] += 1
        if outcome.shifted:
            shifted.append(f"file {seed}, {outcome.name}, {outcome.mutation}: {outcome.shifted}")
    print(f"{'mutation':<28}{'read':>7}{'refused':>9}")
    for mutation in MUTATIONS:
        print(f"{mutation:<28}{read[mutation]:>7}{refused[mutation]:>9}")
    print(f"{choice.files} files, {len(shifted)} silent shifts")
    for line in shifted[:20]:
        print(f"  {line}")
    raise SystemExit(1 if shifted else 0)


if __name__ == "__main__":
    main()
