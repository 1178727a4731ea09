"""Talent: measure AI capability fairly for millions of people, watch over the test, and steer toward the target.

Nothing heavy is imported until a name is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbung.faces import face

if TYPE_CHECKING:
    from lumbung.talent.irt.ability import (
        score,
    )
    from lumbung.talent.irt.calibration import (
        Calibration,
        calibrate,
    )
    from lumbung.talent.irt.dense import (
        DenseAnswers,
    )
    from lumbung.talent.irt.sparse import (
        SparseAnswers,
    )

__all__ = [
    "Calibration",
    "DenseAnswers",
    "SparseAnswers",
    "calibrate",
    "score",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "irt.ability": ("score",),
        "irt.calibration": (
            "Calibration",
            "calibrate",
        ),
        "irt.dense": ("DenseAnswers",),
        "irt.sparse": ("SparseAnswers",),
    },
)
