"""Steps per second of the learning environment under a random policy.

Run: python benchmarks/farm_environment.py

One field and many, a step a day and a step of five days. WOFOSTGym (0.1, one field, a step a day, random policy) was
measured elsewhere at 341 steps a second; the figure stands beside ours and was not taken in this run.
"""

from __future__ import annotations

import time

import numpy as np

from lumbung.farm.environment import PlantingEnv, PlantingVectorEnv, Task

WOFOSTGYM = 341.0  # steps/s, measured elsewhere


def alone(days: int, steps: int) -> tuple[float, float]:
    """Return steps per second, by the clock and by processor time, of one field."""
    env = PlantingEnv(task=Task(days=days))
    env.reset(seed=0)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(steps)]
    clock, processor = time.perf_counter(), time.process_time()
    for action in actions:
        _, _, over, cut, _ = env.step(action)
        if over or cut:
            env.reset()
    return steps / (time.perf_counter() - clock), steps / (time.process_time() - processor)


def together(fields: int, days: int, steps: int) -> tuple[float, float]:
    """Return environment steps per second of many fields."""
    env = PlantingVectorEnv(fields, task=Task(days=days))
    env.reset(seed=0)
    rng = np.random.default_rng(0)
    actions = rng.integers([36, 4], size=(steps, fields, 2))
    clock, processor = time.perf_counter(), time.process_time()
    for action in actions:
        env.step(action)
    count = steps * fields
    return count / (time.perf_counter() - clock), count / (time.process_time() - processor)


def main() -> None:
    alone(1, 50), together(16, 1, 5)  # load the kernels
    rows = [(f"1 field, {days} day(s) a step", alone(days, 4000)) for days in (1, 5)]
    rows += [
        (f"{fields:,} fields, {days} day(s) a step", together(fields, days, 300))
        for fields in (64, 1024)
        for days in (1, 5)
    ]
    print("random policy, paddy rice IR64, measured weather of Hyderabad, one thread")
    print(f"{'':<32}{'steps/s':>12}{'per CPU second':>18}{'times WOFOSTGym':>18}")
    for name, (clock, processor) in rows:
        print(f"{name:<32}{clock:>12,.0f}{processor:>18,.0f}{clock / WOFOSTGYM:>17,.0f}x")
    print(f"WOFOSTGym, one field, a day a step: {WOFOSTGYM:g} steps/s, measured elsewhere, not in this run")


if __name__ == "__main__":
    main()
