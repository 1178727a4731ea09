"""Seasons with nitrogen beside PCSE's WOFOST 8.1: every day of every state it reports, in the same process."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

pytest.importorskip("pcse.models")
from nitrogen_seasons import TOLERANCE, distance, random_season

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PCSE meets a newer traitlets


@pytest.fixture(scope="module", autouse=True)
def small_heap() -> Iterator[None]:
    """PCSE collects garbage after every season: what lives already need not be looked through each time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def hold(seed: int) -> None:
    season = random_season(seed)
    for name, far in distance(season).far.items():
        assert far <= TOLERANCE, f"season {seed} ({season.name}, limited by {season.limit}): {name} {far:.1e}"


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 10])
def test_a_season_agrees_with_pcse(seed: int) -> None:
    """`python benchmarks/farm_nitrogen.py --parity 300` holds three hundred, and says where the last leaf parts them."""
    hold(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(12))
def test_three_hundred_seasons_agree_with_pcse(block: int) -> None:
    for seed in range(25 * block, 25 * block + 25):
        hold(seed)
