"""What must stay true of the engine, the judge and the challenge."""

from __future__ import annotations

import pytest
from fisheries.stock import largest_lasting_catch, next_stock

from lumbung.proving.catalogue import find_challenge
from lumbung.proving.proof import prove


def test_a_stock_left_alone_grows_to_what_the_water_can_feed():
    stock = 10.0
    for _ in range(200):
        stock = next_stock(stock, 0.0, rate=0.4, capacity=1000.0)
    assert stock == pytest.approx(1000.0)


def test_the_largest_lasting_catch_lasts_and_more_does_not():
    most = largest_lasting_catch(rate=0.4, capacity=1000.0)
    assert next_stock(500.0, most, rate=0.4, capacity=1000.0) == pytest.approx(500.0)
    stock = 500.0
    for _ in range(100):
        stock = next_stock(stock, 1.05 * most, rate=0.4, capacity=1000.0)
    assert stock == 0.0


def test_the_challenge_proves_itself():
    assert prove(find_challenge("fisheries-quota")).wrong() == []
