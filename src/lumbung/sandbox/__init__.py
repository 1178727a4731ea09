"""Runs a stranger's program within limits. Imports nothing else of ours.

::

    with open_box(Path("my-solution"), Limits(message_s=2.0)) as box:
        plan = box.ask("solve", {"budget": 20})

``docs/sandbox/theory-of-operation.md`` tells how it holds; ``lumbung sandbox check`` shows that it does.
"""

from __future__ import annotations

from lumbung.sandbox.box import Box, open_box
from lumbung.sandbox.enclosure import Openings
from lumbung.sandbox.faults import FAULT_CODES, BoxFault, RequestTooLong, SandboxUnavailable
from lumbung.sandbox.limits import Isolation, Limits, Usage

__all__ = [
    "FAULT_CODES",
    "Box",
    "BoxFault",
    "Isolation",
    "Limits",
    "Openings",
    "RequestTooLong",
    "SandboxUnavailable",
    "Usage",
    "open_box",
]
