"""What a search had learnt, kept on disk so that a study of hours survives a power cut.

A checkpoint knows the problem it belongs to by a digest over all its numbers and refuses any other: a bound proven for
one problem is false for the next.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import numpy as np

from lumbung.connectivity.engine.covering.problem import Covering, Lists
from lumbung.connectivity.engine.covering.search import Knowledge


class CheckpointError(ValueError):
    """A checkpoint that cannot be read or belongs to another problem: names the file."""


def fingerprint(problem: Covering) -> str:
    """Return a digest of everything that makes the problem what it is."""
    digest = hashlib.sha256()
    for part in (
        problem.cover.indptr, problem.cover.indices, problem.weights, problem.costs, problem.groups,
        np.array([problem.budget]),
    ):  # fmt: skip
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def save(path: Path, problem: Covering, knowledge: Knowledge) -> None:
    """Write ``knowledge`` to ``path``; an older file stays whole until the new one is."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        np.savez_compressed(
            file,
            fingerprint=np.array(fingerprint(problem)),
            chosen=knowledge.chosen,
            figures=np.array([knowledge.value, knowledge.bound, float(knowledge.rounds)]),
            alive=knowledge.alive,
            forced=knowledge.forced,
            sets_indptr=knowledge.sets.indptr,
            sets_indices=knowledge.sets.indices,
        )
    partial.replace(path)


def load(path: Path, problem: Covering) -> Knowledge:
    """Read what an earlier search of the same problem had learnt.

    Raises
    ------
    CheckpointError
        Where the file is damaged or was written for another problem.
    """
    try:
        with np.load(path, allow_pickle=False) as kept:
            if str(kept["fingerprint"]) != fingerprint(problem):
                raise CheckpointError(
                    f"{path}: this checkpoint was written for another problem (other points, costs, radius or budget); "
                    "give another file, or delete it to begin anew"
                )
            value, bound, rounds = kept["figures"]
            return Knowledge(
                kept["chosen"], float(value), float(bound), kept["alive"], kept["forced"],
                Lists(kept["sets_indptr"], kept["sets_indices"]), int(rounds),
            )  # fmt: skip
    except (OSError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise CheckpointError(f"{path}: not a whole checkpoint ({error}); delete it to begin anew") from error
