"""A desk as people start it: the command in a process of its own, in a home of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx


class Desk:
    """A desk that runs, and somebody who came in as its owner."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home, self.folder = home, home / "desk"
        self.environment = {**os.environ, "LUMBUNG_HOME": str(home), "LUMBUNG_LANGUAGE": "en", **environment}
        self.witness = home / "witness.txt"
        self.environment |= {
            "LUMBUNG_WITNESS": str(self.witness),
            "PYTHONPATH": str(Path(__file__).parent / "desk/witness"),
        }
        self.start()
        self.owner = self.enter(self.link)

    def start(self) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{found.getsockname()[1]}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from lumbung.cli import main; main()", "desk", "--port", self.url.rpartition(":")[2]],
            env=self.environment, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert self.process.stderr is not None
        for line in self.process.stderr:
            found_link = re.search(r"http\S+", line)
            if found_link:
                self.link = found_link.group()
                break
        self.wait(lambda: self.answers())

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/", timeout=2).status_code == 401
        except httpx.TransportError:
            return False

    def enter(self, link: str) -> httpx.Client:
        """Open a link as a browser does, and return what stays signed in."""
        client = httpx.Client(base_url=self.url, follow_redirects=True, timeout=60)
        page = client.get(link)
        assert page.status_code == 200, page.text
        assert self.post(client, link, page=page).status_code == 200
        return client

    def post(
        self,
        client: httpx.Client,
        path: str,
        data: dict[str, Any] | None = None,
        files: Any = None,
        page: httpx.Response | None = None,
    ) -> httpx.Response:
        """Send a form with the token of the page it stands on."""
        page = page or client.get("/people" if path == "/people" else "/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token is not None
        return client.post(path, data={"csrfmiddlewaretoken": token.group(1), **(data or {})}, files=files)

    def kill(self) -> None:
        """What a power cut does to the desk and all its processes but the worker, which has to notice by itself."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def state(self, job: str) -> dict[str, Any]:
        import msgspec

        try:
            found: dict[str, Any] = msgspec.json.decode(
                (self.folder / "jobs" / job / "state.json").read_bytes()
            )
        except FileNotFoundError:
            return {"status": "queued"}
        return found

    def over(self, job: str, timeout: float = 240) -> dict[str, Any]:
        """Wait until a job is over and return its state."""
        self.wait(lambda: self.state(job)["status"] in ("done", "failed", "cancelled"), timeout)
        return self.state(job)

    @staticmethod
    def wait(until: Callable[[], bool], timeout: float = 60) -> None:
        end = time.monotonic() + timeout
        while not until():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.05)
