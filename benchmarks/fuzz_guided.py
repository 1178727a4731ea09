"""Bytes steered by the branches they reach, into what reads messages, deliveries, evidence, parcels and log heads.

    uv run --with atheris python benchmarks/fuzz_guided.py [--runs 20000]

Atheris ends at the first input over which a reader raises anything but its own refusal, takes more than 10 s or 2 GiB, and
keeps that input beside it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["lumbung"]):
    import msgspec

    from lumbung.node.gate import Parcel
    from lumbung.proving.evidence import EvidenceError, reopen_evidence
    from lumbung.proving.job import Delivery, Job, NodeCard, Renewal, Wanted
    from lumbung.proving.transparency import NoteError, read_head
    from lumbung.proving.unreadable import UNREADABLE
    from lumbung.sandbox.faults import BoxFault
    from lumbung.sandbox.wire import decode_frame, encode_frame, survey

RECORDS = (Delivery, Parcel, Job, NodeCard, Renewal, Wanted)
SEEDS = (
    encode_frame((1, "ok", {"id": ["a", 1, 2.5, None, True], "prediction": [[1.0], b"x"]})),
    b'{"lease":"lease-0000","envelope":"{}","fault":{"owner":"submission","code":"raised"},"pictures":[]}',
    b'{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"a","sig":"YQ=="}]}',
    b"lumbung-audit-0123456789abcdef\n12\nq1ck+bGQ0n0fYyq8qH4y1l2Yw7oJQXw9eR2r5x6o3mA=\n\n",
)


def read_all(data: bytes) -> None:
    """Give one input to every reader."""
    with suppress(BoxFault):
        decode_frame(data)
    with suppress(ValueError):
        survey(data)
    for kind in RECORDS:
        with suppress(*UNREADABLE):
            msgspec.json.decode(data, type=kind)
    with suppress(EvidenceError):
        reopen_evidence(data)
    with suppress(NoteError):
        read_head(data.decode("utf-8", "replace"))


def main() -> None:
    """Steer."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=20_000)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="lumbung-guided-") as corpus:
        for number, seed in enumerate(SEEDS):
            (Path(corpus) / str(number)).write_bytes(seed)
        told = [f"-runs={runs}", "-max_len=4096", "-rss_limit_mb=2048", "-timeout=10", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *told, corpus], read_all)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
