"""The centre under load, and how long a trivial federated evaluation takes, on real processes.

    uv run python benchmarks/centre_load.py [--evaluations 40] [--rows 20000]

Prints beside the figures MedPerf's, as measured on a machine of this size: a trivial evaluation takes 4.8-5.8 s wall and 3.7 CPU-s
(3 s of them client start); its Django answers a list of 32 in 5.0 CPU-ms and a create in 3.8 CPU-ms. Processor seconds are of
the centre's processes (API) or of all processes of the league (evaluation), read from /proc before and after.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from archives import archive_of, archive_of_folder
from live_league import LiveLeague, wait_for
from lumbung.proving.scaffold import new_challenge

CLIENTS = 8
TICK = os.sysconf("SC_CLK_TCK")
FILL = """
import os, sys, random
import django; django.setup()
from datetime import UTC, datetime, timedelta
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from lumbung.centre.challenges.models import Phase
from lumbung.centre.members.models import Team, User
from lumbung.centre.runs.models import EvidenceRecord, Run, Submission
from lumbung.proving.digest import digest_bytes, digest_data
from lumbung.proving.evidence import reopen_evidence, sign
rows, rng, now = int(sys.argv[1]), random.Random(1), datetime.now(UTC)
phase = Phase.objects.get(challenge__slug="toy", slug="practice")
challenge, boss, key = phase.challenge, User.objects.get(), Ed25519PrivateKey.generate()
blob = challenge.blob
with transaction.atomic():
    teams = [Team.objects.create(slug=f"t{i}", name=f"Team {i}", captain=boss, created=now) for i in range(200)]
    piece = reopen_evidence(EvidenceRecord.objects.filter(complete=True).first().envelope.encode())
    for i in range(rows):
        s = Submission.objects.create(team=teams[i % 200], phase=phase, name=f"s{i}", blob=blob, handed_in_by=boss,
            digest=digest_data(i), created=now - timedelta(days=2))
        r = Run.objects.create(submission=s, challenge=challenge, turn=0, queued=now, deadline=now, state="scored", ended=now)
        figures = [rng.gauss(5 + i % 200 / 40, 1) for _ in range(5)]
        rowset = tuple(msgspec.structs.replace(piece.rows[0], seed=n, metrics={"mae": abs(f)}) for n, f in enumerate(figures))
        p = msgspec.structs.replace(piece, rows=rowset, submission_digest=s.digest, cases_digest=digest_data("five"), case_count=5, finished_count=5)
        envelope = sign(p, key).decode()
        EvidenceRecord.objects.create(run=r, envelope=envelope, digest=digest_bytes(envelope.encode()),
            figures_digest=p.figures_digest, complete=True, score=sum(map(abs, figures)) / 5, groups=1, received=now)
    Phase.objects.filter(pk=phase.pk).update(evidence_count=rows)
from lumbung.centre.standings.services import refresh_standings
import time; t = time.perf_counter(); refresh_standings(now); print(f"standing of {rows} rows, 200 teams: {time.perf_counter() - t:.2f} s")
"""


def cpu_of(pids: list[int]) -> float:
    """Processor seconds so far of processes and their ended children."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))
    return total / TICK


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").iterdir():
            todo += map(int, (task / "children").read_text().split())
    return found


def wait_until_idle(league: LiveLeague) -> None:
    """Wait until the centre has done what the rows just filled in give it to do: its housekeeper computes the standing."""
    pids = family(league.processes["centre"].pid)
    spent = float("inf")
    while spent > 0.02:
        before = cpu_of(pids)
        time.sleep(2.5)
        spent = cpu_of(pids) - before


def hammer(league: LiveLeague, requests: int, make: object, rate: float = 0.0) -> list[float]:
    """Send requests from keep-alive clients; returns their seconds. *rate* spreads them over time."""
    lock, times, begun = threading.Lock(), [], time.perf_counter()
    numbers = iter(range(requests))

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", league.port, timeout=60)
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            if rate:
                time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            method, path, body, headers = make(number)
            sent = time.perf_counter()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            took = time.perf_counter() - sent
            assert answer.status < 400, (answer.status, path)
            with lock:
                times.append(took)

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    return times


