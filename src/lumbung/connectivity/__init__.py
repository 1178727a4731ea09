"""Connectivity: what signal reaches whom over real terrain, and where the next towers should stand.

``basic_transmission_loss`` predicts one path or many (ITU-R P.1812), ``radial_transmission_loss`` every
receiver along a radial at once; ``coverage_map`` makes a map out of them, ``service`` and ``reception`` say which places
hear which sites, and how well. The science is in ``engine``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbung.faces import face

if TYPE_CHECKING:
    from lumbung.connectivity.engine.cellular import Carrier
    from lumbung.connectivity.engine.radials import Grid
    from lumbung.connectivity.ground.terrain import Terrain, terrain
    from lumbung.connectivity.people.demand import Demand, demand_points
    from lumbung.connectivity.radio.coverage import (
        CoverageMap,
        Reception,
        Service,
        coverage_map,
        reception,
        service,
    )
    from lumbung.connectivity.radio.path_loss import (
        PathReport,
        UnevenSpacingWarning,
        basic_transmission_loss,
        path_report,
        radial_transmission_loss,
    )
    from lumbung.connectivity.radio.sites import Site

__all__ = [
    "Carrier",
    "CoverageMap",
    "Demand",
    "Grid",
    "PathReport",
    "Reception",
    "Service",
    "Site",
    "Terrain",
    "UnevenSpacingWarning",
    "basic_transmission_loss",
    "coverage_map",
    "demand_points",
    "path_report",
    "radial_transmission_loss",
    "reception",
    "service",
    "terrain",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "engine.cellular": ("Carrier",),
        "engine.radials": ("Grid",),
        "ground.terrain": ("Terrain", "terrain"),
        "people.demand": ("Demand", "demand_points"),
        "radio.coverage": (
            "CoverageMap",
            "Reception",
            "Service",
            "coverage_map",
            "reception",
            "service",
        ),
        "radio.path_loss": (
            "PathReport",
            "UnevenSpacingWarning",
            "basic_transmission_loss",
            "path_report",
            "radial_transmission_loss",
        ),
        "radio.sites": ("Site",),
    },
)
