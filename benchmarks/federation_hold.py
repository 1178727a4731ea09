"""Results held for thirty days, then released or vetoed: what is lost, and what leaves.

    uv run python benchmarks/federation_hold.py [--count 100]

A real centre and the real gate of a node in one process; what is held was signed without judging. The centre's clock steps a day at a time through thirty days
while every result waits; then half of them are released and half vetoed, the node started anew in between.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DAYS = 30


def main() -> None:
    """Hold, wait, give the word, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--count", type=int, default=100, help="Results that are released; as many are vetoed."
    )
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LUMBUNG_HOME": f"{folder}/home", "DJANGO_SETTINGS_MODULE": "lumbung.centre.settings"}
        Path(folder, "home").mkdir()
        sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
        _play(Path(folder), count)


def _play(folder: Path, count: int) -> None:
    from django.conf import settings
    from django.core.management import call_command

    from federation_league import make_country
    from lumbung.centre.challenges.models import Phase
    from lumbung.centre.runs.models import EvidenceRecord, Run
    from lumbung.centre.runs.queue import reap
    from lumbung.node.folder import Budget
    from lumbung.node.gate import parcel_of
    from lumbung.proving.challenge import Egress, read_challenge
    from lumbung.proving.evidence import sign
    from lumbung.proving.job import Delivery
    from making_evidence import evidence_of
    from small_league import Api, FakeNode, build_league

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    league = build_league(folder)
    Phase.objects.update(daily_limit=100_000)
    cases = folder / "private"
    cases.mkdir()
    # What is told and what improves is another figure's matter: each result beats the one before, and the budget is large.
    plenty = Budget(1e9, 1e9, 1e9, 1e9)
    country = make_country(
        league, folder / "node", folder / "toy", cases=cases, release="hold", budget=plenty
    )
    ranking = read_challenge(folder / "toy").challenge.ranking
    node, begun = country.start(), time.monotonic()
    signer = FakeNode(Api(country.folder.token()), country.folder.signing_key(), "ID")
    egress = Egress("aggregate", 5)
    for number in range(2 * count):
        better = 5.0 * (2 * count - number)
        values = {"all": [better + each for each in (1.0, 2, 3, 4, 5)]}
        figures = evidence_of(values, egress=egress, metric="mae").aggregates
        assert league.submit(phase="final").status_code == 201
        job = signer.lease()
        assert job is not None
        piece = signer.evidence(job, {}, rows=(), aggregates=figures, case_count=5, finished_count=5)
        signed = sign(piece, country.folder.signing_key()).decode()
        node.gate.outbox.put(parcel_of(job, Delivery(job.lease, signed), egress, ranking=ranking, rows=100))
        node.gate.open()
    held = list(Run.objects.filter(state="held").order_by("pk").values_list("token", flat=True))
    print(f"held {len(held)} of {2 * count}, {time.monotonic() - begun:.0f} s")
    now = datetime.now(UTC)
    ended = sum(reap(now + timedelta(days=day)) for day in range(1, DAYS + 1))
    print(f"thirty days of a day each: {ended} ended by waiting")
    node = country.start()
    for token in held[:count]:
        node.gate.give_word(token, veto=False)
    node.gate.open()
    scored = Run.objects.filter(token__in=held[:count], state="scored", evidence__isnull=False).count()
    print(f"released {count}: {scored} scored, {count - scored} lost")
    sent = len(country.line.wire)
    for token in held[count:]:
        node.gate.give_word(token, veto=True)
    node.gate.open()
    vetoed = Run.objects.filter(token__in=held[count:], fault_code="vetoed").count()
    print(f"vetoed {count}: {vetoed} ended so, {_told(country.line.wire[sent:])} bytes of a result left")
    print(
        f"evidence at the centre: {EvidenceRecord.objects.count()}; kept at the node: {len(node.gate.held.waiting())}"
    )
    raise SystemExit(not (len(held) == 2 * count and scored == vetoed == count))


def _told(wire: list[bytes]) -> int:
    """Count the bytes of results in what left: everything in a delivery but its lease and its fault."""
    import msgspec

    bodies: list[dict[str, Any]] = [
        msgspec.json.decode(message[message.index(b'{"lease"') :])
        for message in wire
        if b'{"lease"' in message
    ]
    return sum(
        len(msgspec.json.encode(value))
        for body in bodies
        for name, value in body.items()
        if name not in ("lease", "fault") and value
    )


if __name__ == "__main__":
    main()
