"""Longley-Rice beside P.1812: each difference is that of the two models over the same profile."""

from __future__ import annotations

import numpy as np
import pytest

from lumbung.connectivity.engine.cellular import Carrier
from lumbung.connectivity.engine.longley_rice import longley_rice_loss
from lumbung.connectivity.engine.radials import profile_between
from lumbung.connectivity.ground.generated_terrain import generated_islands
from lumbung.connectivity.people.demand import demand_points
from lumbung.connectivity.radio.coverage import Model, Site, coverage_map, service
from lumbung.connectivity.radio.second_opinion import differences, second_opinion


def test_both_models_see_the_same_profile() -> None:
    ground = generated_islands(3, rows=160, columns=160)
    rows, columns = np.nonzero(ground.height > 100.0)
    k = rows.size // 2
    site = Site(
        "T", ground.grid.north - rows[k] * ground.grid.step_lat, ground.grid.west + columns[k] * ground.grid.step_lon, 40.0
    )  # fmt: skip
    rng = np.random.default_rng(1)
    latitude = site.latitude + rng.uniform(-0.04, 0.04, 30)
    longitude = site.longitude + rng.uniform(-0.04, 0.04, 30)
    server = np.where(np.arange(30) < 25, 0, -1)
    found = differences(ground, [site], server, latitude, longitude, Carrier(), Model())
    assert np.isnan(found[25:]).all()
    pairs = service(ground, [site], demand_points(latitude, longitude, np.zeros(30)), Carrier(), radius=50.0)
    for place, loss in zip(pairs.demand, pairs.loss, strict=True):
        d, h, r, _, _, _ = profile_between(
            ground.engine_height(), ground.clutter, ground.zone, ground.grid, site.latitude, site.longitude,
            latitude[place], longitude[place], ground.cell_metres * 1e-3,
        )  # fmt: skip
        if place >= 25 or d[-1] < 1.0:
            assert np.isnan(found[place])
            continue
        obstacles = np.concatenate([h[:1], (h + r)[1:-1], h[-1:]])
        other = longley_rice_loss(
            obstacles,
            1000.0 * float(d[1]),
            frequency=900.0,
            transmitter_height=40.0,
            receiver_height=1.5,
            n0=325.0,
        )
        assert found[place] == pytest.approx(other - loss, abs=1e-9)


def test_the_raster_holds_land_with_signal_only() -> None:
    ground = generated_islands(3, rows=120, columns=120)
    rows, columns = np.nonzero(ground.height > 60.0)
    k = rows.size // 2
    site = Site(
        "T", ground.grid.north - rows[k] * ground.grid.step_lat, ground.grid.west + columns[k] * ground.grid.step_lon, 40.0
    )  # fmt: skip
    drawn = coverage_map(ground, [site], Carrier(), radius=5.0)
    grid, raster = second_opinion(ground, [site], drawn, Carrier(), Model(), -110.0, most_cells=400)
    every = round(grid.step_lat / drawn.grid.step_lat)
    assert every > 1 and 20 < int((~np.isnan(raster)).sum()) <= 400
    heard = drawn.rsrp[::every, ::every]
    assert not (np.isnan(heard) | (heard < -110.0))[~np.isnan(raster)].any()
