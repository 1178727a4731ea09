"""kill -9 of centre, node, sandbox and database, as real processes on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time

import pytest

from archives import archive_of, archive_of_folder
from live_league import LiveLeague, Postgres, postgres_binaries, wait_for
from lumbung.proving.scaffold import new_challenge

ROUNDS = 12
SLOW = (
    "import time\n"
    "def solve(p):\n    time.sleep(0.15)\n    return {'id': p['keys'], 'prediction': [1.0] * len(p['keys'])}"
)


def boxes(league: LiveLeague) -> list[int]:
    """Sandboxes of the league's own nodes, among all there may be on this machine."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
    parent = {int(pid): int(above) for pid, above, *_ in lines}
    ours = {process.pid for process in league.processes.values()}

    def is_ours(pid: int) -> bool:
        while pid in parent and pid not in ours:
            pid = parent[pid]
        return pid in ours

    return [
        int(pid)
        for pid, _, *words in lines
        if words and "bwrap" in words[0] and "--unshare" in words[0] and is_ours(int(pid))
    ]


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_submission_ends_exactly_once_whoever_is_killed(tmp_path, database):
    rng = random.Random(database)
    environment = {"LUMBUNG_LEASE_S": "4"}
    server = None
    if database == "postgresql":
        if postgres_binaries() is None:
            pytest.skip("needs a PostgreSQL server (initdb, postgres)")
        server = Postgres().start()
        environment["LUMBUNG_DATABASE_URL"] = server.url
    league = LiveLeague(tmp_path / "league", environment)
    league.folder.mkdir()
    killed: dict[str, int] = {}
    try:
        league.start_centre()
        league.prepare("padi")
        new_challenge(league.folder / "toy")
        toml = league.folder / "toy" / "challenge.toml"
        toml.write_text(
            toml.read_text()
            .replace("blocks = 5", "blocks = 3")
            .replace("daily_limit = 20", "daily_limit = 999")
        )
        league.pose(archive_of_folder(league.folder / "toy").getvalue())
        league.call("POST", "/challenges/toy/1/state", json={"state": "open"})
        for name in ("node-a", "node-b"):
            league.set_up_node(name, league.folder / "toy")
            league.start_node(name)
        tokens = []
        for _ in range(ROUNDS):
            tokens.append(_submit(league))
            time.sleep(rng.uniform(0.3, 1.5))
            victim = rng.choice(["centre", "node-a", "node-b", "sandbox", *(["database"] if server else [])])
            _kill(league, server, victim, killed)
        states = wait_for(lambda: _all_over(league, tokens), 150)
        print(f"{database}: kills {killed}; ends {states}")
        assert sum(killed.values()) >= ROUNDS / 2
        assert all(state == "scored" or reason for state, reason in states)
        assert sum(state == "scored" for state, _ in states) >= ROUNDS / 2
        league.run("audit", "verify")
    finally:
        league.stop()
        if server is not None:
            server.remove()


@pytest.mark.slow
def test_a_centre_that_is_told_to_stop_does_not_wait_for_its_nodes(tmp_path):
    league = LiveLeague(tmp_path)
    try:
        league.start_centre()
        league.prepare("padi")
        new_challenge(tmp_path / "toy")
        league.pose(archive_of_folder(tmp_path / "toy").getvalue())
        league.call("POST", "/challenges/toy/1/state", json={"state": "open"})
        league.set_up_node("node-a", tmp_path / "toy")
        league.start_node("node-a")
        log = tmp_path / "node-a.log"
        wait_for(lambda: "works for" in log.read_text(), 60)
        time.sleep(1)  # its request for work is held open now, and would be for 20 s
        centre, began = league.processes["centre"], time.monotonic()
        centre.terminate()
        assert centre.wait(timeout=30) == 0 and time.monotonic() - began < 9
        del league.processes["centre"]
        league.start_centre()
        handed_in = [_submit(league)]
        assert wait_for(lambda: _all_over(league, handed_in), 60) == [("scored", None)], (
            "the node came back by itself"
        )
    finally:
        league.stop()


def _submit(league: LiveLeague) -> str:
    packed = archive_of({"solution.py": SLOW}).getvalue()
    fields = {"team": "padi", "challenge": "toy", "phase": "practice"}

    def once() -> str | None:
        try:
            return league.call("POST", "/submissions", data=fields, files={"archive": packed})["submission"]
        except Exception:  # the centre is just coming back
            return None

    return wait_for(once, 60)


def _kill(league: LiveLeague, server: Postgres | None, victim: str, killed: dict[str, int]) -> None:
    if victim == "sandbox":
        inside = boxes(league)
        for pid in inside[:1]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                inside = []
        killed[victim] = killed.get(victim, 0) + bool(inside)
        return
    killed[victim] = killed.get(victim, 0) + 1
    if victim == "database":
        assert server is not None
        server.kill()
        server.start()
    elif victim == "centre":
        league.kill("centre")
        league.start_centre()
    else:
        league.kill(victim)
        league.start_node(victim)


def _all_over(league: LiveLeague, tokens: list[str]) -> list[tuple[str, str | None]] | None:
    ends = []
    for token in tokens:
        (run,) = league.call("GET", f"/submissions/{token}")["runs"]
        if run["state"] not in ("scored", "faulted"):
            return None
        ends.append((run["state"], run["reason"]))
    return ends
