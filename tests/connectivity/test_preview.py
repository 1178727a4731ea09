"""A tower's preview: a few of its cells computed, nearly all of them right."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from lumbung.connectivity.engine.cellular import Budget, Carrier
from lumbung.connectivity.radio import preview as module
from lumbung.connectivity.radio.coverage import Model, Site, coverage_map, service
from lumbung.connectivity.radio.preview import preview
from lumbung.connectivity.radio.sites import CoverageError
from lumbung.connectivity.siting.generated_study import generated_study

RADIUS = 12.0


def _classes(level: np.ndarray, threshold: float) -> np.ndarray:
    return (np.nan_to_num(level, nan=-999.0) >= threshold).astype(np.uint8)


@pytest.mark.parametrize("threshold", [-85.0, -110.0])
def test_a_preview_shows_what_every_cell_would(monkeypatch: pytest.MonkeyPatch, threshold: float) -> None:
    ground, demand, *_rest = generated_study(4)
    site = Site("A", float(demand.latitude[0]), float(demand.longitude[0]), 40.0)
    sent = {"carrier": Carrier(), "budget": Budget(), "model": Model(), "radius": RADIUS}
    asked = []

    def counted(ground, sites, demand, *given, **named):  # type: ignore[no-untyped-def]
        asked.append(demand.size)
        return service(ground, sites, demand, *given, **named)

    monkeypatch.setattr(module, "service", counted)
    level, grid = preview(ground, site, **sent, classes=partial(_classes, threshold=threshold))
    exact = coverage_map(ground, [site], sent["carrier"], sent["budget"], model=sent["model"], radius=RADIUS)
    assert grid == exact.grid
    assert level.shape == exact.rsrp.shape
    # every fourth cell is the very link
    first = level[:: module.APART, :: module.APART]
    same = exact.rsrp[:: module.APART, :: module.APART]
    assert np.array_equal(first, same, equal_nan=True)
    shown, true = _classes(level, threshold), _classes(exact.rsrp, threshold)
    assert true.any()
    assert (shown != true).mean() < 0.01
    assert sum(asked) < 0.7 * level.size


def test_a_place_without_ground_is_refused() -> None:
    ground, *_rest = generated_study(4)
    with pytest.raises(CoverageError):
        preview(
            ground, Site("A", 50.0, 0.0, 40.0), Carrier(), Budget(), model=Model(), radius=RADIUS,
            classes=partial(_classes, threshold=-110.0),
        )  # fmt: skip
