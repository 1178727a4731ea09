"""A generated item pool, for trying the machinery where no bank is at hand. Its items do not exist."""

from __future__ import annotations

import numpy as np

from lumbung.talent.adaptive.pool import ItemPool
from lumbung.talent.irt.parameters import ItemParameters


def generated_pool(n_items: int, seed: int = 0, guessing: float = 0.2, areas: int = 4) -> ItemPool:
    """Items with lognormal slopes (median 1.2), normal difficulties (SD 1.2), one lower asymptote, areas in turn."""
    rng = np.random.default_rng(seed)
    items = ItemParameters.logistic(
        rng.lognormal(0.2, 0.25, n_items),
        rng.normal(0, 1.2, n_items),
        guessing=np.full(n_items, guessing),
        names=[f"generated-{j + 1}" for j in range(n_items)],
    )
    return ItemPool.build(items, [f"area {j % areas + 1}" for j in range(n_items)])