def measure(league: LiveLeague, name: str, requests: int, make: object, note: str, rate: float = 0.0) -> None:
    pids = family(league.processes["centre"].pid)
    hammer(league, 40, make)
    before = cpu_of(pids)
    times = sorted(hammer(league, requests, make, rate))
    cpu = (cpu_of(pids) - before) / requests * 1000
    p99 = times[int(0.99 * len(times))] * 1000
    print(
        f"{name:<34} {cpu:6.2f} CPU-ms a request   p50 {statistics.median(times) * 1000:6.1f} ms   p99 {p99:6.1f} ms   {note}",
        flush=True,
    )


def evaluations(league: LiveLeague, count: int) -> None:
    """From handing in to the leaderboard's row, one after the other, with a node that waits."""
    packed = archive_of(
        {"solution.py": 'def solve(p): return {"id": p["keys"], "prediction": [1.0] * len(p["keys"])}'}
    ).getvalue()
    walls, cpus, waits = [], [], []
    for number in range(count + 2):
        pids = [p for process in league.processes.values() for p in family(process.pid)]
        before, begun = cpu_of(pids), time.perf_counter()
        fields = {"team": "padi", "challenge": "toy", "phase": "practice"}
        token = league.call("POST", "/submissions", data=fields, files={"archive": packed})["submission"]
        while (run := league.call("GET", f"/submissions/{token}")["runs"][0])["state"] != "scored":
            time.sleep(0.05)
        league.call("GET", "/challenges/toy/phases/practice/leaderboard")
        if number >= 2:  # the first ones warm the node's processes
            walls.append(time.perf_counter() - begun)
            cpus.append(cpu_of([p for p in pids if Path(f"/proc/{p}").exists()]) - before)
            queued, started = (datetime.fromisoformat(run[moment]) for moment in ("queued", "started"))
            waits.append((started - queued).total_seconds())
    print(f"trivial federated evaluation, {count} runs: wall p50 {statistics.median(walls):.2f} s (asked: at most 1.0; MedPerf 4.8-5.8), "
          f"processor p50 {statistics.median(cpus):.2f} s (asked: at most 0.5; MedPerf 3.7); the idle node took a run up within "
          f"{statistics.quantiles(waits, n=20)[-1]:.3f} s at p95 (asked: at most 1)", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--evaluations", type=int, default=40)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=400)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        league = LiveLeague(Path(scratch))
        try:
            league.start_centre()
            league.prepare("padi")
            new_challenge(league.folder / "toy")
            toml = league.folder / "toy" / "challenge.toml"
            toml.write_text(
                toml.read_text()
                .replace("blocks = 5", "blocks = 1")
                .replace("daily_limit = 20", "daily_limit = 100000")
            )
            league.pose(archive_of_folder(league.folder / "toy").getvalue())
            league.call("POST", "/challenges/toy/1/state", json={"state": "open"})
            league.set_up_node("node-a", league.folder / "toy")
            league.start_node("node-a")
            wait_for(lambda: "works for" in (league.folder / "node-a.log").read_text(), 120)
            evaluations(league, asked.evaluations)
            league.kill("node-a")
            auth = {"Authorization": f"Bearer {league.token}", "Content-Type": "application/json"}
            names = (json.dumps({"name": f"team {n}"}) for n in range(10**9))
            measure(
                league,
                "create (a team)",
                asked.requests,
                lambda n: ("POST", "/api/teams", next(names), auth),
                "asked: at most 3.8 CPU-ms; MedPerf 3.8",
            )
            done = subprocess.run([sys.executable, "-c", FILL, str(asked.rows)],
                                  env=league.env("centre"), capture_output=True, text=True)  # fmt: skip
            assert done.returncode == 0, done.stderr
            print(done.stdout.strip())
            wait_until_idle(league)
            measure(
                league,
                "list of 32 runs",
                asked.requests,
                lambda n: ("GET", "/api/runs", None, auth),
                "asked: at most 1.7 CPU-ms; MedPerf 5.0",
            )
            board = "/api/challenges/toy/phases/practice/leaderboard"
            measure(
                league,
                f"leaderboard, {asked.rows} rows, 200/s",
                2000,
                lambda n: ("GET", board, None, {}),
                "asked: p99 under 100 ms",
                200.0,
            )
        finally:
            league.stop()


if __name__ == "__main__":
    main()
