"""A model through a centre and its nodes, and a large file over a line that is cut: real processes on this machine.

    uv run python benchmarks/models_on_data.py upload [--mib 1024] [--cuts 20]
    uv run python benchmarks/models_on_data.py model [--runs 5]

*upload* sends a file through a proxy that cuts the connection again and again, and prints what was sent twice and by how much the server's
memory grew. *model* hands an ONNX model of 100 MB in, run by onnxruntime from wheels (PyPI, or LUMBUNG_INDEX), to a centre with two
nodes; the model is generated: it multiplies by a matrix of which one number matters.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from archives import archive_of_folder
from live_league import LiveLeague
from lumbung.cli.weights_line import send_weights
from lumbung.proving.environments.shelf import find_uv
from lumbung.proving.evidence import reopen_evidence
from lumbung.proving.scaffold import new_challenge

INDEX = os.environ.get("LUMBUNG_INDEX", "https://pypi.org/simple")
WIDE = 5000

SOLUTION = """
import os
import numpy as np
import onnxruntime


def solve(problem):
    session = onnxruntime.InferenceSession(os.environ["LUMBUNG_WEIGHTS"] + "/model.onnx")
    x = np.zeros((len(problem["inputs"]["x"]), WIDE), np.float32)
    x[:, 0] = [float(each) for each in problem["inputs"]["x"]]
    y = session.run(None, {"x": x})[0][:, 0]
    return {"id": problem["inputs"]["id"], "prediction": [float(value) for value in y]}
""".replace("WIDE", str(WIDE))


# ------------------------------------------------------------------------------------------- upload


class CuttingProxy:
    """Carries bytes to a port, and cuts the connection after every so many, so many times."""

    def __init__(self, port: int, every: int, cuts: int) -> None:
        self.port, self.every, self.left = port, every, cuts
        self.carried = self.cut = self.since = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", self.port))
            threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, counted: bool) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
                if counted:
                    self.carried += len(data)
                    self.since += len(data)
                    if self.left and self.since > self.every:
                        self.since, self.left, self.cut = 0, self.left - 1, self.cut + 1
                        break
        except OSError:
            pass
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def resident_mib(pid: int) -> float:
    """Memory of a process and all below it."""
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            status = Path(f"/proc/{one}/status").read_text()
            waiting += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
        anonymous = [line for line in status.splitlines() if line.startswith("RssAnon")]
        total += int(anonymous[0].split()[1]) / 1024 if anonymous else 0.0
    return total


def upload(mib: int, cuts: int) -> None:
    """Send a file over a line that is cut."""
    with tempfile.TemporaryDirectory() as scratch:
        league = LiveLeague(Path(scratch))
        league.start_centre()
        try:
            league.prepare("Padi")
            path, found = Path(scratch) / "model.bin", hashlib.sha256()
            with path.open("wb") as file:
                for _ in range(mib):
                    block = os.urandom(2**20)
                    found.update(block)
                    file.write(block)
            size = mib * 2**20
            proxy = CuttingProxy(league.port, int(size / (cuts + 1)), cuts)
            pid = league.processes["centre"].pid
            before = most = resident_mib(pid)
            over = threading.Event()

            def watch() -> None:
                nonlocal most
                while not over.wait(0.1):
                    most = max(most, resident_mib(pid))

            threading.Thread(target=watch, daemon=True).start()
            headers = {"Authorization": f"Bearer {league.token}"}
            asked = []
            hooks = {"request": [lambda request: asked.append(int(request.headers.get("Content-Length", 0)))]}
            begun = time.monotonic()
            with httpx.Client(
                base_url=proxy.address + "/api", headers=headers, timeout=60, event_hooks=hooks
            ) as http:
                kept = send_weights(http, "padi", path, "model.bin", f"sha256:{found.hexdigest()}")
            took = time.monotonic() - begun
            over.set()
            again, offered = (proxy.carried - size) / 2**20, (sum(asked) - size) / 2**20
            print(f"kept: {kept['kept']}, {mib} MiB in {took:.1f} s, the line was cut {proxy.cut} times")
            print(
                f"carried beyond the file's own bytes, headers included: {again:.2f} MiB ({again / max(proxy.cut, 1):.3f} a cut)"
            )
            print(
                f"offered to the line again, at most: {offered:.1f} MiB ({offered / max(proxy.cut, 1):.2f} a cut; a piece is 8 MiB)"
            )
            print(
                f"memory of the server: {before:.0f} MiB before, at most {most:.0f} MiB: {most - before:+.0f} MiB"
            )
        finally:
            league.stop()


# -------------------------------------------------------------------------------------------- model


def field(number: int, value: int | bytes) -> bytes:
    """One field of a protobuf message (https://protobuf.dev/programming-guides/encoding/)."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    """A whole number in groups of seven bits."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def onnx_model() -> bytes:
    """y = x W + 1 with W of 5000 x 5000 floats, in ONNX's ModelProto: 100 MB."""
    matrix = np.zeros((WIDE, WIDE), "<f4")
    matrix[0, 0] = 2.0

    def tensor(name: bytes, array: np.ndarray) -> bytes:
        shape = b"".join(field(1, size) for size in array.shape)
        return shape + field(2, 1) + field(8, name) + field(9, array.tobytes())

    def value(name: bytes) -> bytes:
        dimensions = field(1, field(2, b"n")) + field(1, field(1, WIDE))
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, dimensions)))

    def node(kind: bytes, *inputs: bytes, out: bytes) -> bytes:
        return b"".join(field(1, each) for each in inputs) + field(2, out) + field(4, kind)

    graph = field(1, node(b"MatMul", b"x", b"w", out=b"m")) + field(1, node(b"Add", b"m", b"b", out=b"y"))
    graph += field(2, b"line") + field(5, tensor(b"w", matrix)) + field(5, tensor(b"b", np.ones(1, "<f4")))
    graph += field(11, value(b"x")) + field(12, value(b"y"))
    return field(1, 8) + field(7, graph) + field(8, field(1, b"") + field(2, 17))


