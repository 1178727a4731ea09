"""Every shipped challenge × every verdict, and every fault of the shelf, through a real centre and real nodes.

    uv run python benchmarks/spine_harness.py [--only WORD]

Prints how each piece ended, what is not as it must be, how much of what was signed verifies, nodes that died, submissions
that stalled behind a fault, and the time from a fault to its shown reason. A piece's fault is when the node noted it down,
or where it noted none when it took the run; *from the lease* is the stricter figure, less what a time-out had to wait for.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from spine import End, Spine, good_piece, judge_pieces, loading_pieces, posts, shipped_pieces

ASKED_S = 5.0


def percentile(values: list[float], share: float) -> float:
    """The value that *share* of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def main() -> None:
    """Play, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", metavar="WORD", help="Pieces whose name has this word in it.")
    only = parser.parse_args().only
    shipped, loading, judges = (
        [piece for piece in part if only in str(piece)]
        for part in (shipped_pieces(), loading_pieces(), judge_pieces())
    )
    shelf = [piece for bad in (*judges, *loading) for piece in (bad, good_piece())]
    nodes = posts(shipped, judges)
    with tempfile.TemporaryDirectory(prefix="lumbung-spine-", ignore_cleanup_errors=True) as folder:
        begun = time.monotonic()
        with Spine(Path(folder), nodes) as spine:
            print(f"a centre and {len(nodes)} nodes up in {time.monotonic() - begun:.0f} s", flush=True)
            ends = spine.play([*shipped, *shelf], patience_s=1200.0)
            tracebacks = sum("Traceback" in spine.said(name) for name in nodes)
            took = time.monotonic() - begun
    behind = [end for end in ends if end.piece.name == "behind"]
    for part, pieces in (("shipped", shipped), ("loading", loading), ("judges", judges)):
        _table(part, [end for end in ends if end.piece in pieces])
    signed = [end for end in ends if end.signed]
    faults = [end for end in ends if end.state == "faulted"]
    print(f"signed           {len(signed)}, of these verified {sum(end.verified for end in signed)}")
    print(f"behind a fault   {len(behind)}, of these scored {sum(end.state == 'scored' for end in behind)}")
    print(f"nodes that died  {sum(spine.deaths.values())}; logs with a traceback {tracebacks}")
    for name, values in (
        ("fault to reason", [end.after_fault_s for end in faults]),
        ("lease to reason", [end.after_lease_s - end.waited_s for end in faults]),
    ):
        if values:
            print(
                f"{name}  median {statistics.median(values):.2f} s, p95 {percentile(values, 0.95):.2f} s, "
                f"most {max(values):.2f} s (asked: p95 at most {ASKED_S:g} s)"
            )
    print(f"took             {took:.0f} s")
    raise SystemExit(any(end.wrong() for end in ends) or sum(spine.deaths.values()) > 0)


def _table(part: str, ends: list[End]) -> None:
    right = sum(not end.wrong() for end in ends)
    print(f"\n{part}: {right} of {len(ends)} as they must be")
    for end in ends:
        mark = "FAIL" if end.wrong() else "ok  "
        fate = " ".join(word for word in (end.state, end.owner, end.code, end.finding) if word)
        print(
            f"{mark}  {end.piece!s:<52} {fate:<44} {end.after_fault_s:5.2f} s  {end.reasons.get('en', '')[:70]}"
        )
        for wrong in end.wrong():
            print(f"      {wrong}")
    print()


if __name__ == "__main__":
    main()
