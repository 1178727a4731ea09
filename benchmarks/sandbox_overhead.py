"""What the sandbox costs, beside bare Python over the same kind of socket, in one run.

    python benchmarks/sandbox_overhead.py [--repeats N] [--messages N]

Bare Python is the same guest program over the same socket pair, started without namespaces, filter or limits
(``trust``). Round trips are timed with both sides free to use any core, and with both on one core, where a machine
shared with others disturbs least. The CPU time of both sides together is the figure that a busy machine leaves alone.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

from lumbung.sandbox import Box, Limits, isolation_here, open_box

SOLUTION = "def step(observation):\n    return 3\n"
SMALL_OBSERVATION = {"time": 300.0, "queues": [4, 0, 7, 2, 1, 0, 3, 5], "phase": 2}


def start_ms(folder: Path, *, trust: bool) -> float:
    """Time from asking for a box until the solution is loaded [ms]."""
    began = time.perf_counter()
    box = open_box(folder, trust=trust)
    took = time.perf_counter() - began
    box.close()
    return 1e3 * took


def round_trips(box: Box, messages: int) -> float:
    """Round trips a second."""
    ask = box.ask
    began = time.perf_counter()
    for _ in range(messages):
        ask("step", SMALL_OBSERVATION)
    return messages / (time.perf_counter() - began)


def measure(folder: Path, messages: int, repeats: int, *, trust: bool) -> tuple[float, float]:
    """Return the best rate [1/s], and CPU microseconds of host and guest together for one round trip."""
    with open_box(folder, Limits(cpu_s=3600, total_s=3600), trust=trust) as box:
        round_trips(box, 1000)
        time.sleep(0.2)
        cpu_before = time.process_time() + box.usage().cpu_s
        best = max(round_trips(box, messages) for _ in range(repeats))
        time.sleep(0.2)
        cpu_s = time.process_time() + box.usage().cpu_s - cpu_before
    return best, 1e6 * cpu_s / (messages * repeats)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--messages", type=int, default=50_000)
    options = parser.parse_args()
    print(isolation_here())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "solution.py").write_text(SOLUTION)
        start_ms(folder, trust=True), start_ms(folder, trust=False)
        pairs = [
            (start_ms(folder, trust=True), start_ms(folder, trust=False)) for _ in range(options.repeats)
        ]
        bare, boxed = (sorted(column) for column in zip(*pairs, strict=True))
        print(f"start, median of {options.repeats}: bare Python {statistics.median(bare):.1f} ms, "
              f"sandbox {statistics.median(boxed):.1f} ms: "
              f"{statistics.median(b - a for a, b in pairs):.1f} ms more "
              f"(best of each: {bare[0]:.1f} and {boxed[0]:.1f}: {boxed[0] - bare[0]:.1f} ms more)")  # fmt: skip
        everywhere = os.sched_getaffinity(0)
        for label, cores in (("any core", everywhere), ("one core", {min(everywhere)})):
            os.sched_setaffinity(0, cores)
            for kind, trust in (("bare Python", True), ("sandbox", False)):
                rate, cpu_us = measure(folder, options.messages, 5, trust=trust)
                print(
                    f"round trips, {label}, best of 5: {kind:<12} {rate:>8.0f} a second, {cpu_us:.1f} us of CPU each"
                )
            os.sched_setaffinity(0, everywhere)


if __name__ == "__main__":
    main()
