"""A league of real processes on this machine: ``lumbung serve``, ``lumbung node run``, PostgreSQL where asked for."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

LUMBUNG = Path(sys.executable).with_name("lumbung")
PREPARE = """
import os, sys
import django; django.setup()
from datetime import UTC, datetime
from lumbung.centre.members.models import User
from lumbung.centre.members.services import *
now = datetime.now(UTC)
boss = User.objects.get(email="boss@example.org")
home = register_organisation(boss, name="Kota", country="ID", kind="public", size="large", about="", now=now)
approve_organisation(boss, home, now=now)
for name in sys.argv[1:]:
    found_team(boss, name=name, organisations=[home], now=now)
print(make_token(boss, name="live", scopes=["read", "submit", "manage"], now=now)[1])
"""


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def postgres_binaries() -> Path | None:
    """Where a PostgreSQL server is installed, if it is."""
    places = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next(
        (place for place in places if (place / "postgres").exists() and (place / "pg_isready").exists()), None
    )


class Postgres:
    """A server in a folder and on a port of its own, as a user that is not root."""

    def __init__(self) -> None:
        binaries = postgres_binaries()
        assert binaries is not None
        # Not below pytest's folder, which only its owner may enter: the server runs as another user.
        self.folder = Path(tempfile.mkdtemp(prefix="lumbung-postgres-"))
        self.binaries, self.port = binaries, free_port()
        self.user = "postgres" if _has_user("postgres") else "nobody"
        if os.getuid() == 0:
            entry = pwd.getpwnam(self.user)
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        data = self.folder / "data"
        self._as_user(binaries / "initdb", "-D", data, "-U", "lumbung", "-A", "trust", "-E", "UTF8")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://lumbung@127.0.0.1:{self.port}/lumbung"

    def start(self) -> Postgres:
        """Start, or start again after a kill: the log is replayed."""
        self.process = subprocess.Popen(
            [*self._prefix(), self.binaries / "postgres", "-D", self.folder / "data", "-p", str(self.port),
             "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"],
            stdout=subprocess.DEVNULL, stderr=(self.folder / "postgres.log").open("ab"), start_new_session=True,
        )  # fmt: skip
        wait_for(
            lambda: self._as_user(self.binaries / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port)), 60
        )
        with contextlib.suppress(subprocess.CalledProcessError):
            self._as_user(
                self.binaries / "createdb",
                "-h",
                "127.0.0.1",
                "-p",
                str(self.port),
                "-U",
                "lumbung",
                "lumbung",
            )
        return self

    def kill(self) -> None:
        """kill -9 of the whole server."""
        assert self.process is not None
        pid = self.process.pid
        workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for number in [pid, *map(int, workers)]:  # each worker is a session of its own
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait()
        for stale in (self.folder / "data").glob("postmaster.pid"):
            stale.unlink()

    def remove(self) -> None:
        """Kill it and leave nothing."""
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _prefix(self) -> list[str]:
        return (
            ["setpriv", f"--reuid={self.user}", f"--regid={_group(self.user)}", "--clear-groups"]
            if os.getuid() == 0
            else []
        )

    def _as_user(self, *words: object) -> bool:
        done = subprocess.run(
            [*self._prefix(), *map(str, words)],
            capture_output=True,
            check=False,
            cwd="/",
            env={"PATH": os.environ["PATH"]},
        )
        if done.returncode and "initdb" in str(words[0]):
            raise RuntimeError(done.stderr.decode())
        return done.returncode == 0


def _has_user(name: str) -> bool:
    with contextlib.suppress(KeyError):
        pwd.getpwnam(name)
        return True
    return False


def _group(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def wait_for(condition: Any, seconds: float) -> Any:
    """Wait until *condition* is true, or fail."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"still not so after {seconds} s: {condition}")


@dataclass
class LiveLeague:
    """Processes and the folders they live in."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    token: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def env(self, home: str) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("LUMBUNG_", "DJANGO_"))}
        return {
            **clean,
            **self.environment,
            "LUMBUNG_HOME": str(self.folder / home),
            "DJANGO_SETTINGS_MODULE": "lumbung.centre.settings",
            "LUMBUNG_PASSWORD": "averylongpassword",
        }

    def run(self, *words: object, home: str = "centre") -> str:
        done = subprocess.run(
            [LUMBUNG, *map(str, words)],
            env=self.env(home),
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def spawn(self, name: str, *words: object, home: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [LUMBUNG, *map(str, words)],
            env=self.env(home),
            stdout=log,
            stderr=log,
            cwd=self.folder,
            start_new_session=True,
        )

    def start_centre(self) -> None:
        self.spawn("centre", "serve", "--port", self.port, "--staff", "boss@example.org", home="centre")
        wait_for(self._answers, 90)

    def _answers(self) -> bool:
        assert self.processes["centre"].poll() is None, (self.folder / "centre.log").read_text()
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(self.url + "/api/challenges", timeout=2).status_code == 200
        return False

    def prepare(self, *teams: str) -> None:
        """Make an organisation, teams and a token."""
        done = subprocess.run(
            [sys.executable, "-c", PREPARE, *teams],
            env=self.env("centre"),
            capture_output=True,
            text=True,
            check=True,
        )
        self.token = done.stdout.strip()

    def call(self, method: str, path: str, **options: Any) -> Any:
        answer = httpx.request(
            method,
            f"{self.url}/api{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
            **options,
        )
        assert answer.status_code < 400, answer.text
        return answer.json()

    def fetch(self, path: str) -> bytes:
        """Return a file that the centre hands out."""
        answer = httpx.get(
            f"{self.url}/api{path}", headers={"Authorization": f"Bearer {self.token}"}, timeout=30
        )
        assert answer.status_code == 200, answer.text
        return answer.content

    def pose(self, archive: bytes) -> None:
        self.call("POST", "/challenges", data={"organisation": "kota"}, files={"archive": archive})

    def set_up_node(self, name: str, challenge: Path) -> None:
        code = self.call("POST", "/organisations/kota/enrol-node")["code"]
        self.run("node", "init", name, "--country", "ID", "--workers", "1", home=name)
        self.run("node", "accept", challenge, home=name)
        self.run("node", "join", self.url, code, home=name)

    def start_node(self, name: str) -> None:
        self.spawn(name, "node", "run", home=name)

    def kill(self, name: str) -> None:
        """kill -9 of a process and everything it started."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for name in list(self.processes):
            self.kill(name)

    def read_json(self, text: str) -> Any:
        return json.loads(text)
