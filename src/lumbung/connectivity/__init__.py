"""Connectivity: what signal reaches whom over real terrain, and where the next towers should stand.

``basic_transmission_loss`` predicts one path or many (ITU-R P.1812), ``radial_transmission_loss`` every
receiver along a radial at once; ``coverage`` makes maps and lists of people served out of them. The science
is in ``engine``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lumbung.connectivity.radio.path_loss import (
        PathReport,
        UnevenSpacingWarning,
        basic_transmission_loss,
        path_report,
        radial_transmission_loss,
    )

_FACES = {
    "PathReport": "radio.path_loss",
    "UnevenSpacingWarning": "radio.path_loss",
    "basic_transmission_loss": "radio.path_loss",
    "path_report": "radio.path_loss",
    "radial_transmission_loss": "radio.path_loss",
}

__all__ = [
    "PathReport",
    "UnevenSpacingWarning",
    "basic_transmission_loss",
    "path_report",
    "radial_transmission_loss",
]


def __getattr__(name: str) -> Any:
    """Import a public name at first use: the engine compiles, and nobody pays for it before asking."""
    if name in _FACES:
        return getattr(importlib.import_module(f"lumbung.connectivity.{_FACES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
