"""Surface or bare ground: what an elevation file measured, so that trees are not counted twice.

Radar and photographs see treetops: SRTM, Copernicus GLO-30, ALOS and DEMNAS are surface models. Clutter laid on top of
them would stand on the trees that are in the heights already. Where the heights are a surface, the ground is that surface
less the clutter: the profile of ground and clutter is then what was measured, and masts and telephones stand below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from lumbung.connectivity.engine.p1812.climate import SEA
from lumbung.connectivity.ground.terrain import Terrain, TerrainError

Kind = Literal["surface", "bare"]
_KNOWN = (
    (re.compile(r"[NS]\d{2}[EW]\d{3}.*\.hgt(\.gz|\.zip)?$", re.IGNORECASE), "surface", "SRTM"),
    (re.compile(r"copernicus.*dsm|glo-?30|glo-?90|cop30|cop90", re.IGNORECASE), "surface", "Copernicus DEM"),
    (re.compile(r"aw3d30|alpsmlc30|astgtm", re.IGNORECASE), "surface", "a surface model by its name"),
    (re.compile(r"demnas", re.IGNORECASE), "surface", "DEMNAS"),
    (re.compile(r"fabdem", re.IGNORECASE), "bare", "FABDEM"),
    (re.compile(r"\bdtm\b|_dtm", re.IGNORECASE), "bare", "a terrain model by its name"),
    (re.compile(r"\bdsm\b|_dsm", re.IGNORECASE), "surface", "a surface model by its name"),
)


def kind_of_files(files: Sequence[Path]) -> tuple[Kind, str] | None:
    """Return what elevation files hold by their names, and which name says so; None where names say nothing or disagree."""
    found = {_kind_of(path) for path in files}
    if len(found) != 1:
        return None
    return found.pop()


def _kind_of(path: Path) -> tuple[Kind, str] | None:
    for pattern, kind, name in _KNOWN:
        if pattern.search(path.name):
            return ("surface" if kind == "surface" else "bare"), name
    return None


def asked_kind(files: Sequence[Path], given: Kind | None) -> tuple[Kind, str]:
    """Return whether heights are a surface or bare ground, and how that is known.

    Raises
    ------
    TerrainError
        Where neither the user nor the files' names say.
    """
    if given is not None:
        return given, "as you say"
    known = kind_of_files(files)
    if known is None:
        raise TerrainError(
            "land cover is given, and the elevation may already hold the trees: say --elevation-kind surface (radar and "
            "photographs see treetops) or --elevation-kind bare (a terrain model, bare earth)"
        )
    return known


def bare_below(ground: Terrain, kind: Kind, how: str) -> Terrain:
    """Return terrain with clutter whose heights are those of bare ground.

    Parameters
    ----------
    ground : Terrain
        With its land cover laid on.
    kind : str
        What its heights were measured at.
    how : str
        How that is known, for the notes.
    """
    if kind == "bare":
        note = f"heights are those of bare ground ({how}); clutter stands on top of them"
        return replace(ground, notes=(*ground.notes, note))
    land = ground.zone != SEA
    height = np.where(land, ground.height - ground.clutter, ground.height).astype(np.float32)
    note = (
        f"heights are those of a surface ({how}): clutter is taken as part of them, the ground lies below it"
    )
    return replace(ground, height=height, notes=(*ground.notes, note))
