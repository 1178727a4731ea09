"""Differential item functioning: does an item work the same in every language and group?

Two people of equal ability should have equal chances, whatever language they took the test in. All items are
first calibrated together, each group with its own ability distribution; then each item in turn gets
parameters of its own per group, and the gain in likelihood is tested (likelihood ratio, Thissen, Steinberg
and Wainer 1993); a Wald test on the same calibrations is the alternative (Lord 1980). Significance alone flags
trifles when people are many, so an effect size is shown beside it: the mean difference of expected score over
the abilities of the focal group (Chalmers 2018, signed and unsigned), and items are flagged only where both
agree. A group that never saw an item has no effect on it and takes no part in its test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.talent.irt.calibration import Calibration, calibrate
from lumbung.talent.irt.design import Answers, Model
from lumbung.talent.irt.false_discovery import adjusted
from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.irt.quadrature import normal_log_weights
from lumbung.talent.irt.responses import ResponseError, read_array

FLAG_EFFECT = 0.05  # of the item's largest score
FLAG_LEVEL = 0.05
_ROUNDS = 6
_SUSPECT = 0.25  # of the first group's standard deviation


class FunctioningError(ValueError):
    """The groups cannot be compared."""


@dataclass(frozen=True)
class ItemFunctioning:
    """How one item differs between groups.

    Attributes
    ----------
    item : str
    statistic, degrees, p_value : float
    adjusted_p : float
        After Benjamini and Hochberg (1995) over the items tested.
    signed, unsigned : float
        Largest (over focal groups) mean difference of the expected score, focal minus reference, as a share
        of the
        largest score; positive favours the focal group.
    flagged : bool
        Significant at 5 % after adjustment and unsigned effect of at least 0.05.
    """

    item: str
    statistic: float
    degrees: int
    p_value: float
    adjusted_p: float
    signed: float
    unsigned: float
    flagged: bool


def expected_score(items: ItemParameters, item: int, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected score of an item at each ability, as a share of its largest score."""
    one = items.chosen([item])
    top = int(one.categories[0]) - 1
    return np.asarray(np.arange(top + 1) @ one.probabilities(theta) / top)


def _effects(found: Calibration, item: int) -> tuple[float, float]:
    """Largest effect between the first group that answered the item and another one that did."""
    answered = [g for g, items in enumerate(found.group_items) if items.known[item]]
    signed, unsigned = 0.0, 0.0
    for group in answered[1:]:
        weights = np.exp(normal_log_weights(found.theta, found.group_means[group], found.group_sds[group]))
        gap = expected_score(found.group_items[group], item, found.theta) - expected_score(
            found.group_items[answered[0]], item, found.theta
        )
        if weights @ np.abs(gap) > unsigned:
            signed, unsigned = float(weights @ gap), float(weights @ np.abs(gap))
    return signed, unsigned


