"""Weather of any kind, generated, for tests of what must hold whatever it is."""

from __future__ import annotations

import numpy as np

from lumbung.farm import Weather


def weather_of(seed: int, days: int = 260) -> Weather:
    rng = np.random.default_rng(seed)
    mean = rng.uniform(14, 30) + rng.normal(0, 2, days)
    spread = rng.uniform(2, 6, days)
    return Weather(
        "random",
        float(rng.uniform(-40, 40)),
        0.0,
        float(rng.uniform(0, 1500)),
        np.datetime64("2001-01-01"),
        mean - spread,
        mean + spread,
        rng.uniform(1e6, 30e6, days),
        rng.uniform(5, 25, days),
        rng.uniform(0, 8, days),
        np.where(rng.random(days) < rng.uniform(0, 0.9), rng.exponential(rng.uniform(1, 60), days), 0.0),
        generated=True,
    )