def model(runs: int) -> None:
    """Hand a model in again and again."""
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch)
        challenge, mine = here / "toy", here / "mine"
        new_challenge(challenge)
        toml = challenge / "challenge.toml"
        toml.write_text(toml.read_text().replace("daily_limit = 20", "daily_limit = 1000"))
        mine.mkdir()
        (mine / "model.onnx").write_bytes(onnx_model())
        digest = "sha256:" + hashlib.sha256((mine / "model.onnx").read_bytes()).hexdigest()
        weights = here / "model.onnx"
        shutil.move(mine / "model.onnx", weights)
        (mine / "submission.toml").write_text(
            f'[environment]\nlock = "requirements.txt"\n\n[weights]\n"model.onnx" = "{digest}"\n'
        )
        lock = [
            find_uv(),
            "pip",
            "compile",
            "-q",
            "--no-config",
            "--generate-hashes",
            "--only-binary",
            ":all:",
        ]
        lock += ["--default-index", INDEX, "-o", str(mine / "requirements.txt"), "-"]
        subprocess.run(lock, input="numpy\nonnxruntime\n", text=True, check=True)
        league = LiveLeague(here)
        league.start_centre()
        try:
            league.prepare("Padi")
            league.pose(archive_of_folder(challenge))
            league.call("POST", "/challenges/toy/1/state", json={"state": "open"})
            for name in ("node-a", "node-b"):
                league.set_up_node(name, challenge)
                league.run("node", "index", INDEX, home=name)
            league.run("weights", "add", weights, home="person")
            league.environment["LUMBUNG_INDEX"] = INDEX
            os.environ["LUMBUNG_TOKEN"] = league.token

            def hand_in(number: int) -> dict:
                (mine / "solution.py").write_text(f"# {number}\n{SOLUTION}")
                told = league.run(
                    "submit",
                    "toy",
                    mine,
                    "--team",
                    "padi",
                    "--centre",
                    league.url,
                    "--token",
                    league.token,
                    "--json",
                    home="person",
                )
                return league.read_json(told)

            evidence = {}
            for name in ("node-a", "node-b"):
                league.start_node(name)
                begun = time.monotonic()
                first = hand_in(0)
                print(
                    f"{name}: first run, environment built and weights fetched: {time.monotonic() - begun:.1f} s"
                )
                run = first["runs"][0]
                answer = httpx.get(
                    f"{league.url}/api/runs/{run['run']}/evidence",
                    headers={"Authorization": f"Bearer {league.token}"},
                )
                evidence[name] = reopen_evidence(answer.content)
                (here / f"{name}.json").write_bytes(answer.content)
                if name == "node-a":
                    league.kill(name)
            league.kill("node-b")
            league.start_node("node-a")
            took, own = [], []
            for number in range(1, runs + 1):
                begun = time.monotonic()
                state = hand_in(number)
                took.append(time.monotonic() - begun)
                assert state["runs"][0]["state"] == "scored", state
            code = (
                "import sys, time; sys.path.insert(0, sys.argv[1]); import solution; begun = time.monotonic()\n"
                "for _ in range(5): solution.solve({'inputs': {'id': list(range(40)), 'x': [1.0] * 40}})\n"
                "print(time.monotonic() - begun)"
            )
            shelf = next((here / "node-a" / "node" / "environments").glob("*/packages"))
            (here / "weights").mkdir()
            os.link(weights, here / "weights" / "model.onnx")
            for _ in range(3):
                env = {
                    "PYTHONPATH": str(shelf),
                    "LUMBUNG_WEIGHTS": str(here / "weights"),
                    "PATH": os.environ["PATH"],
                    "PYTHONDONTWRITEBYTECODE": "1",
                }
                told = subprocess.run(
                    [sys.executable, "-c", code, str(mine)], env=env, capture_output=True, text=True
                )
                own.append(float(told.stdout))
            a, b = evidence["node-a"], evidence["node-b"]
            p50, alone = statistics.median(took), statistics.median(own)
            print(
                f"handed in until scored, p50 of {runs}: {p50:.2f} s; the model alone, five cases: {alone:.2f} s; above: {p50 - alone:.2f} s"
            )
            print(
                f"two nodes agree bit for bit: {a.figures_digest == b.figures_digest}, same environment: {a.environment == b.environment}"
            )
            print(f"environment in evidence: {a.environment}")
            (mine / "solution.py").write_text(f"# 0\n{SOLUTION}")
            league.environment["LUMBUNG_INDEX"] = INDEX
            keys = here / "person" / "trusted"
            keys.mkdir(parents=True, exist_ok=True)
            for name in ("node-a",):
                shutil.copy(next((here / name / "node" / "keys").glob("*.pub")), keys / f"{name}.pub")
            env = {**league.env("person"), "LUMBUNG_INDEX": INDEX}
            from live_league import LUMBUNG

            done = subprocess.run(
                [
                    LUMBUNG,
                    "verify",
                    here / "node-a.json",
                    "--rerun",
                    "--challenge",
                    challenge,
                    "--submission",
                    mine,
                ],
                env=env,
                capture_output=True,
                text=True,
            )
            print(done.stdout.strip() or done.stderr.strip())
        finally:
            league.stop()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_subparsers(dest="what", required=True)
    sending = what.add_parser("upload")
    sending.add_argument("--mib", type=int, default=1024)
    sending.add_argument("--cuts", type=int, default=20)
    judging = what.add_parser("model")
    judging.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    upload(asked.mib, asked.cuts) if asked.what == "upload" else model(asked.runs)


if __name__ == "__main__":
    main()
