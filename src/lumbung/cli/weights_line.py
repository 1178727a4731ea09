"""How a command sends weights to a centre: in pieces, going on where the line was cut."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from lumbung.cli.centre_line import answered

PATIENCE = 8
"""How many times in a row the line may be cut before nothing more came."""


def send_weights(
    http: httpx.Client,
    team: str,
    path: Path,
    name: str,
    digest: str,
    on_progress: Callable[[int, int], None] = lambda sent, size: None,
    pause: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Send a file unless the team keeps it already; returns what the centre says of it.

    Raises
    ------
    httpx.HTTPError
        The line is down, and stays so.
    """
    size = path.stat().st_size
    announced = {"team": team, "digest": digest, "size": size, "name": name}
    failures, most = 0, -1
    while True:
        try:
            state = answered(http.post("/weights", json=announced))
            if state["kept"]:
                return state
            with path.open("rb") as file:
                here = int(state["received"])
                while here < size:
                    on_progress(here, size)
                    file.seek(here)
                    there = f"/weights/uploads/{state['upload']}"
                    piece = file.read(int(state["piece"]))
                    before, here = (
                        here,
                        int(answered(http.put(there, params={"offset": here}, content=piece))["received"]),
                    )
                    failures = 0 if here > before else failures + 1
                    if failures > PATIENCE:
                        raise httpx.ReadError(f"the centre takes no more than {here} of {size} bytes")
                on_progress(size, size)
                return answered(http.post(f"/weights/uploads/{state['upload']}/finish", timeout=600))
        except httpx.TransportError:
            failures = 0 if (came := _received(http, announced)) > most else failures + 1
            most = max(most, came)
            if failures > PATIENCE:
                raise
            pause(min(10.0, 0.25 * 2**failures))


def _received(http: httpx.Client, announced: dict[str, Any]) -> int:
    try:
        state = http.post("/weights", json=announced).json()
        return int(state.get("received", -1))
    except (httpx.TransportError, ValueError, AttributeError):
        return -1
