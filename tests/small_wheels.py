"""Wheels of a few bytes, written here, and an index that serves them on this machine alone."""

from __future__ import annotations

import base64
import hashlib
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def write_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    code: str = "ANSWER = 42",
    tag: str = "py3-none-any",
    also: Mapping[str, str] | None = None,
    lies: bool = False,
) -> Path:
    """Write a wheel with one module of its name, and what else it brings; return its path."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": code,
        **(also or {}),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: here\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(text)}")
    files[f"{name}.py"] += "  # changed since" if lies else ""
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), text)
    return wheel


def hash_of(file: Path) -> str:
    """Return ``sha256:…`` of a file."""
    return "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()


def requirement(wheel: Path) -> str:
    """Return the line of ``requirements.txt`` that pins a wheel."""
    name, version, *_ = wheel.name.split("-")
    return f"{name}=={version} \\\n    --hash={hash_of(wheel)}\n"


class _Quiet(SimpleHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def index_of(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve the wheels in a folder as a simple index; gives its address, and what was asked of it."""
    for file in list(folder.iterdir()):
        if file.is_file():
            project = folder / "simple" / file.name.split("-")[0].replace("_", "-")
            project.mkdir(parents=True, exist_ok=True)
            (project / file.name).write_bytes(file.read_bytes())
            links = [
                f'<a href="{each.name}#{hash_of(each).replace(":", "=")}">{each.name}</a>'
                for each in sorted(project.iterdir())
                if each.name != "index.html"
            ]
            (project / "index.html").write_text("<!DOCTYPE html>\n" + "\n".join(links))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/simple", server.asked  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
