"""Write capacity for others to open: villages by speed, cells by load."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lumbung.connectivity.people.demand import Demand
from lumbung.connectivity.radio.capacity import Capacity, Network


def write_speeds(
    path: Path, demand: Demand, net: Network, found: Capacity, rates: Sequence[float], label: str
) -> None:
    """Write one row per village: its cell, level, speed in the open, and people at each speed [Mbit/s]."""
    people = [demand.people * found.part_at(rate) for rate in rates]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "id", "name", "latitude", "longitude", "people", "cell", "rsrp_dbm", "cell_load", "mbit_s_alone",
                "mbit_s_busy_hour", *(f"people_at_{rate:g}_mbit_s" for rate in rates), "terrain",
            ]
        )  # fmt: skip
        for k in range(demand.size):
            cell = int(found.server[k])
            heard = (
                ["", "", "", 0, 0]
                if cell < 0
                else [
                    net.cell[cell].id, round(float(found.level[k]), 1), round(float(found.loads.needed[cell]), 3),
                    round(float(found.alone[k, 0]), 2), round(float(found.speed[k, 0]), 2),
                ]
            )  # fmt: skip
            writer.writerow(
                [
                    demand.id[k], demand.name[k], f"{demand.latitude[k]:.6f}", f"{demand.longitude[k]:.6f}",
                    f"{demand.people[k]:g}", *heard, *(round(float(at[k]), 1) for at in people), label,
                ]
            )  # fmt: skip


def write_cells(
    path: Path, demand: Demand, net: Network, found: Capacity, rates: Sequence[float], label: str
) -> None:
    """Write one row per cell: people who hear it best, load, part of their demand it carries, users at once at each speed."""
    reached = found.server >= 0
    people = np.bincount(found.server[reached], demand.people[reached], len(net.cell))
    at_once = [found.at_once(demand.people, rate) for rate in rates]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "cell", "latitude", "longitude", "height_m", "bearing_deg", "frequency_mhz", "people", "load",
                "load_needed", "demand_carried", *(f"users_at_once_at_{rate:g}_mbit_s" for rate in rates), "terrain",
            ]
        )  # fmt: skip
        for k, cell in enumerate(net.cell):
            sent, _ = net.air.ways[net.air.way[k]]
            needed = float(found.loads.needed[k])
            writer.writerow(
                [
                    cell.id, f"{cell.latitude:.6f}", f"{cell.longitude:.6f}", f"{cell.height:g}",
                    f"{cell.antennas[0].bearing:g}", f"{sent.frequency:g}", f"{people[k]:g}",
                    round(float(found.loads.load[k]), 4), round(needed, 4), round(min(1.0, 1.0 / max(needed, 1e-12)), 4),
                    *(round(float(users[k]), 1) for users in at_once), label,
                ]
            )  # fmt: skip
