"""Runs a stranger's program within limits. Imports nothing else of ours.

::

    with open_box(Path("my-solution"), Limits(message_s=2.0)) as box:
        plan = box.ask("solve", {"budget": 20})

``docs/sandbox/theory-of-operation.md`` tells how it holds; ``lumbung sandbox check`` shows that it does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from lumbung.sandbox.box import Box, isolation_here, open_box
from lumbung.sandbox.enclosure import Openings
from lumbung.sandbox.faults import FAULT_CODES, BoxFault, RequestTooLong, SandboxUnavailable
from lumbung.sandbox.limits import Isolation, Limits, Usage
from lumbung.sandbox.programs import Program

if TYPE_CHECKING:
    from lumbung.sandbox.attacks import (
        ADVICE,
        AttackResult,
        attack_names,
        check_sandbox,
        ensure_sandbox,
        run_attack,
    )
    from lumbung.sandbox.parcels import ParcelError, ParcelLimits, digest_folder, unpack

# Imported at first use: opening a box needs neither the archive formats nor the self-test.
_LATER = dict.fromkeys(
    ("ADVICE", "AttackResult", "attack_names", "check_sandbox", "ensure_sandbox", "run_attack"), "attacks"
) | dict.fromkeys(("ParcelError", "ParcelLimits", "digest_folder", "unpack"), "parcels")

__all__ = [
    "ADVICE",
    "FAULT_CODES",
    "AttackResult",
    "Box",
    "BoxFault",
    "Isolation",
    "Limits",
    "Openings",
    "ParcelError",
    "ParcelLimits",
    "Program",
    "RequestTooLong",
    "SandboxUnavailable",
    "Usage",
    "attack_names",
    "check_sandbox",
    "digest_folder",
    "ensure_sandbox",
    "isolation_here",
    "open_box",
    "run_attack",
    "unpack",
]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LATER[name]}"), name)
