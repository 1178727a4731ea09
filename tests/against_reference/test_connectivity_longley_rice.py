"""The Irregular Terrain Model against NTIA's five point-to-point cases (published to two decimals)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lumbung.connectivity.engine.longley_rice import Climate, longley_rice_loss

pytestmark = pytest.mark.reference


def test_five_point_to_point_cases(reference: Callable[[str], Path]) -> None:
    folder = reference("connectivity/itm")
    with (folder / "p2p.csv").open(newline="") as file:
        cases = list(csv.DictReader(file))
    profiles = [
        np.array([float(value) for value in line.split(",")])
        for line in (folder / "pfls.csv").read_text().splitlines()
    ]
    assert len(cases) == len(profiles) == 5
    for case, profile in zip(cases, profiles, strict=True):
        loss = longley_rice_loss(
            profile[2 : 3 + int(profile[0])],
            profile[1],
            frequency=float(case["f__mhz"]),
            transmitter_height=float(case["h_tx__meter"]),
            receiver_height=float(case["h_rx__meter"]),
            polarization="vertical" if case["pol"] == "1" else "horizontal",
            n0=float(case["N_0"]),
            permittivity=float(case["epsilon"]),
            conductivity=float(case["sigma"]),
            climate=Climate(int(case["climate"])),
            mode=int(case["mdvar"]),
            time=float(case["time"]),
            location=float(case["location"]),
            situation=float(case["situation"]),
        )
        assert loss == pytest.approx(float(case["A__db"]), abs=0.01)
