"""A case: one thing a solution is judged on, and what judging it gave.

Cases and their scores are plain data, so that they travel to worker processes. What a judge needs to draw its
pictures (`CaseScore.series`) stays on the machine that judged; only what the egress rule allows enters evidence.
"""

from __future__ import annotations

from typing import Any

import msgspec

from lumbung.proving.digest import digest_data

FIGURE_LIMIT = 1e100
"""The largest figure a case can have: of a few larger ones no variance could be taken."""


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to be judged on: a network with a seed, a site with its seasons, a region with a budget.

    Attributes
    ----------
    id : str
        Unique in its challenge, for people and globs, e.g. ``cologne1/03``.
    group : str
        What differs in kind, not by chance (the network, the region); a standing treats groups as strata.
    seed : int
        What differs by chance; ``--seeds N`` keeps the cases whose seed is below N.
    inputs : dict
        Plain data the judge needs to play the case. Never sent to a solution as it is.
    digest : str
        ``sha256:…`` over id, seed, inputs and the files they name; this is all another country sees of it.

    Examples
    --------
    >>> from lumbung.proving.case import make_case
    >>> case = make_case("cologne1/03", "cologne1", 3, {"begin": 25200})
    >>> case.group, case.digest[:15]
    ('cologne1', 'sha256:a0fff9eb')
    """

    id: str
    group: str
    seed: int
    inputs: dict[str, Any]
    digest: str


def make_case(
    id: str, group: str, seed: int, inputs: dict[str, Any], file_digests: dict[str, str] | None = None
) -> Case:
    """Build a case and its digest.

    Parameters
    ----------
    id, group, seed, inputs
        As in `Case`. Paths in *inputs* differ between machines: give the digest of what they hold instead.
    file_digests : dict of str to str, optional
        Name to ``sha256:…`` of each file the case consists of. When given, it stands for *inputs* in the digest.

    Returns
    -------
    Case
    """
    content: Any = file_digests if file_digests is not None else inputs
    return Case(id, group, seed, inputs, digest_data([id, group, seed, content]))


class CaseScore(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What judging one case gave.

    Attributes
    ----------
    case, group, seed, digest
        Copied from the case.
    metrics : dict of str to float
        Every figure the judge computes, by name; the challenge's ranking rule names the one that ranks.
    engine : str or tuple of str
        The engine and its version, e.g. ``SUMO 1.28.0``; several where a score comes out of several. Each is at most 40
        letters, digits, spaces and ``. _ + -``, since evidence names them.
    series : dict
        What the pictures need (queues over time, delay per street). Never leaves the node.
    wall_s, cpu_s : float
        Seconds the solution's processes took.
    peak_memory_bytes : int
        Most memory the solution's processes held.
    rows : int
        On how many of the owner's records the figures rest: a case may be a block of rows of a table.

    Examples
    --------
    >>> from lumbung.proving.case import make_case, score_case
    >>> case = make_case("cologne1/03", "cologne1", 3, {"begin": 25200})
    >>> score_case(case, {"delay": 31.5}, "SUMO 1.28.0").metrics
    {'delay': 31.5}
    """

    case: str
    group: str
    seed: int
    digest: str
    metrics: dict[str, float]
    engine: str | tuple[str, ...]
    series: dict[str, Any] = {}
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_bytes: int = 0
    rows: int = 1


def engines_of(score: CaseScore) -> tuple[str, ...]:
    """Return the engines that a score came out of."""
    return (score.engine,) if isinstance(score.engine, str) else score.engine


def score_case(
    case: Case,
    metrics: dict[str, float],
    engine: str | tuple[str, ...],
    series: dict[str, Any] | None = None,
    *,
    rows: int = 1,
) -> CaseScore:
    """Return the score of *case*: what a judge's ``play`` gives back."""
    return CaseScore(case.id, case.group, case.seed, case.digest, metrics, engine, series or {}, rows=rows)
