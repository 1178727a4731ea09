"""Solve a covering problem with checkpoints: what the published instances and a planner's study have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from lumbung.connectivity.engine.covering.checkpoint import load, save
from lumbung.connectivity.engine.covering.instance import read_instance
from lumbung.connectivity.engine.covering.problem import Covering
from lumbung.connectivity.engine.covering.search import Answer, Knowledge, Stage, maximise, prepare

Watch = Callable[[Stage, Knowledge], None]

SAVED_EVERY = 30.0
"""Least time between two checkpoints [s]."""


class SitingError(ValueError):
    """A study that cannot be done as asked: names the field, what was found and what to do."""


def solve_instance(
    path: Path,
    sites: int,
    radius: float,
    seconds: float,
    *,
    gap: float = 0.0,
    seed: int = 0,
    checkpoint: Path | None = None,
    watch: Watch = lambda stage, knowledge: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Answer:
    """Solve a published covering instance.

    Parameters
    ----------
    path : Path
        File of the published layout.
    sites : int
        How many sites may be built.
    radius : float
        A site reaches this far [m].
    seconds : float
        Time allowed, reading included [s]; compiling, once on a new machine, comes before it.
    gap : float
        Stop when the bound is within this share of the value.
    seed : int
    checkpoint : Path, optional
        Where to keep what is learnt; read first if it exists.
    watch : callable
        Told of every stage.
    interrupted : callable
        Asked now and then: where it says yes, the best so far is the answer.

    Returns
    -------
    Answer
        Its ``chosen`` are numbers of nodes, from 0.

    Raises
    ------
    SitingError
        Where more sites are asked for than there are nodes.
    """
    prepare()
    begun = time.monotonic()
    instance = read_instance(path)
    if not 1 <= sites <= len(instance.demand):
        raise SitingError(f"sites: asked for {sites}, {path} has {len(instance.demand)} nodes")
    problem = Covering.counting(instance.cover(radius), instance.demand, sites)
    left = max(0.0, seconds - (time.monotonic() - begun))
    return search(
        problem, left, gap=gap, seed=seed, checkpoint=checkpoint, watch=watch, interrupted=interrupted
    )


def search(
    problem: Covering,
    seconds: float,
    *,
    gap: float = 0.0,
    seed: int = 0,
    checkpoint: Path | None = None,
    watch: Watch = lambda stage, knowledge: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Answer:
    """Solve a covering problem, keeping a checkpoint now and then and at the end."""
    if checkpoint is None:
        return maximise(problem, seconds, gap, seed, watch, interrupted=interrupted)
    known = load(checkpoint, problem) if checkpoint.exists() else None
    saved = time.monotonic()
    last: list[Knowledge] = []

    def watched(stage: Stage, knowledge: Knowledge) -> None:
        nonlocal saved
        last[:] = [knowledge]
        if time.monotonic() - saved > SAVED_EVERY:
            save(checkpoint, problem, knowledge)
            saved = time.monotonic()
        watch(stage, knowledge)

    answer = maximise(problem, seconds, gap, seed, watched, known, interrupted=interrupted)
    if last:
        save(checkpoint, problem, last[0])
    return answer
