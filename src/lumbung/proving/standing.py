"""Standings: who is best, how sure that is, and who cannot be told apart.

Everything here is computed from evidence alone. The mean over cases comes with an interval, or with the word that there
are too few cases to tell (`intervals`); two solutions are compared on the very same cases (paired bootstrap), because
most of the spread is the case's and cancels out; and ranks come as ranges, so that two solutions that cannot be told
apart share one. The worst case stands beside the mean.

Sources
-------
- Resampling within strata, n - 1 of n, so that few cases per stratum do not look too sure: J. N. K. Rao and C. F. J. Wu,
  "Resampling inference with complex survey data", JASA 83 (1988), section 2.1.
- Widening of the critical value by Student's t for few cases: T. Hesterberg, "What teachers should know about the
  bootstrap", The American Statistician 69 (2015), section 5.3.
- Bonferroni's inequality in place of resampling for very few cases: O. J. Dunn, "Multiple comparisons among means", JASA
  56 (1961).
- Simultaneous confidence sets for ranks from the largest studentised difference: M. Mogstad, J. P. Romano, A. M. Shaikh
  and D. Wilhelm, "Inference for ranks", Review of Economic Studies 91 (2024), section 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from statistics import NormalDist, fmean, geometric_mean

import msgspec
import numpy as np
from numpy.typing import NDArray

from lumbung.proving.challenge import Ranking
from lumbung.proving.evidence import Evidence
from lumbung.proving.intervals import Part, intervals_of_mean, part_of_cases, part_of_means, student_quantile
from lumbung.proving.measure import Bounds, outside

RESAMPLES = 4000
FEWEST_TO_RESAMPLE = 10
PAIRS_AT_ONCE = 4_000_000

Floats = NDArray[np.float64]


class StandingError(ValueError):
    """Evidence that cannot be ranked together; says which and why.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> import msgspec
    >>> from lumbung import proving
    >>> from lumbung.proving.executors import Serial
    >>> from lumbung.proving.scaffold import new_challenge
    >>> _ = new_challenge(Path("toy"))
    >>> challenge, now = proving.read_challenge(Path("toy")), datetime(2026, 1, 1, tzinfo=UTC)
    >>> submission = proving.read_submission(Path("toy/submissions/accepted/straight-line"))
    >>> plan = proving.plan_run(challenge, submission, trust=True)
    >>> (outcomes,) = proving.play_runs([plan], Serial())
    >>> evidence = proving.conclude(plan, outcomes, started=now, finished=now)
    >>> later = msgspec.structs.replace(evidence, challenge_version=2, challenge_digest="sha256:" + 64 * "0")
    >>> try:
    ...     proving.compute_standing(
    ...         {"one": [evidence], "other": [later]}, challenge.challenge.ranking, seed=1, trusted_only=False
    ...     )
    ... except proving.StandingError as error:
    ...     print(str(error).partition(":")[0])
    ...
    evidence of different challenge_digest cannot be ranked together
    """


class Refusal(msgspec.Struct, frozen=True):
    """An evidence that does not enter a standing, and why (a code)."""

    name: str
    reason: str


class Row(msgspec.Struct, frozen=True):
    """One solution's place.

    Attributes
    ----------
    name, submission_digest : str
    mean : float
        Over groups of the mean over cases, in the metric's unit.
    low, high : float or None
        Ends of the confidence interval of `mean`; None where too few cases allow none.
    rank : int
        1 plus the number of solutions that are surely better. Solutions that cannot be told apart may share it.
    rank_low, rank_high : int
        The range of ranks the evidence allows, at the ranking's confidence, for all solutions at once.
    worst : float or None
        The worst case's figure; None where the egress rule keeps it.
    worst_case : str
    groups : dict of str to float
        The mean per group (``node/group`` where several nodes judged).
    cases : int
    few : bool
        Whether there are too few cases to tell how sure the mean is. An interval then stands only where the metric is
        bounded on both sides, and is the widest that fits what was seen.
    weakest : str
        The group with the worst mean, such as a model's weakest language; empty where there is but one group.
    """

    name: str
    submission_digest: str
    mean: float
    low: float | None
    high: float | None
    rank: int
    rank_low: int
    rank_high: int
    worst: float | None
    worst_case: str
    groups: dict[str, float]
    cases: int
    few: bool = False
    weakest: str = ""


class Standing(msgspec.Struct, frozen=True):
    """A ranking computed from evidence.

    Attributes
    ----------
    challenge, metric, better : str
    confidence : float
    paired : bool
        False where aggregates alone left a node: intervals are then wider, since cases cannot be paired.
    rows : tuple of Row
        Best first.
    refused : tuple of Refusal

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> from lumbung.proving.executors import Serial
    >>> from lumbung.proving.scaffold import new_challenge
    >>> _ = new_challenge(Path("toy"))
    >>> challenge, now = proving.read_challenge(Path("toy")), datetime(2026, 1, 1, tzinfo=UTC)
    >>> submission = proving.read_submission(Path("toy/submissions/accepted/straight-line"))
    >>> plan = proving.plan_run(challenge, submission, trust=True)
    >>> (outcomes,) = proving.play_runs([plan], Serial())
    >>> evidence = proving.conclude(plan, outcomes, started=now, finished=now)
    >>> proving.compute_standing({"straight-line": [evidence]}, challenge.challenge.ranking, seed=1, trusted_only=False)
    <Standing of toy by mae, lower is better
      1-1  straight-line  0>
    """

    challenge: str
    metric: str
    better: str
    confidence: float
    paired: bool
    rows: tuple[Row, ...]
    refused: tuple[Refusal, ...]

    def __repr__(self) -> str:
        wide = max((len(row.name) for row in self.rows), default=0)
        lines = [f"<Standing of {self.challenge} by {self.metric}, {self.better} is better"]
        for row in self.rows:
            sure = "" if row.low is None or row.high is None else f" [{row.low:.4g}, {row.high:.4g}]"
            lines.append(f"  {row.rank_low}-{row.rank_high}  {row.name:<{wide}}  {row.mean:.4g}{sure}")
        lines += [f"  refused: {refusal.name} ({refusal.reason})" for refusal in self.refused]
        return "\n".join(lines) + ">"


class _Stratum(msgspec.Struct, frozen=True):
    """Cases that differ by chance alone.

    `values` has the shape (solutions, cases) for single cases. For aggregates it is (solutions, 2): mean and standard
    error of the mean. `weight` is its share of the mean over groups, `freedom` its degrees of freedom.
    """

    values: Floats
    paired: bool
    weight: float
    freedom: int

    @property
    def mean(self) -> Floats:
        return self.values.mean(axis=1) if self.paired else self.values[:, 0]

    @property
    def cases(self) -> int:
        return self.freedom + 1

    def part(self, bounds: Bounds) -> Part:
        """Describe it for the interval of the mean."""
        if self.paired:
            return part_of_cases(self.values, self.weight, bounds)
        deviation = self.values[:, 1] * math.sqrt(self.cases)
        return part_of_means(self.values[:, 0], deviation, self.cases, self.weight)


def compute_standing(
    evidence: Mapping[str, Sequence[Evidence]],
    ranking: Ranking,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    trusted_only: bool = True,
    same_question: Collection[str] = (),
) -> Standing:
    """Rank solutions from their evidence.

    Parameters
    ----------
    evidence : mapping of name to sequence of Evidence
        For each solution one evidence per node that judged it, already verified.
    ranking : Ranking
    seed : int
        Of the resampling; the same seed gives the same standing, bit by bit.
    resamples : int
    trusted_only : bool
        Refuse evidence whose isolation is ``none``.
    same_question : collection of str
        Digests of challenges, e.g. versions that differ in their words alone, that are taken to ask the same.

    Returns
    -------
    Standing

    Raises
    ------
    StandingError
        The evidence is of different challenges, options or judges.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> from lumbung.proving.executors import Serial
    >>> from lumbung.proving.scaffold import new_challenge
    >>> _ = new_challenge(Path("toy"))
    >>> challenge, now = proving.read_challenge(Path("toy")), datetime(2026, 1, 1, tzinfo=UTC)
    >>> submission = proving.read_submission(Path("toy/submissions/accepted/straight-line"))
    >>> plan = proving.plan_run(challenge, submission, trust=True)
    >>> (outcomes,) = proving.play_runs([plan], Serial())
    >>> evidence = proving.conclude(plan, outcomes, started=now, finished=now)
    >>> standing = proving.compute_standing(
    ...     {"straight-line": [evidence]}, challenge.challenge.ranking, seed=1, trusted_only=False
    ... )
    >>> standing.rows[0].mean, standing.rows[0].rank
    (0.0, 1)
    """
    usable, refused = _sift(evidence, trusted_only)
    if not usable:
        name = next((e.challenge for many in evidence.values() for e in many), "")
        return Standing(name, ranking.metric, ranking.better, ranking.confidence, True, (), tuple(refused))
    first = _check_same_question(usable, same_question)
    usable, more = _keep_same_cases(usable)
    strata = _strata(usable, ranking)
    means = np.sum([s.weight * s.mean for s in strata], axis=0)
    draws = _draw(strata, len(usable), np.random.default_rng(seed), resamples)
    freedom = sum(stratum.freedom for stratum in strata)
    bounds = _bounds(usable, ranking)
    found = intervals_of_mean([stratum.part(bounds) for stratum in strata], bounds, ranking.confidence)
    better, worse = _count_surely(
        means if ranking.better == "lower" else -means,
        draws,
        means,
        ranking,
        freedom,
        sum(stratum.cases for stratum in strata),
    )
    rows = [
        _row(
            name,
            usable[name],
            ranking,
            means[i],
            (_or_none(found.low[i]), _or_none(found.high[i]), bool(found.few[i])),
            better[i],
            worse[i],
            len(usable),
        )
        for i, name in enumerate(usable)
    ]
    rows.sort(key=lambda row: (row.rank, row.mean if ranking.better == "lower" else -row.mean, row.name))
    return Standing(
        first.challenge, ranking.metric, ranking.better, ranking.confidence,
        all(s.paired for s in strata), tuple(rows), tuple(refused + more),
    )  # fmt: skip


def single_score(piece: Evidence, ranking: Ranking) -> tuple[float, int]:
    """Return what one complete evidence alone is worth: the mean over its groups, and how many there are.

    The mean is on the scale that is averaged (logarithms for geometric means), so that the scores of several nodes
    join as means weighted by their groups.
    """
    strata = _strata({"": [piece]}, ranking)
    groups = len(piece.aggregates) or len({row.group for row in piece.rows})
    return float(sum(stratum.weight * stratum.mean[0] for stratum in strata)), groups


def by_node(row: Row, ranking: Ranking) -> list[float]:
    """Return the mean over the groups of each node alone, in the order in which `Row.groups` numbers the nodes.

    Parameters
    ----------
    row : Row
    ranking : Ranking
        Of the challenge; its mean is taken, in the metric's unit.

    Returns
    -------
    list of float
        One for each node; empty where one node judged.
    """
    parts: dict[str, list[float]] = {}
    for label, mean in row.groups.items():
        node, several, _group = label.partition("/")
        if several:
            parts.setdefault(node, []).append(mean)
    take = geometric_mean if ranking.mean == "geometric" else fmean
    return [take(parts[node]) for node in sorted(parts, key=int)]


def _sift(
    evidence: Mapping[str, Sequence[Evidence]], trusted_only: bool
) -> tuple[dict[str, Sequence[Evidence]], list[Refusal]]:
    usable, refused = {}, []
    for name, pieces in evidence.items():
        reason = next(
            (r for r in (_why_not(piece, trusted_only) for piece in pieces) if r), "" if pieces else "missing"
        )
        if reason:
            refused.append(Refusal(name, reason))
        else:
            usable[name] = pieces
    return usable, refused


def _why_not(piece: Evidence, trusted_only: bool) -> str:
    if piece.fault is not None:
        return piece.fault.code
    if not piece.complete:
        return "incomplete"
    if trusted_only and piece.isolation.kind == "none":
        return "no_isolation"
    return ""


def _check_same_question(usable: Mapping[str, Sequence[Evidence]], same: Collection[str]) -> Evidence:
    pieces = [piece for many in usable.values() for piece in many]
    for field in ("challenge", "challenge_digest", "judge", "judge_version", "phase"):
        answers = {getattr(piece, field) for piece in pieces}
        if len(answers) > 1 and not (field == "challenge_digest" and answers <= set(same)):
            raise StandingError(
                f"evidence of different {field} cannot be ranked together: {sorted(map(str, answers))}"
            )
    return pieces[0]


def _keep_same_cases(
    usable: dict[str, Sequence[Evidence]],
) -> tuple[dict[str, Sequence[Evidence]], list[Refusal]]:
    """Keep the solutions judged on the cases, and under the options, that most were judged on."""
    sets = {
        name: tuple(sorted((piece.cases_digest, piece.options_digest, _shape(piece)) for piece in pieces))
        for name, pieces in usable.items()
    }
    counted = [*sets.values()]
    common = max(sorted(set(counted)), key=counted.count)
    kept = {name: pieces for name, pieces in usable.items() if sets[name] == common}
    return kept, [Refusal(name, "other_cases") for name in usable if name not in kept]


def _shape(piece: Evidence) -> tuple[tuple[str, int], ...]:
    """Return how many cases each group has: a node that names the same case set must also fill it."""
    counts = {aggregate.group: aggregate.cases for aggregate in piece.aggregates}
    for row in piece.rows:
        counts[row.group] = counts.get(row.group, 0) + 1
    return tuple(counts.items())


def _strata(usable: Mapping[str, Sequence[Evidence]], ranking: Ranking) -> list[_Stratum]:
    """Lay the figures out as strata, on the scale on which they are averaged (log for geometric means)."""
    names = list(usable)
    ordered = {name: sorted(usable[name], key=lambda piece: piece.cases_digest) for name in names}
    single: list[Floats] = []
    grouped: list[tuple[Floats, bool, int]] = []
    for node in range(len(ordered[names[0]])):
        pieces = [ordered[name][node] for name in names]
        for aggregates in zip(*(piece.aggregates for piece in pieces), strict=True):
            values = np.array([_mean_and_error(a, ranking) for a in aggregates])
            grouped.append((values, False, aggregates[0].cases - 1))
        for group in dict.fromkeys(row.group for row in pieces[0].rows):
            values = np.array(
                [
                    [_scaled(r.metrics[ranking.metric], ranking) for r in piece.rows if r.group == group]
                    for piece in pieces
                ]
            )
            if values.shape[1] == 1:
                single.append(values)
            else:
                grouped.append((values, True, values.shape[1] - 1))
    total = len(single) + len(grouped)
    strata = [_Stratum(values, paired, 1 / total, freedom) for values, paired, freedom in grouped]
    if single:
        # Groups of one case each are themselves the sample: without this there would be no spread to learn from.
        pooled = np.concatenate(single, axis=1)
        strata.append(_Stratum(pooled, True, len(single) / total, len(single) - 1))
    return strata


def _scaled(value: float, ranking: Ranking) -> float:
    if ranking.mean == "arithmetic":
        return value
    if value <= 0:
        raise StandingError(
            f"{ranking.metric} = {value} in some case: a geometric mean needs positive figures"
        )
    return math.log(value)


def _mean_and_error(aggregate: object, ranking: Ranking) -> tuple[float, float]:
    log = ranking.mean == "geometric"
    means, deviations = (
        (aggregate.log_mean, aggregate.log_deviation) if log else (aggregate.mean, aggregate.deviation)  # type: ignore[attr-defined]
    )
    if ranking.metric not in means:
        raise StandingError(
            f"{ranking.metric} was not positive in every case: a geometric mean needs positive figures"
        )
    count: int = aggregate.cases  # type: ignore[attr-defined]
    return means[ranking.metric], deviations[ranking.metric] / math.sqrt(count)


def _draw(strata: Sequence[_Stratum], solutions: int, rng: np.random.Generator, resamples: int) -> Floats:
    """Return resampled means, shape (resamples, solutions); the same cases for all solutions in one row."""
    total = np.zeros((resamples, solutions))
    for stratum in strata:
        if not stratum.paired:
            noise = rng.standard_normal((resamples, solutions))
            drawn = stratum.values[:, 0] + noise * stratum.values[:, 1]
        elif stratum.freedom == 0:
            drawn = np.broadcast_to(stratum.values[:, 0], (resamples, solutions))
        else:
            cases = stratum.values.shape[1]
            counts = rng.multinomial(cases - 1, np.full(cases, 1 / cases), size=resamples)
            drawn = counts @ stratum.values.T / (cases - 1)
        total += stratum.weight * drawn
    return total


def _as_student(z: float, freedom: int) -> float:
    """Return the quantile of Student's t that is as rare as *z* is under the normal.

    The tail matters: a critical value far out must widen by more than one near two.
    """
    return student_quantile(min(NormalDist().cdf(z), 1 - 1e-9), freedom)


def _bounds(usable: Mapping[str, Sequence[Evidence]], ranking: Ranking) -> Bounds:
    """Return the bounds that hold every figure of the ranking metric, on the scale that is averaged.

    The widest that any evidence declares; none where one declares none, or holds a figure outside.
    """
    low, high = -math.inf, math.inf
    declared = [piece.bounds.get(ranking.metric, (None, None)) for many in usable.values() for piece in many]
    low = min(-math.inf if end is None else end for end, _ in declared)
    high = max(math.inf if end is None else end for _, end in declared)
    found = (low if math.isfinite(low) else None, high if math.isfinite(high) else None)
    figures = [
        figure
        for many in usable.values()
        for piece in many
        for figure in (
            *(row.metrics[ranking.metric] for row in piece.rows),
            *(aggregate.mean[ranking.metric] for aggregate in piece.aggregates),
        )
    ]
    if any(outside(figure, found) for figure in figures):
        return None, None
    if ranking.mean == "arithmetic":
        return found
    return tuple(None if end is None or end <= 0 else math.log(end) for end in found)  # type: ignore[return-value]


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _count_surely(
    cost: Floats, draws: Floats, means: Floats, ranking: Ranking, freedom: int, cases: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count for each solution how many are surely better and surely worse, simultaneously over all pairs."""
    n = len(cost)
    if n == 1 or freedom == 0:
        return np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    centred = draws - means
    covariance = np.atleast_2d(np.cov(centred, rowvar=False, bias=True))
    variance = np.diag(covariance)
    error = np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2 * covariance, 0.0))
    # Rounding leaves differences of identical solutions a hair above zero: they are no difference. What a hair is, the
    # two of a pair say: by the largest of all, one absurd solution would make all others alike.
    size = np.abs(means)
    hair = 1e-12 * (1 + np.maximum(size[:, None], size[None, :]))
    error[error <= hair] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(error > 0, 1 / error, 0.0)
        largest = np.empty(len(centred))
        rows = max(1, PAIRS_AT_ONCE // (n * n))
        for start in range(0, len(centred), rows):
            block = centred[start : start + rows]
            gaps = np.abs(block[:, :, None] - block[:, None, :]) * inverse
            largest[start : start + rows] = gaps.reshape(len(block), -1).max(axis=1)
        if cases < FEWEST_TO_RESAMPLE:
            # So few cases have too few resamples to learn from: every pair is then held to its share of the error.
            critical = student_quantile(1 - (1 - ranking.confidence) / (n * (n - 1)), freedom)
        else:
            critical = _as_student(float(np.quantile(largest, ranking.confidence)), freedom)
        gap = cost[:, None] - cost[None, :]
        # One gap in every case is a sure difference where that many cases could hardly agree by chance: in sign alone
        # they would once in 2 ** (cases - 1), for each of the pairs compared.
        agree = n * (n - 1) / 2 * 0.5 ** (cases - 1) <= 1 - ranking.confidence
        sure = np.where(error > 0, gap * inverse > critical, agree & (gap > hair))
    return sure.sum(axis=1), sure.sum(axis=0)


def _row(
    name: str,
    pieces: Sequence[Evidence],
    ranking: Ranking,
    mean: float,
    interval: tuple[float | None, float | None, bool],
    surely_better: int,
    surely_worse: int,
    count: int,
) -> Row:
    back = math.exp if ranking.mean == "geometric" else float
    figures = [(row.metrics[ranking.metric], row.case) for piece in pieces for row in piece.rows]
    pick = max if ranking.better == "lower" else min
    worst = pick(figures, default=(None, ""))
    low, high, few = interval
    groups = _group_means(pieces, ranking)
    return Row(
        name,
        pieces[0].submission_digest,
        back(float(mean)),
        _end(low, back),
        _end(high, back),
        1 + int(surely_better),
        1 + int(surely_better),
        count - int(surely_worse),
        worst[0],
        worst[1],
        groups,
        sum(piece.finished_count for piece in pieces),
        few,
        pick(groups, key=lambda group: groups[group]) if len(groups) > 1 else "",
    )


def _end(end: float | None, back: Callable[[float], float]) -> float | None:
    """Return an end of an interval on the metric's own scale; None where it is beyond all numbers there."""
    try:
        return None if end is None else back(end)
    except OverflowError:
        return None


def _group_means(pieces: Sequence[Evidence], ranking: Ranking) -> dict[str, float]:
    means: dict[str, float] = {}
    several = len(pieces) > 1
    for node, piece in enumerate(sorted(pieces, key=lambda piece: piece.cases_digest)):
        prefix = f"{node + 1}/" if several else ""
        for aggregate in piece.aggregates:
            means[prefix + aggregate.group] = aggregate.mean[ranking.metric]
        for group in dict.fromkeys(row.group for row in piece.rows):
            figures = [row.metrics[ranking.metric] for row in piece.rows if row.group == group]
            means[prefix + group] = sum(figures) / len(figures)
    return means
