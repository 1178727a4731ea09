"""``unshare -n python net_of_its_own.py HOME SCENARIO``: a desk on a network of its own, all its pages used, every packet seen.

The only interface is the loopback one, and the route to everywhere leads into it: whatever any program here sends to another machine,
native code too, passes before a packet socket that reads all of it. Prints JSON: packets to others, those with a canary, and that the
ear hears at all.
"""

from __future__ import annotations

import io
import json
import re
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

CANARY = "Rahasia-Kabupaten-77"
FARM = f"desa,lintang,bujur,irigasi\n{CANARY},-6.9,107.6,ya\n"


class Ear:
    """Hears every packet that goes to an address other than this machine's."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self._socket.bind(("lo", 0))
        threading.Thread(target=self._hear, daemon=True).start()

    def _hear(self) -> None:
        while True:
            packet = self._socket.recv(65535)
            kind, body = packet[12:14], packet[14:]
            if kind == b"\x08\x00" and body[16] != 127:
                self.packets.append(body)
            if kind == b"\x86\xdd" and body[24:40] != b"\0" * 15 + b"\1":
                self.packets.append(body)


def main(home: Path, scenario: Path) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "route", "add", "default", "dev", "lo"], check=True)
    ear = Ear()
    said = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    said.sendto(f"a word with {CANARY}".encode(), ("192.0.2.7", 9))
    time.sleep(0.2)
    heard = [packet for packet in ear.packets if CANARY.encode() in packet]
    ear.packets.clear()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from small_desk import Desk

    desk = Desk(home)
    try:
        pages = _use_everything(desk, scenario.read_bytes())
    finally:
        desk.stop()
    time.sleep(0.2)
    print(
        json.dumps(
            {
                "hears": len(heard), "pages": len(pages), "packets": len(ear.packets),
                "canaries": sum(CANARY.encode() in packet for packet in ear.packets),
                "shown": sum(CANARY in text for text in pages.values()),
                "broken": [page for page, text in pages.items() if text.startswith("5")],
            }
        )
    )  # fmt: skip


def _use_everything(desk: Any, scenario: bytes) -> dict[str, str]:
    """Give files with the canary to every sector, wait for the work, and open every page and file that any page leads to."""
    jobs = [
        _sent(desk, "/farm", {"first_year": "2001", "last_year": "2001", "climate": "monsoonal"}, {"table": (f"{CANARY}.csv", FARM.encode())}),
        _sent(desk, "/connectivity", {"what": "coverage", "radius": "2"}, {
            "elevation": ("S07E107.hgt", bytes(2 * 1201 * 1201)), "towers": ("t.csv", f"id,lat,lon\n{CANARY},-6.5,107.5\n".encode()),
            "villages": ("v.csv", f"name,lat,lon,people\n{CANARY},-6.501,107.501,10\n".encode()),
        }),
        _sent(desk, "/city", {"what": "signals"}, {"scenario": (f"{CANARY}.zip", _with_canary(scenario))}),
    ]  # fmt: skip
    for job in jobs:
        desk.over(job)
    desk.post(desk.owner, f"/jobs/{jobs[1]}/moved", {"tower": CANARY, "latitude": -6.51, "longitude": 107.5})
    pages: dict[str, str] = {}
    for language in ("en", "id", "zh-hans"):
        desk.owner.cookies["django_language"] = language
        waiting = ["/", *(f"/jobs/{job}" for job in jobs)]
        while waiting:
            page = waiting.pop()
            if (language + page) in pages:
                continue
            answer = desk.owner.get(page)
            pages[language + page] = (
                f"{answer.status_code} {answer.text if 'html' in answer.headers['content-type'] else ''}"
            )
            waiting += [
                found.replace("&amp;", "&")
                for found in re.findall(r'(?:href|src|hx-get)="(/[^"#]*)"', pages[language + page])
                if not found.startswith(("/static", "/enter"))
            ]
    return pages


def _with_canary(scenario: bytes) -> bytes:
    packed = io.BytesIO(scenario)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("Bandung/notes.txt", CANARY)
    return packed.getvalue()


def _sent(desk: Any, where: str, data: dict[str, str], files: dict[str, Any]) -> str:
    answer = desk.post(desk.owner, where, data, files)
    found = re.search(r"/jobs/([\w-]+)$", str(answer.url))
    assert found is not None, answer.text
    return found.group(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
