"""What must happen without anybody asking: silent runs end, standings follow their evidence, the log is signed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.management import call_command
from django.db import DatabaseError, close_old_connections

from lumbung.centre.members.log_heads import checkpoint
from lumbung.centre.members.signing import centre_key, note_own_key
from lumbung.centre.runs.queue import reap
from lumbung.centre.standings.services import refresh_standings

log = logging.getLogger(__name__)

EVERY_S = 2.0
CHECKPOINT_S = 600.0
SESSIONS_S = 86_400.0


@dataclass
class Chore:
    """Work that an app above this one wants done now and then."""

    name: str
    do: Callable[[datetime], object]
    every_s: float
    last: float = float("-inf")


_chores: list[Chore] = []


def add_chore(name: str, do: Callable[[datetime], object], *, every_s: float) -> None:
    """Have *do* called about every so many seconds; apps add theirs when they are loaded."""
    _chores.append(Chore(name, do, every_s))


def do_chores(now: datetime) -> None:
    """Do the chores that are due. A chore that fails is logged and spoils neither the others nor the house."""
    for chore in _chores:
        if time.monotonic() - chore.last >= chore.every_s:
            chore.last = time.monotonic()
            try:
                chore.do(now)
            except Exception:
                log.exception("housekeeping: %s failed", chore.name)


def keep_house(stop: threading.Event) -> None:
    """Do what is due, again and again, until *stop*. A fault of one round is logged and the next round tries again."""
    last_checkpoint = last_sessions = -SESSIONS_S
    while not stop.wait(EVERY_S):
        try:
            now = datetime.now(UTC)
            reap(now)
            refresh_standings(now)
            if time.monotonic() - last_checkpoint > CHECKPOINT_S:
                note_own_key(now)
                checkpoint(centre_key(), now)
                last_checkpoint = time.monotonic()
            if time.monotonic() - last_sessions > SESSIONS_S:
                call_command("clearsessions")
                last_sessions = time.monotonic()
            do_chores(now)
        except DatabaseError:
            log.exception("housekeeping failed")
        finally:
            close_old_connections()
