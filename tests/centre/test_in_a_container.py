"""The container file is built, and its image run as compose.yaml says: what it may do, what it keeps, how it ends.

PostgreSQL and the object store are this machine's, put where compose.yaml names its own two. ``make container-check``
runs this alone; LUMBUNG_CONTAINER_BASE names another base image than the container file's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from moto.server import ThreadedMotoServer

from archives import archive_of, archive_of_folder
from live_league import PREPARE, LiveLeague, Postgres, free_port, postgres_binaries, wait_for
from lumbung.proving.scaffold import new_challenge

pytestmark = [pytest.mark.container, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
IMAGE = "localhost/lumbung-container-check"
HOST = "10.0.2.2"  # this machine's loopback, as slirp4netns shows it to a container
# A machine that is itself confined may not raise these, and podman would.
ULIMITS = ["--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096"]
ANSWER = "def solve(p):\n    return {'id': p['keys'], 'prediction': [1.0] * len(p['keys'])}\n"
STAFF, PASSWORD = "boss@example.org", "averylongpassword"


def podman(*words: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run podman; what it says is in the failure."""
    done = subprocess.run(["podman", *map(str, words)], capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"podman {words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done


def need(found: object, what: str) -> None:
    """Skip without *what*; fail where the check was asked for."""
    if not found:
        missing = f"needs {what}"
        if os.environ.get("LUMBUNG_REQUIRE_CONTAINER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)


@pytest.fixture(scope="module")
def image() -> str:
    for program in ("podman", "slirp4netns"):
        need(shutil.which(program), program)
    need(postgres_binaries(), "a PostgreSQL server (initdb, postgres)")
    base = os.environ.get("LUMBUNG_CONTAINER_BASE", "docker.io/library/python:3.12-slim")
    if (
        os.environ.get("LUMBUNG_REQUIRE_CONTAINER") != "1"
    ):  # who asks for the check lets podman fetch the base
        need(podman("image", "exists", base, check=False).returncode == 0, f"the base image {base}")
    podman(
        "build",
        "--format=docker",
        "--network=host",
        *ULIMITS,
        f"--build-arg=BASE={base}",
        f"--tag={IMAGE}",
        ROOT,
    )
    return IMAGE


@dataclass
class Stack:
    """compose.yaml's services: the centre in a container, the other two on this machine."""

    database: Postgres
    store: str
    name: str = field(default_factory=lambda: f"lumbung-check-{os.getpid()}")
    port: int = field(default_factory=free_port)

    def environment(self, service: str) -> dict[str, str]:
        """What compose.yaml gives a service, its variables filled in and its neighbours found here."""
        chosen = {
            "POSTGRES_PASSWORD": "pw",
            "STORE_PASSWORD": "pw",
            "LUMBUNG_HOSTS": "centre.example,127.0.0.1",
        }

        def fill(value: str) -> str:
            filled = re.sub(r"\$\{(\w+):[-?]([^}]*)\}", lambda m: chosen.get(m[1], m[2]), value)
            return filled.replace("@database/", f"@{HOST}:{self.database.port}/").replace(
                "http://store:9000", self.store
            )

        return {name: fill(value) for name, value in SERVICES[service]["environment"].items()}

    def options(self, service: str) -> list[str]:
        told = SERVICES[service]
        flags = [f"--env={name}={value}" for name, value in self.environment(service).items()]
        flags += [
            f"--read-only={str(told['read_only']).lower()}",
            *(f"--tmpfs={place}" for place in told["tmpfs"]),
        ]
        flags += [f"--cap-drop={each}" for each in told.get("cap_drop", [])]
        flags += [f"--security-opt={each}" for each in told.get("security_opt", [])]
        flags += [f"--volume={self.name}-{volume}" for volume in told.get("volumes", [])]
        return [*flags, *ULIMITS, "--network=slirp4netns:allow_host_loopback=true"]

    def make_bucket(self) -> None:
        podman("run", "--rm", *self.options("bucket"), IMAGE, *SERVICES["bucket"]["command"])

    def make_staff(self) -> None:
        """As an operator does once: serve with --staff, and end it when it answers."""
        self.start("--env", f"LUMBUNG_PASSWORD={PASSWORD}", words=["lumbung", "serve", "--staff", STAFF])
        wait_for(lambda: "Lumbung at" in podman("logs", self.name).stderr, 60)
        self.remove()

    def start(self, *more: str, words: list[str] | None = None) -> None:
        podman(
            "run", "--detach", f"--name={self.name}", f"--publish=127.0.0.1:{self.port}:8000",
            *self.options("centre"), *more, IMAGE, *(words or []),
        )  # fmt: skip

    def wait_until_healthy(self) -> None:
        """Hold the image's own health check, as an engine does by its clock."""
        wait_for(lambda: podman("healthcheck", "run", self.name, check=False).returncode == 0, 60)

    def inside(self, *words: object) -> str:
        return podman("exec", self.name, *words).stdout

    def stop(self) -> tuple[float, int]:
        """SIGTERM, and SIGKILL after 30 s; return how long it took [s] and what it ended with."""
        began = time.monotonic()
        podman("stop", "--time=30", self.name)
        took = time.monotonic() - began
        return took, int(podman("inspect", "--format={{.State.ExitCode}}", self.name).stdout)

    def remove(self) -> None:
        podman("rm", "--force", self.name, check=False)


@pytest.fixture(scope="module")
def stack(image: str) -> Iterator[Stack]:
    database = Postgres().start()
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    store.start()
    found = Stack(database, f"http://{HOST}:{store.get_host_and_port()[1]}")
    try:
        found.make_bucket()
        found.make_bucket()  # the second time there is one
        found.make_staff()
        found.start()
        found.wait_until_healthy()
        yield found
    finally:
        found.remove()
        podman("volume", "rm", "--force", f"{found.name}-home", check=False)
        store.stop()
        database.remove()


@dataclass
class Browser:
    """Pages as the proxy in front asks for them: by the centre's own name, and saying that TLS was spoken."""

    stack: Stack
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **form: str) -> httpx.Response:
        token = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", "")} if method == "POST" else {}
        answer = httpx.request(
            method, f"http://127.0.0.1:{self.stack.port}{path}", data={**form, **token} or None, timeout=30,
            headers={
                "Host": "centre.example", "X-Forwarded-Proto": "https", "Origin": "https://centre.example",
                "Accept-Language": "id", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            },
        )  # fmt: skip
        assert answer.status_code < 400, answer.text
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


def test_it_is_nobody_and_may_write_into_its_volume_alone(stack: Stack) -> None:
    assert stack.inside("id", "-u").strip() == "10001"
    status = stack.inside("cat", "/proc/1/status")
    assert re.search(r"CapEff:\s+0+\n", status) and re.search(r"NoNewPrivs:\s+1\n", status)
    for place in ("/opt/lumbung/x", "/etc/x", "/x"):
        assert podman("exec", stack.name, "touch", place, check=False).returncode != 0, place
    assert "lumbung serve" in stack.inside("cat", "/proc/1/cmdline").replace("\0", " "), (
        "signals reach it directly"
    )


def test_a_host_that_is_not_the_centres_is_refused_but_its_health_is_seen(stack: Stack) -> None:
    for name, expected in (("centre.example", 200), ("elsewhere.example", 400)):
        url = f"http://127.0.0.1:{stack.port}/healthz"
        assert httpx.get(url, headers={"Host": name}).status_code == expected
    stack.wait_until_healthy()
    podman("pause", stack.name)
    try:
        assert podman("healthcheck", "run", stack.name, check=False).returncode != 0, "a check that can fail"
    finally:
        podman("unpause", stack.name)


def test_a_newcomer_signs_up_in_indonesian(stack: Stack) -> None:
    person = Browser(stack)
    assert "Ajang uji" in person.ask("GET", "/").text, "catalogues are compiled at start"
    style = re.search(r'href="(/static/[^"]+\.css)"', person.ask("GET", "/accounts/signup/").text)
    assert style and person.ask("GET", style[1]).headers["content-type"].startswith("text/css")
    person.ask(
        "POST", "/accounts/signup/", email="sari@campus.example", password1=PASSWORD, password2=PASSWORD
    )
    letter = stack.inside("sh", "-c", "cat /var/lib/lumbung/mail/*")
    link = re.search(r"https://centre\.example(/accounts/confirm-email/\S+)", letter)
    assert link, letter
    person.ask("GET", link[1])
    person.ask("POST", link[1])
    person.ask("GET", "/accounts/login/")
    person.ask("POST", "/accounts/login/", login="sari@campus.example", password=PASSWORD)
    assert "sari@campus.example" in person.ask("GET", "/account/").text


def test_a_node_outside_judges_and_a_new_container_keeps_it_all(stack: Stack, tmp_path: Path) -> None:
    league = LiveLeague(tmp_path, port=stack.port)
    league.token = stack.inside(
        "env", "DJANGO_SETTINGS_MODULE=lumbung.centre.settings", "python", "-c", PREPARE, "padi"
    ).strip()
    new_challenge(tmp_path / "toy")
    league.pose(archive_of_folder(tmp_path / "toy").getvalue())
    league.call("POST", "/challenges/toy/1/state", json={"state": "open"})
    league.set_up_node("node-a", tmp_path / "toy")
    league.start_node("node-a")
    try:
        _judged(league, "first")
        before = league.call("GET", "/challenges/toy/phases/practice/leaderboard")
        assert [row["team"] for row in before["rows"]] == ["padi"], before

        took, code = stack.stop()  # while the node waits for work, its request held open
        assert (took < 10, code) == (True, 0), f"{took:.1f} s, exit code {code}"
        stack.remove()
        stack.start()
        stack.wait_until_healthy()
        assert league.call("GET", "/challenges/toy/phases/practice/leaderboard")["rows"] == before["rows"]
        _judged(league, "second")
    finally:
        league.stop()
    stack.inside("lumbung", "audit", "verify")
    kept = stack.inside("ls", "/var/lib/lumbung").split()
    assert {"keys", "secret"} <= set(kept) and "blobs" not in kept, "blobs lie in the bucket"


def _judged(league: LiveLeague, name: str) -> Any:
    fields = {"team": "padi", "challenge": "toy", "phase": "practice"}
    packed = archive_of({"solution.py": ANSWER + f"# {name}\n"}).getvalue()
    token = league.call("POST", "/submissions", data=fields, files={"archive": packed})["submission"]

    def over() -> Any:
        (run,) = league.call("GET", f"/submissions/{token}")["runs"]
        return run if run["state"] in ("scored", "faulted") else None

    run = wait_for(over, 60)
    assert run["state"] == "scored", run
    return run
