"""Backup and restore as docs/centre/operations.md describes them: while the centre runs, and the log is whole after."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from archives import archive_of, archive_of_folder
from live_league import LiveLeague, wait_for
from lumbung.proving.scaffold import new_challenge

LUMBUNG = Path(sys.executable).with_name("lumbung")


@pytest.mark.slow
def test_a_backup_of_a_running_centre_restores_whole(tmp_path):
    league = LiveLeague(tmp_path / "old")
    league.folder.mkdir()
    try:
        league.start_centre()
        league.prepare("padi")
        new_challenge(league.folder / "toy")
        league.pose(archive_of_folder(league.folder / "toy").getvalue())
        league.call("POST", "/challenges/toy/1/state", json={"state": "open"})
        fields = {"team": "padi", "challenge": "toy", "phase": "practice"}
        packed = archive_of({"solution.py": "def solve(p): return {}"}).getvalue()
        token = league.call("POST", "/submissions", data=fields, files={"archive": packed})["submission"]
        wait_for(
            (league.folder / "centre" / "keys" / "signing.pub").exists, 30
        )  # made by the first housekeeping
        home, copy = league.folder / "centre", tmp_path / "new" / "centre"
        copy.mkdir(parents=True)
        with (
            sqlite3.connect(home / "centre.sqlite3") as live,
            sqlite3.connect(copy / "centre.sqlite3") as saved,
        ):
            live.backup(saved)
        shutil.copytree(home / "blobs", copy / "blobs")
        shutil.copytree(home / "keys", copy / "keys")
        shutil.copyfile(home / "secret", copy / "secret")
        (copy / "secret").chmod(0o600)
    finally:
        league.stop()
    restored = LiveLeague(tmp_path / "new", token=league.token)
    try:
        restored.start_centre()
        found = restored.call("GET", f"/submissions/{token}")
        assert found["runs"][0]["state"] == "queued" and found["digest"].startswith("sha256:")
        assert restored.call("GET", "/challenges/toy")["state"] == "open"
    finally:
        restored.stop()
    done = subprocess.run(
        [LUMBUNG, "audit", "verify"], env=restored.env("centre"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "the log holds" in done.stdout, done.stdout + done.stderr
