"""What a command started ends with it: on SIGTERM in order, and on kill -9 all the same."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from live_league import LUMBUNG, free_port

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc and follows parents by prctl")


def started_below(folder: Path) -> list[str]:
    """The command lines of living processes whose LUMBUNG_HOME lies below *folder*."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                environment = (entry / "environ").read_bytes()
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if f"LUMBUNG_HOME={folder}".encode() in environment and line:
                found.append(line.replace(b"\0", b" ").decode())
    return found


def wait_until(what, seconds: float = 60.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.1)
    return False


def answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_of_serve_does_not_outlive_its_master(tmp_path, number):
    port = free_port()
    environment = {**os.environ, "LUMBUNG_HOME": str(tmp_path)}
    with (tmp_path / "log").open("wb") as log:
        serving = subprocess.Popen(
            [LUMBUNG, "serve", "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    assert wait_until(lambda: answers(port), 120), (tmp_path / "log").read_text()
    os.kill(serving.pid, number)
    serving.wait(timeout=60)
    assert wait_until(lambda: not started_below(tmp_path)), started_below(tmp_path)
    assert not answers(port)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_demo_leaves_nothing_running(tmp_path, number):
    words = ["demo", "--only", "resco", "--out", str(tmp_path), "--no-browser", "--no-serve"]
    with (tmp_path / "log").open("wb") as log:
        playing = subprocess.Popen([LUMBUNG, *words], stdout=log, stderr=log, start_new_session=True)
    league = tmp_path / "league"
    nodes = [league / name for name in ("simpul-demo-id", "jiedian-demo-cn")]
    try:
        assert wait_until(lambda: all(started_below(node) for node in nodes), 180), (
            tmp_path / "log"
        ).read_text()
    finally:
        os.kill(playing.pid, number)
        playing.wait(timeout=60)
    assert wait_until(lambda: not started_below(league)), started_below(league)
