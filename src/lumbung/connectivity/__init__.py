"""Connectivity: what signal reaches whom over real terrain, and where the next towers should stand.

``basic_transmission_loss`` predicts one path or many (ITU-R P.1812), ``radial_transmission_loss`` every
receiver along a radial at once; ``coverage`` makes maps and lists of people served out of them. The science
is in ``engine``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbung.faces import face

if TYPE_CHECKING:
    from lumbung.connectivity.radio.path_loss import (
        PathReport,
        UnevenSpacingWarning,
        basic_transmission_loss,
        path_report,
        radial_transmission_loss,
    )

__all__ = [
    "PathReport",
    "UnevenSpacingWarning",
    "basic_transmission_loss",
    "path_report",
    "radial_transmission_loss",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "radio.path_loss": (
            "PathReport",
            "UnevenSpacingWarning",
            "basic_transmission_loss",
            "path_report",
            "radial_transmission_loss",
        ),
    },
)
