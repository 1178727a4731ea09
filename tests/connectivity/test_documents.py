"""Numbers in the pages must be what the commands print."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from lumbung.connectivity.engine.building_entry import building_entry_loss
from lumbung.connectivity.engine.cellular import SHANNON_SHARE, Budget, Carrier, rsrp_for, sinr, throughput
from lumbung.connectivity.engine.measured import Calibration
from lumbung.connectivity.files.profile_files import read_profile
from lumbung.connectivity.people.traffic import busy_hour_rate
from lumbung.connectivity.radio.path_loss import location_loss, location_variability, path_report
from lumbung.connectivity.siting.backhaul import Rules, cost, routes
from lumbung.connectivity.siting.candidates import Place

PAGES = Path(__file__).resolve().parents[2] / "docs" / "connectivity"


def report(name: str, frequency: float = 900.0) -> dict[str, float]:
    profile = read_profile(PAGES / f"{name}.csv")
    return path_report(
        profile.distance, profile.height, clutter=profile.clutter, zone=profile.zone, frequency=frequency,
        transmitter_height=40.0, latitude=-8.6,
    ).losses  # fmt: skip


@pytest.mark.parametrize("name", ["flat", "wood", "hill"])
def test_the_three_paths(name: str) -> None:
    page = (PAGES / "propagation.md").read_text()
    losses = report(name)
    for term in ("lbfs", "ldp", "lb"):
        assert f"{losses[term]:.3f} dB" in page


def test_the_other_numbers_of_propagation() -> None:
    page = (PAGES / "propagation.md").read_text()
    flat = report("flat")
    assert f"{report('hill', 1800.0)['lb']:.3f} dB" in page
    assert f"{flat['lbs']:.3f} dB" in page
    assert f"{flat['lba']:.3f} dB" in page


def test_the_budget_of_coverage() -> None:
    page = (PAGES / "coverage.md").read_text()
    carrier, budget = Carrier(), Budget()
    level = budget.fixed_gain(carrier) + 15.0 - report("flat")["lb"]
    assert f"**- {-level:.1f} dBm**" in page
    assert f"{budget.noise(carrier):.1f} dBm" in page
    assert f"{level - budget.noise(carrier):.1f} dB above" in page
    behind = budget.fixed_gain(carrier) + 15.0 - report("hill")["lb"]
    assert f"{behind:.1f} dBm" in page
    assert f"{float(throughput(carrier, sinr(carrier, budget, -95.0))):.1f} Mbit/s" in page
    disturbed = sinr(carrier, budget, -95.0, -101.0)
    assert f"{float(disturbed):.1f} dB" in page
    assert f"{float(throughput(carrier, disturbed)):.1f} Mbit/s" in page
    assert f"{rsrp_for(carrier, budget, 2.0):.1f} dBm" in page
    for building in ("traditional", "thermally efficient"):
        for share in (0.5, 0.9):
            assert f"{float(building_entry_loss(900.0, share, building)):.1f}" in page
    extra = location_loss(95.0, location_variability(900.0, 1.5, 1.5, 90.0))
    assert f"{float(extra):.1f} dB more" in page


def test_the_prices_of_siting() -> None:
    """The worked chain is that of ``test_siting``, priced by the same functions."""
    page = (PAGES / "siting.md").read_text()
    rules = Rules(longest=20.0, hop_cost=10.0, satellite_cost=80.0)
    fibre, near, far = (
        Place(name, name, 0.0, km / 111.195, 40.0) for name, km in (("F", 0), ("A", 15), ("B", 30))
    )

    def paid(*sites: Place) -> float:
        return sum(100.0 + cost(route, rules) for route in routes(sites, [fibre], None, rules))

    assert f"100 + 10 = {paid(near):g}" in page and f"100 + 80 = {paid(far):g}" in page
    assert f"**{paid(near, far):g}**" in page and f"| {paid(near) + paid(far):g} |" in page


def test_the_two_cells_of_capacity() -> None:
    """The page's chain of loads, step by step, and where it ends."""
    page = (PAGES / "capacity.md").read_text()
    loads = [0.0]
    for _ in range(200):
        ratio = 100.0 / (1.0 + 20.0 * loads[-1])
        loads.append(3.0 / (6.0 * SHANNON_SHARE * math.log2(1.0 + ratio)))
    assert f"6 x 0.6 log2(101) = {3.0 / loads[1]:.1f} Mbit/s" in page
    assert f"{loads[1]:.3f} of the time" in page and f"= {100.0 / (1.0 + 20.0 * loads[1]):.1f}" in page
    assert (
        f"rate to {3.0 / loads[2]:.1f} Mbit/s" in page
        and f"{loads[2]:.3f}. So it goes on, to {loads[-1]:.3f}" in page
    )
    rate = 3.0 / loads[-1]
    assert f"{rate:.1f} x (1 - {loads[-1]:.3f}) = {rate * (1.0 - loads[-1]):.1f} Mbit/s" in page
    assert f"{1000.0 * busy_hour_rate(10.0, 0.1):.1f} kbit/s" in page


def test_the_worked_interval_of_calibration() -> None:
    page = (PAGES / "calibration.md").read_text()
    found = Calibration(
        np.array([-6.0]), np.array([0.5]), np.array([2.0]), 1.5, np.array([96]), np.array([12]), 11.0
    )
    low, high = found.interval(-100.0, 0)
    assert f"= {float(found.deviation(0)):.2f} dB" in page
    assert f"{-100.0 + found.bias[0]:.1f}, between {float(low):.1f} and {float(high):.1f}" in page
