"""Link budgets against what the standards' own tables and arithmetic say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lumbung.connectivity.engine.cellular import (
    CQI_64QAM,
    CQI_256QAM,
    Budget,
    Carrier,
    CellularError,
    channel_quality,
    cqi_thresholds,
    rsrp,
    rsrp_for,
    sinr,
    throughput,
)


def test_cqi_tables_are_modulation_order_times_code_rate() -> None:
    # TS 36.213 Table 7.2.3-1: QPSK up to 6, 16QAM up to 9, 64QAM up to 15; code rates in 1024ths.
    orders = [2] * 6 + [4] * 3 + [6] * 6
    rates = [78, 120, 193, 308, 449, 602, 378, 490, 616, 466, 567, 666, 772, 873, 948]
    expected = [order * rate / 1024 for order, rate in zip(orders, rates, strict=True)]
    assert pytest.approx(expected, abs=5.1e-5) == list(CQI_64QAM)
    # Table 7.2.3-2 ends with 256QAM.
    assert CQI_256QAM[-4:] == pytest.approx([8 * rate / 1024 for rate in (711, 797, 885, 948)], abs=0.6721)
    assert CQI_256QAM[-1] == pytest.approx(8 * 948 / 1024, abs=5.1e-5)


def test_power_of_one_subcarrier() -> None:
    carrier = Carrier("lte", 900.0, 10.0)
    assert carrier.subcarriers == 600
    budget = Budget(power=46.0, feeder_loss=0.0, receiver_gain=0.0, body_loss=0.0)
    expected = 46.0 - 10.0 * math.log10(600.0) + 15.0 - 120.0
    assert float(rsrp(carrier, budget, 15.0, 120.0)) == pytest.approx(expected)
    assert budget.noise(carrier) == pytest.approx(-174.0 + 10.0 * math.log10(15e3) + 9.0)


def test_without_neighbours_the_ratio_is_to_noise_and_with_them_it_falls() -> None:
    carrier, budget = Carrier(), Budget(load=1.0)
    alone = float(sinr(carrier, budget, -90.0))
    assert alone == pytest.approx(-90.0 - budget.noise(carrier))
    beside_equal = float(sinr(carrier, budget, -90.0, -90.0))
    assert beside_equal == pytest.approx(0.0, abs=0.01)
    assert float(sinr(carrier, Budget(load=0.5), -90.0, -90.0)) == pytest.approx(3.01, abs=0.01)


def test_each_threshold_gives_its_cqi() -> None:
    carrier = Carrier()
    thresholds = cqi_thresholds(carrier)
    assert (np.diff(thresholds) > 0.0).all()
    assert channel_quality(carrier, thresholds + 1e-9).tolist() == list(range(1, 16))
    assert channel_quality(carrier, thresholds - 1e-9).tolist() == list(range(15))
    assert channel_quality(carrier, [np.nan, -50.0]).tolist() == [0, 0]
    # CQI 1 within 0.6 of Shannon's bound: 0.1523 = 0.6 log2(1 + s)
    assert thresholds[0] == pytest.approx(10.0 * math.log10(2.0 ** (0.1523 / 0.6) - 1.0))


def test_peak_rates() -> None:
    # 20 MHz LTE, one layer: 1200 subcarriers x 14000 symbols/s x 5.5547 bit less 28.6 % overhead
    lte = Carrier("lte", 1800.0, 20.0)
    assert float(throughput(lte, 60.0)) == pytest.approx(1200 * 14e3 * 5.5547 * (1 - 48 / 168) * 1e-6)
    # TS 38.306's own form: 12 N_PRB / T_s x Q_m R (1 - OH)
    nr = Carrier("nr", 3500.0, 100.0, 30, modulation="256QAM", layers=2)
    symbol = 1e-3 / (14 * 2)
    assert float(throughput(nr, 60.0)) == pytest.approx(2 * 7.4063 * 273 * 12 / symbol * 0.86 * 1e-6)


def test_the_level_for_a_rate_gives_that_rate_and_no_less_does() -> None:
    carrier, budget = Carrier(), Budget()
    level = rsrp_for(carrier, budget, 2.0)
    assert float(throughput(carrier, sinr(carrier, budget, level + 1e-6))) >= 2.0
    assert float(throughput(carrier, sinr(carrier, budget, level - 1e-3))) < 2.0
    assert rsrp_for(carrier, budget, 1e6) == math.inf


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"bandwidth": 7.0}, "LTE has no channel of 7 MHz"),
        ({"technology": "nr", "bandwidth": 100.0}, "NR has no channel of 100 MHz at 15 kHz"),
        ({"technology": "gsm"}, "expected 'lte' or 'nr'"),
        ({"subcarrier_spacing": 30}, "LTE has a subcarrier spacing of 15 kHz"),
    ],
)
def test_carriers_no_standard_knows(options: dict[str, object], words: str) -> None:
    with pytest.raises(CellularError, match=words):
        Carrier(**options)


def test_load_is_a_share() -> None:
    with pytest.raises(CellularError, match="load is 50"):
        Budget(load=50.0)
