"""How long the centre takes for each of its pages, with as much in it as a joint centre may have.

    uv run python benchmarks/centre_pages.py [--postgresql] [--runs 20000] [--people 5000] [--organisations 500]

Every address of the table of pages (``tests/small_stage.py``) that shows something is asked for by each kind of reader who
may see it, as the application answers it: no network and no browser. Prints the slowest, and the 95th percentile over all
answers and for each page. Each page is asked once before it is measured, as a page is that somebody looked at today.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
READERS = ("visitor", "member", "admin", "staff")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument(
        "--postgresql", action="store_true", help="on a PostgreSQL of its own, started for this"
    )
    asked.add_argument("--runs", type=int, default=20_000)
    asked.add_argument("--people", type=int, default=5_000)
    asked.add_argument("--organisations", type=int, default=500)
    asked.add_argument("--times", type=int, default=12, help="how often each page is asked for")
    given = asked.parse_args()
    server = None
    with tempfile.TemporaryDirectory(prefix="lumbung-pages-") as home:
        os.environ |= {"LUMBUNG_HOME": home, "DJANGO_SETTINGS_MODULE": "lumbung.centre.settings"}
        if given.postgresql:
            from live_league import Postgres

            server = Postgres().start()
            os.environ["LUMBUNG_DATABASE_URL"] = server.url
        try:
            _measure(given, Path(home))
        finally:
            if server is not None:
                server.kill()


def _measure(given: argparse.Namespace, home: Path) -> None:
    import django
    from django.conf import settings

    django.setup()
    logging.disable(logging.WARNING)  # pages that a reader may not see
    settings.ALLOWED_HOSTS.append("testserver")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = dict.fromkeys(settings.ACCOUNT_RATE_LIMITS, "1000000/m/ip")
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", interactive=False, verbosity=0)
    from small_league import build_league
    from small_stage import PAGES, build_stage

    stage = build_stage(build_league(home), home)
    began = time.perf_counter()
    _fill(given.runs, given.people, given.organisations)
    if given.postgresql:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # what a server does by itself within a minute
    gc.collect()
    gc.freeze()  # what filling left behind is no page's to clear away
    print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
    pages = [address for (method, address), _who in PAGES.items() if method == "GET"]
    took: dict[str, list[float]] = defaultdict(list)
    processor: dict[str, list[float]] = defaultdict(list)
    for who in READERS:
        browser = stage.browser(who)
        for page in pages:
            address = page.format(**stage.names)
            if browser.get(address).status_code != 200:
                continue
            for _ in range(given.times):
                begun, used = time.perf_counter(), time.process_time()
                answer = browser.get(address)
                b"".join(answer) if answer.streaming else answer.content
                took[page].append(time.perf_counter() - begun)
                processor[page].append(time.process_time() - used)
    _tell(took, processor)


def _tell(took: dict[str, list[float]], processor: dict[str, list[float]]) -> None:
    def late(times: list[float]) -> float:
        return 1000 * statistics.quantiles(times, n=20, method="inclusive")[-1]

    rows = sorted(((late(times), late(processor[page]), page) for page, times in took.items()), reverse=True)
    everything = [one for times in took.values() for one in times]
    print(f"{len(rows)} pages, {len(everything)} answers: p95 over all {late(everything):.1f} ms")
    print(f"pages whose own p95 is over 60 ms: {sum(row[0] > 60 for row in rows)}")
    print("   p95 ms  of them processor  page")
    for wall, cpu, page in rows[:20]:
        print(f"  {wall:7.1f}            {cpu:7.1f}  {page}")


def _fill(runs: int, people: int, organisations: int) -> None:
    """Add people, organisations, teams and challenges, and runs with their evidence, dealt among the challenges."""
    import msgspec
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from django.db import transaction

    from lumbung.centre.challenges.models import Challenge, Phase
    from lumbung.centre.members.models import Country, Membership, Organisation, Team, User
    from lumbung.centre.members.names import skeleton
    from lumbung.centre.runs.models import EvidenceRecord, Node, Run, Submission
    from lumbung.centre.standings.services import refresh_standings
    from lumbung.proving.digest import digest_bytes, digest_data
    from lumbung.proving.evidence import sign
    from making_evidence import evidence_of

    rng, now, key = random.Random(1), datetime.now(UTC), Ed25519PrivateKey.generate()
    with transaction.atomic():
        users = User.objects.bulk_create(
            [User(email=f"p{i}@example.org", name=f"Person {i}", password="!") for i in range(people)]
        )
        homes = Organisation.objects.bulk_create(
            [
                Organisation(
                    slug=f"o{i}", name=f"Organisation {i}", looks=skeleton(f"Organisation {i}"), approved=True,
                    country=rng.choice(Country.values), kind="company", created=now,
                )
                for i in range(organisations)
            ]
        )  # fmt: skip
        Membership.objects.bulk_create(
            [
                Membership(
                    user=user, organisation=homes[i % len(homes)], role="member", accepted=True, created=now
                )
                for i, user in enumerate(users)
            ]
        )
        teams = Team.objects.bulk_create(
            [
                Team(
                    slug=f"t{i}", name=f"Team {i}", looks=skeleton(f"Team {i}"), captain=users[i], created=now
                )
                for i in range(people // 4)
            ]
        )
        Team.members.through.objects.bulk_create(
            [Team.members.through(team=team, user=users[i]) for i, team in enumerate(teams)]
        )
        Team.organisations.through.objects.bulk_create(
            [
                Team.organisations.through(team=team, organisation=homes[i % len(homes)])
                for i, team in enumerate(teams)
            ]
        )
        toy, node = Challenge.objects.get(slug="toy", version=1), Node.objects.order_by("pk")[0]
        phases = [toy.phases.get(slug="practice")]
        for i in range(19):
            copy = Challenge.objects.create(
                slug=f"c{i}", version=1, owner=homes[i], state="open", record={**toy.record, "id": f"c{i}"},
                digest=digest_data(i), blob=toy.blob, sector=toy.sector, home="ID", created=now,
            )  # fmt: skip
            phases.append(
                Phase.objects.create(
                    challenge=copy, slug="practice", title=phases[0].title, private=False, daily_limit=10,
                    embargo=False, position=0,
                )
            )  # fmt: skip
        handed_in = Submission.objects.bulk_create(
            [
                Submission(
                    token=f"s{i:019d}", phase=phases[i % 20], team=teams[i % (20 * 50) % len(teams)], name=f"try {i}",
                    blob=toy.blob, handed_in_by=users[i % len(teams)], digest=digest_data([i]),
                    created=now - timedelta(minutes=i),
                )
                for i in range(runs)
            ]
        )  # fmt: skip
        played = Run.objects.bulk_create(
            [
                Run(
                    token=f"r{i:019d}", submission=one, challenge=one.phase.challenge, node=node, turn=0, queued=one.created,
                    deadline=now, state="scored", ended=one.created,
                )
                for i, one in enumerate(handed_in)
            ]
        )  # fmt: skip
        records = []
        for i, run in enumerate(played):
            figures = [abs(rng.gauss(5 + i % 50 / 25, 1)) for _ in range(10)]
            piece = msgspec.structs.replace(
                evidence_of({"all": figures}, metric="mae"), submission_digest=handed_in[i].digest,
                challenge=run.challenge.slug, challenge_digest=run.challenge.digest, judge="tables.predictions",
                judge_version=toy.record["judge_version"],
            )  # fmt: skip
            envelope = sign(piece, key).decode()
            records.append(
                EvidenceRecord(
                    run=run, envelope=envelope, digest=digest_bytes(envelope.encode()), figures_digest=piece.figures_digest,
                    complete=True, score=sum(figures) / 10, groups=1, received=run.ended,
                )
            )  # fmt: skip
        EvidenceRecord.objects.bulk_create(records, batch_size=500)
        Phase.objects.filter(pk__in=[phase.pk for phase in phases]).update(evidence_count=runs // 20)
    refresh_standings(now)


if __name__ == "__main__":
    main()