def differential_functioning(
    responses: ArrayLike | Sequence[Answers],
    groups: ArrayLike | None = None,
    model: Model = "2pl",
    *,
    method: Literal["lr", "wald"] = "lr",
    items: Sequence[int] | None = None,
    weights: ArrayLike | None = None,
    group_names: Sequence[str] | None = None,
    item_names: Sequence[str] | None = None,
    purify: bool = True,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[ItemFunctioning]:
    """Test items for differential functioning between groups (languages, regions, sexes).

    Parameters
    ----------
    responses : array [persons, items], or one packed set per group
    groups : array [persons]
        Group of each person; the first label that appears is the reference.
    model : {"1pl", "2pl", "3pl", "grm"}
    method : {"lr", "wald"}
        Likelihood ratio (one calibration per item), or Wald with all other items as anchors, from the same
        calibrations' covariance.
    items : sequence of int, optional
        Items to test; all by default.
    purify : bool
        Test again with the flagged items taken out of the anchors, until the flags settle (Candell and Drasgow 1988). Where
        many items are biased the same way, testing once blames the others for it.

    Raises
    ------
    FunctioningError
        With fewer than two groups.
    ResponseError
        If a named group (an "empty language") has no persons.
    """
    if groups is not None:
        answers, labels, _ = read_array(responses, weights, groups, group_names)  # type: ignore[arg-type]
    else:
        answers = list(responses)  # type: ignore[arg-type]
        labels = tuple(group_names or (f"group {g + 1}" for g in range(len(answers))))
    if len(answers) < 2:
        raise FunctioningError(f"comparing needs at least two groups; found {', '.join(labels)} only")
    if any(given.n_rows == 0 for given in answers):
        raise ResponseError("a group has no persons; leave it out or bring its answers")
    fit = partial(calibrate, answers, model, group_names=labels, item_names=item_names, threads=threads)
    together = fit(standard_errors="none")
    tested = list(range(len(together.items))) if items is None else list(items)
    biased = _suspects(answers, model, threads) if purify else frozenset()
    rounds: list[list[ItemFunctioning]] = []
    for _ in range(_ROUNDS if purify else 1):
        if progress is not None and rounds:
            progress(0, len(tested))
        rounds.append(_tested(fit, together, tested, biased, method, progress))
        flagged = frozenset(item for item, row in zip(tested, rounds[-1], strict=True) if row.flagged)
        if not purify or flagged == biased:
            break
        biased = flagged
    return rounds[-1]


def _suspects(answers: Sequence[Answers], model: Model, threads: int | None) -> frozenset[int]:
    """Items that lie off the line most items agree on, when every group is calibrated alone.

    The scales of two groups differ by a shift that most items agree on: the median of the differences of difficulty, which
    up to half of the items may leave without moving it. Only a start; the tests decide.
    """
    alone = [calibrate(given, model, standard_errors="none", threads=threads) for given in answers]
    found: set[int] = set()
    for group in range(1, len(alone)):
        first, other = alone[0].items, alone[group].items
        both = np.flatnonzero(first.known & other.known & (first.slopes > 0) & (other.slopes > 0))
        if len(both) < 3:
            continue
        spread = np.median(
            first.slopes[both] / other.slopes[both]
        )  # of the other group, in units of the first
        own, others = (np.nanmean(one.difficulties[both], axis=1) for one in (first, other))
        gap = own - others / spread
        off = gap - np.median(gap)
        found |= {int(item) for item, far in zip(both, np.abs(off), strict=True) if far > _SUSPECT}
    return frozenset(found)


def _tested(
    fit: Callable[..., Calibration],
    together: Calibration,
    tested: Sequence[int],
    biased: frozenset[int],
    method: str,
    progress: Callable[[int, int], None] | None,
) -> list[ItemFunctioning]:
    """Test every item against anchors: all other items but those known to be biased."""
    base = fit(standard_errors="none", separate=sorted(biased), start=together) if biased else together
    rows = []
    for done, item in enumerate(tested):
        rows.append(_test_item(fit, base, item, biased, method))
        if progress is not None:
            progress(done + 1, len(tested))
    adjusted_p = adjusted(np.array([row[2] for row in rows]))
    return [
        ItemFunctioning(
            together.items.names[item],
            statistic,
            degrees,
            p_value,
            float(q),
            signed,
            unsigned,
            bool(q < FLAG_LEVEL and unsigned >= FLAG_EFFECT),
        )
        for item, (statistic, degrees, p_value, signed, unsigned), q in zip(
            tested, rows, adjusted_p, strict=True
        )
    ]


def _test_item(
    fit: Callable[..., Calibration], base: Calibration, item: int, biased: frozenset[int], method: str
) -> tuple[float, int, float, float, float]:
    from scipy.special import gammaincc

    answered = sum(bool(items.known[item]) for items in base.group_items)
    if not answered:
        return np.nan, 0, np.nan, np.nan, np.nan
    wald = "none" if method == "lr" else "auto"
    if item in biased:
        apart = base if method == "lr" else fit(standard_errors=wald, separate=sorted(biased), start=base)
        equal = fit(standard_errors="none", separate=sorted(biased - {item}), start=base)
    else:
        apart = fit(standard_errors=wald, separate=sorted(biased | {item}), start=base)
        equal = base
    degrees = apart.n_parameters - equal.n_parameters
    if degrees <= 0:
        return np.nan, 0, np.nan, np.nan, np.nan
    gain = 2 * (apart.log_likelihood - equal.log_likelihood)
    statistic = max(0.0, gain) if method == "lr" else _wald(apart, item)
    signed, unsigned = _effects(apart, item)
    return statistic, degrees, float(gammaincc(degrees / 2, statistic / 2)), signed, unsigned


def _wald(apart: Calibration, item: int) -> float:
    """Wald statistic of "the item's parameters are equal in all groups"."""
    answered = [g for g, items in enumerate(apart.group_items) if items.known[item]]
    places, group_items = apart.places[answered], [apart.group_items[g] for g in answered]
    if apart.covariance is None:
        return np.nan
    reference = places[0, item]
    used = reference >= 0
    contrasts, gaps = [], []
    for group in range(1, len(places)):
        for m in np.flatnonzero(used & (places[group, item] >= 0)):
            if reference[m] == places[group, item, m]:
                continue
            row = np.zeros(len(apart.covariance))
            row[reference[m]], row[places[group, item, m]] = 1.0, -1.0
            contrasts.append(row)
            gaps.append(group_items[0].table[item, m] - group_items[group].table[item, m])
    if not contrasts:
        return np.nan
    c, g = np.array(contrasts), np.array(gaps)
    return float(g @ np.linalg.solve(c @ apart.covariance @ c.T, g))
