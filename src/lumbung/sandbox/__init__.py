"""Runs a stranger's program within limits. Imports nothing else of ours.

::

    with open_box(Path("my-solution"), Limits(message_s=2.0)) as box:
        plan = box.ask("solve", {"budget": 20})

``docs/sandbox/theory-of-operation.md`` tells how it holds; ``lumbung sandbox check`` shows that it does.
"""

from __future__ import annotations

from lumbung.sandbox.attacks import AttackResult, attack_names, check_sandbox, ensure_sandbox, run_attack
from lumbung.sandbox.box import Box, open_box
from lumbung.sandbox.enclosure import Openings
from lumbung.sandbox.faults import FAULT_CODES, BoxFault, RequestTooLong, SandboxUnavailable
from lumbung.sandbox.limits import Isolation, Limits, Usage
from lumbung.sandbox.parcels import ParcelError, ParcelLimits, digest_folder, unpack

__all__ = [
    "FAULT_CODES",
    "AttackResult",
    "Box",
    "BoxFault",
    "Isolation",
    "Limits",
    "Openings",
    "ParcelError",
    "ParcelLimits",
    "RequestTooLong",
    "SandboxUnavailable",
    "Usage",
    "attack_names",
    "check_sandbox",
    "digest_folder",
    "ensure_sandbox",
    "open_box",
    "run_attack",
    "unpack",
]
