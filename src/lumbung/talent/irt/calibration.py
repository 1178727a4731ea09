"""Calibration: item parameters by marginal maximum likelihood (Bock and Aitkin 1981).

Ability is integrated out over a normal distribution on fixed nodes. With several groups the first is standard
normal and the others have a mean and a standard deviation of their own, estimated together with items they
share. Large sets are first fitted on a thinned part of their people, which gives the full fit its start and
its directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.faces import optional
from lumbung.talent.irt import errors
from lumbung.talent.irt.acceleration import Anderson
from lumbung.talent.irt.dense import DenseAnswers
from lumbung.talent.irt.design import MODELS, Answers, Design, Model, State, expect
from lumbung.talent.irt.doubts import doubts
from lumbung.talent.irt.expectation import SINGLE_FROM, Expected
from lumbung.talent.irt.maximisation import LARGEST_SLOPE, maximise, maximise_one_slope
from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.irt.quadrature import DEFAULT_BOUND, DEFAULT_NODES, equally_spaced
from lumbung.talent.irt.responses import Problem, read_array
from lumbung.talent.irt.sparse import SparseAnswers
from lumbung.talent.irt.unused import Used

_NOISE = {np.dtype(np.float32): 1e-8, np.dtype(np.float64): 1e-10}  # relative error of a log-likelihood
_PRIOR = (5.0, 17.0)  # of c: mean 5/22, as heavy as 22 answers of people who know nothing
_LEAST_IN_SAMPLE = 10
_FIRST_STAGE = 20_000  # rows of the first thinned fit


class CalibrationError(ValueError):
    """The answers cannot be calibrated under the model asked for."""


@dataclass(frozen=True)
class Calibration:
    """Calibrated items and how sure they are.

    Attributes
    ----------
    model : str
    items : ItemParameters
        Under separate parameters per group, those of the first group; see ``group_items``.
    standard_errors : float64 [items, places]
        Of ``items.table`` (for 3PL of ``logit c``); NaN where not asked for.
    difficulty_errors : float64 [items, thresholds]
        Of the difficulties, by the delta method.
    covariance : float64 [parameters, parameters] or None
    log_likelihood : float
    n_parameters : int
    n_persons : float
    iterations : int
        Passes over all people (thinned passes not counted).
    converged : bool
    group_names, group_means, group_sds
        Ability distribution of each group; the first is fixed at 0 and 1.
    group_items : tuple of ItemParameters
    places : int64 [groups, items, places]
        Row of ``covariance`` that belongs to each entry of a group's item table, -1 for none.
    problems : tuple of Problem
        What was found in the data and how it was treated.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import talent
    >>> answers = np.random.default_rng(1).integers(0, 2, (200, 4)) & (np.arange(200) % 3 > 0)[:, None]  # generated
    >>> calibration = talent.calibrate(answers)
    >>> calibration
    <Calibration 2pl: 4 items, 200 people; log-likelihood -477.9, settled after 14 passes>
    >>> calibration.to_pandas().round(2)["difficulty 1"].tolist()
    [0.72, 1.01, 0.5, 0.68]
    """

    model: Model
    items: ItemParameters
    standard_errors: NDArray[np.float64]
    difficulty_errors: NDArray[np.float64]
    covariance: NDArray[np.float64] | None
    log_likelihood: float
    n_parameters: int
    n_persons: float
    iterations: int
    converged: bool
    error_method: str
    theta: NDArray[np.float64]
    group_names: tuple[str, ...]
    group_means: NDArray[np.float64]
    group_sds: NDArray[np.float64]
    group_items: tuple[ItemParameters, ...]
    places: NDArray[np.int64]
    problems: tuple[Problem, ...] = field(default=())

    def __repr__(self) -> str:
        settled = "settled" if self.converged else "did not settle"
        return (
            f"<Calibration {self.model}: {len(self.items.names)} items, {self.n_persons:.0f} people; log-likelihood "
            f"{self.log_likelihood:.1f}, {settled} after {self.iterations} passes>"
        )

    def to_pandas(self) -> Any:
        """Return the items as a ``pandas.DataFrame``: slope [per unit of ability], difficulties and their standard errors.

        Columns are ``slope``, ``difficulty 1`` to ``difficulty m`` on the scale of ability, each with ``(se)`` beside it, and
        ``guessing`` under "3pl". NaN stands for an item that could not be estimated.

        Raises
        ------
        lumbung.faces.MissingExtra
            Where pandas is not installed.
        """
        columns = {"slope": self.items.slopes, "slope (se)": self.standard_errors[:, 0]}
        for k in range(self.items.difficulties.shape[1]):
            columns[f"difficulty {k + 1}"] = self.items.difficulties[:, k]
            columns[f"difficulty {k + 1} (se)"] = self.difficulty_errors[:, k]
        if self.model == "3pl":
            columns["guessing"] = self.items.guessing
        pandas = optional("pandas")
        return pandas.DataFrame(columns, index=pandas.Index(self.items.names, name="item"))

    def plot(self, *, axes: Any = None) -> Any:
        """Draw each item's characteristic curve: the expected share of its points by ability.

        Returns
        -------
        matplotlib.axes.Axes
            Those given, or else pyplot's.
        """
        if axes is None:
            import matplotlib.pyplot as plt

            axes = plt.gca()
        theta = np.linspace(-4.0, 4.0, 161)
        chances = self.items.probabilities(theta)
        for name, first, categories, known in zip(
            self.items.names, self.items.row_starts, self.items.categories, self.items.known, strict=False
        ):
            if known:
                points = np.arange(categories) / (categories - 1)
                axes.plot(theta, points @ chances[first : first + categories], label=name)
        axes.set_xlabel("ability")
        axes.set_ylabel("expected share of points")
        axes.set_ylim(0.0, 1.0)
        if len(self.items) <= 12:
            axes.legend()
        return axes

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2 * self.n_parameters - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Bayesian information criterion."""
        return float(np.log(self.n_persons) * self.n_parameters - 2 * self.log_likelihood)


def _maximised(state: State, totals: NDArray, results: Sequence[Expected], design: Design) -> State:
    new = state.copy()
    if design.model == "1pl":
        maximise_one_slope(new.pars, design.active, totals, design.row_starts, design.theta)
    else:
        maximise(
            design.family, new.pars, design.active, totals, design.row_starts, design.theta, design.beta_prior
        )
    for group in range(1, design.n_groups):
        people = results[group].people
        mean = people @ design.theta / people.sum()
        new.means[group] = mean
        new.sds[group] = np.sqrt(people @ (design.theta - mean) ** 2 / people.sum())
    return new


def _sensible(state: State, design: Design) -> bool:
    pars = state.pars[design.active]
    if not np.isfinite(pars).all() or (np.abs(pars[:, 0]) > LARGEST_SLOPE).any():
        return False
    if not (np.isfinite(state.sds).all() and (state.sds < 10).all() and (np.abs(state.means) < 6).all()):
        return False
    if design.model == "3pl":
        return bool((np.abs(pars[:, 2]) < 12).all())
    used = np.arange(2, design.width)[None, :] < design.categories[design.active][:, None]
    return not bool(((np.diff(pars[:, 1:], axis=1) >= 0) & used).any())


def _iterate(
    answers: Sequence[Answers],
    state: State,
    design: Design,
    history: Anderson,
    tolerance: float,
    most: int,
    threads: int | None,
    dtype: type,
    spread: NDArray[np.float64] | None = None,
) -> tuple[State, float, int, bool]:
    """Iterate until one step changes no parameter by more than the tolerance.

    A step is one of EM, or where a covariance of the parameters is known from a thinned fit (``spread``),
    a scoring step with it. A proposal that lowers the likelihood is taken back.
    """
    best, fallback = -np.inf, state
    seen, value = state, -np.inf
    history.pause()
    for iteration in range(1, most + 1):
        totals, results = expect(answers, state, design, dtype, threads)
        seen, value = state, sum(found.log_likelihood for found in results)
        if not value > best - 1e-3 - _NOISE[np.dtype(dtype)] * abs(value) and iteration > 1:
            state, best, spread = fallback, -np.inf, None
            history.forget()
            continue
        best = max(best, value)
        image = _maximised(state, totals, results, design)
        x, fallback = state.to_vector(design), image
        if spread is None:
            fx = image.to_vector(design)
        else:
            fx = x + spread @ errors.marginal_score(state, design, totals, results)
        if np.abs(fx - x).max() < tolerance:
            return state, value, iteration, True
        proposed = state.from_vector(history.propose(x, fx), design)
        if not _sensible(proposed, design):
            history.forget()
            proposed = image
        state = proposed
    return seen, value, most, False


def _thinned_fits(
    answers: Sequence[Answers],
    state: State,
    design: Design,
    tolerance: float,
    most: int,
    threads: int | None,
) -> tuple[State, NDArray[np.float64] | None]:
    """Fit on thinned people; return the state and, where people are many, the covariance for all of them."""
    n_rows = sum(given.n_rows for given in answers)
    spread: NDArray[np.float64] | None = None
    last = errors.sample_size(len(state.to_vector(design)))
    for size in (_FIRST_STAGE, last):
        if n_rows < 3 * size:
            break
        part = [given.thinned(max(1, size * given.n_rows // n_rows)) for given in answers]
        smaller = _plentiful(design, part)
        if not smaller.active.any():
            break
        state, *_ = _iterate(part, state, smaller, Anderson(), tolerance, most, threads, np.float64)
        if size == last and (smaller.active == design.active).all():
            _, spread = errors.covariance(part, state, design, "crossprod", threads)
            if spread is not None:
                spread *= sum(given.n_persons for given in part) / sum(given.n_persons for given in answers)
    return state, spread


def _plentiful(design: Design, answers: Sequence[Answers]) -> Design:
    """The design without items that have too few answers of some category in a thinned sample; they keep their start."""
    counts = np.zeros(int(design.row_starts[-1]))
    for group, given in enumerate(answers):
        np.add.at(counts, design.group_rows(group), given.frequencies())
    rarest = np.minimum.reduceat(counts, design.row_starts[:-1])
    return replace(design, active=design.active & (rarest >= _LEAST_IN_SAMPLE))


def _start(frequencies: NDArray[np.float64], design: Design) -> NDArray[np.float64]:
    pars = np.zeros((len(design.categories), design.width))
    pars[:, 0] = 1.0
    for j, start in enumerate(design.row_starts[:-1]):
        seen = frequencies[start : start + design.categories[j]]
        if not design.active[j]:
            continue
        above = np.cumsum(seen[::-1])[::-1][1:] / seen.sum()
        above = np.clip(above, 1e-4, 1 - 1e-4)
        logits = 1.2 * np.log(above / (1 - above))
        pars[j, 1 : 1 + len(logits)] = logits
        if design.model == "3pl":
            pars[j, 2] = np.log(0.15 / 0.85)
    return pars


def _check_model(model: str, answers: Sequence[Answers]) -> None:
    if model not in MODELS:
        raise CalibrationError(f"model {model!r} is not known; choose one of {', '.join(MODELS)}")
    most = max(int(given.categories.max()) for given in answers)
    if model != "grm" and most > 2:
        raise CalibrationError(
            f"an item has {most} answer categories but model {model!r} takes right (1) and wrong (0) only; "
            "score the answers first or use model 'grm'"
        )


def _plan(
    answers: Sequence[Answers],
    model: Model,
    separate: Sequence[int],
    nodes: NDArray,
    prior: tuple[float, float] | None,
) -> tuple[Design, NDArray[np.float64]]:
    """The design, and how often each row of the virtual items was answered."""
    used = Used.of(np.sum([given.frequencies() for given in answers], axis=0), answers[0].categories)
    categories = used.counts
    n_items, n_groups = len(categories), len(answers)
    item_of = np.tile(np.arange(n_items), (n_groups, 1))
    virtual = list(categories)
    for item in separate:
        for group in range(1, n_groups):
            item_of[group, item] = len(virtual)
            virtual.append(categories[item])
    design = Design(
        model,
        np.asarray(virtual, dtype=np.int64),
        item_of,
        np.ones(len(virtual), dtype=bool),
        nodes,
        np.asarray(prior if prior is not None else (1.0, 1.0), dtype=np.float64),
        used,
    )
    frequencies = np.zeros(int(design.row_starts[-1]))
    for group, given in enumerate(answers):
        np.add.at(frequencies, design.group_rows(group), given.frequencies())
    for j, start in enumerate(design.row_starts[:-1]):
        seen = frequencies[start : start + design.categories[j]]
        design.active[j] = (seen > 0).sum() >= 2
    return design, frequencies


def _describe_inactive(
    design: Design, frequencies: NDArray[np.float64], names: Sequence[str]
) -> list[Problem]:
    problems = []
    for j in np.flatnonzero(~design.active[: len(names)]).tolist():
        seen = frequencies[design.row_starts[j] : design.row_starts[j + 1]]
        if seen.sum() == 0:
            found = "nobody answered it"
        else:
            found = f"everybody who saw it gave the same answer ({int(np.argmax(seen))})"
        problems.append(
            Problem(
                f"item {names[j]}", found, "left out: such answers say nothing about its slope or difficulty"
            )
        )
    return problems


def calibrate(
    responses: ArrayLike | Answers | Sequence[Answers],
    model: Model = "2pl",
    *,
    weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    separate: Sequence[int] = (),
    item_names: Sequence[str] | None = None,
    group_names: Sequence[str] | None = None,
    nodes: int = DEFAULT_NODES,
    bound: float = DEFAULT_BOUND,
    guessing_prior: tuple[float, float] | None = _PRIOR,
    tolerance: float | None = None,
    max_iterations: int = 1000,
    accelerate: bool = True,
    standard_errors: Literal["auto", "observed", "crossprod", "none"] = "auto",
    precision: Literal["auto", "single", "double"] = "auto",
    threads: int | None = None,
    start: Calibration | None = None,
) -> Calibration:
    """Estimate item parameters by marginal maximum likelihood.

    Parameters
    ----------
    responses : array [persons, items], or packed answers, or one packed set per group
        Categories counted from 0; negative or NaN where the person did not see the item.
    model : {"1pl", "2pl", "3pl", "grm"}
        "1pl" estimates one common slope under standard normal ability; its square is the variance that a
        Rasch model with unit slopes would report.
    weights : array [persons], optional
        How many people each row stands for.
    groups : array [persons], optional
        Group of each person. The first label that appears is the reference with mean 0 and standard deviation 1.
    separate : sequence of int
        Items that have parameters of their own in each group (for differential item functioning).
    guessing_prior : (alpha, beta) or None
        Beta prior on the lower asymptote of "3pl", mean 5/22 by default; None for plain maximum likelihood, which
        seldom settles for easy items.
    tolerance : float, optional
        Largest change of a parameter by one plain EM step at which to stop; 1e-6 in double, 1e-5 in single precision.
    accelerate : bool
        False takes plain EM steps only, as many programs do: the same maximum, reached in several times as many passes.
    standard_errors : {"auto", "observed", "crossprod", "none"}
        From the observed information, or from cross-products of person scores (large sets, on at most 200,000
        people and scaled up). "auto" chooses by size.
    precision : {"auto", "single", "double"}
        Working precision of the expectation step; "auto" is double below 200,000 rows.
    threads : int, optional
        Any number gives the same bits.
    start : Calibration, optional
        A calibration of the same items to start from.

    Returns
    -------
    Calibration

    Raises
    ------
    CalibrationError
        If the model is unknown, does not fit the answers, or no item can be estimated.
    ResponseError
        If a value is not a category, naming its row and column.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import talent
    >>> rng = np.random.default_rng(1)
    >>> chance = 1 / (1 + np.exp(-(rng.normal(size=(500, 1)) - [-1.0, 0.0, 1.0])))
    >>> calibration = talent.calibrate(rng.random((500, 3)) < chance, "1pl")  # generated answers
    >>> calibration.items.difficulties[:, 0].round(1).tolist()
    [-1.1, 0.0, 1.0]
    """
    answers, labels, problems = _as_groups(responses, weights, groups, group_names, item_names)
    _check_model(model, answers)
    n_items = answers[0].n_items
    names = list(item_names) if item_names is not None else [f"item {j + 1}" for j in range(n_items)]
    if len(names) != n_items:
        raise CalibrationError(f"{len(names)} item names for {n_items} items")
    design, frequencies = _plan(answers, model, separate, equally_spaced(nodes, bound), guessing_prior)
    problems += design.used.problems(names)
    problems += _describe_inactive(design, frequencies, names)
    if not design.active.any():
        raise CalibrationError("no item has two different answers, so nothing can be estimated")
    pars = _start(frequencies, design)
    state = State(pars, np.zeros(len(answers)), np.ones(len(answers)))
    if start is not None:
        state = _state_from(start, state, design)

    n_rows = sum(given.n_rows for given in answers)
    single = precision == "single" or (precision == "auto" and n_rows >= SINGLE_FROM)
    dtype = np.float32 if single else np.float64
    goal = tolerance if tolerance is not None else (1e-5 if single else 1e-6)
    spread = None
    if model == "3pl" and guessing_prior is None and start is None:
        # Without a prior an item easily runs to c = 0 and stays there, short of the maximum; with one it does not.
        held = replace(design, beta_prior=np.array(_PRIOR))
        sample = [given.thinned(_FIRST_STAGE) for given in answers]
        state, *_ = _iterate(sample, state, held, Anderson(), 1e-3, max_iterations, threads, np.float64)
    if start is None:
        state, spread = _thinned_fits(answers, state, design, 10 * goal, max_iterations, threads)
    state, value, iterations, converged = _iterate(
        answers, state, design, Anderson(8 if accelerate else 0), goal, max_iterations, threads, dtype, spread
    )
    if not converged:
        problems.append(
            Problem(
                "iteration",
                f"not settled after {iterations} passes",
                "estimates are shown as they stand; raise max_iterations, or give a prior or a simpler model",
            )
        )
    if spread is not None and standard_errors in ("auto", "crossprod"):
        method: str = "crossprod"
        covariance: NDArray[np.float64] | None = spread
    else:
        method, covariance = errors.covariance(answers, state, design, standard_errors, threads)
    if method != "none" and covariance is None:
        problems.append(
            Problem(
                "standard errors",
                "the information matrix is singular",
                "not given; a parameter is not identified",
            )
        )
    problems += doubts(design, state.pars, np.add.reduceat(frequencies, design.row_starts[:-1]), names)
    return _result(
        answers,
        state,
        design,
        names,
        labels,
        value,
        iterations,
        converged,
        method,
        covariance,
        frequencies,
        tuple(problems),
    )


def _as_groups(
    responses: ArrayLike | Answers | Sequence[Answers],
    weights: ArrayLike | None,
    groups: ArrayLike | None,
    group_names: Sequence[str] | None,
    item_names: Sequence[str] | None,
) -> tuple[list[Answers], tuple[str, ...], list[Problem]]:
    if isinstance(responses, DenseAnswers | SparseAnswers):
        return [responses], tuple(group_names or ("all",)), []
    if (
        isinstance(responses, list | tuple)
        and responses
        and isinstance(responses[0], DenseAnswers | SparseAnswers)
    ):
        packed = [given for given in responses if isinstance(given, DenseAnswers | SparseAnswers)]
        shapes = {tuple(given.categories) for given in packed}
        if len(shapes) != 1:
            raise CalibrationError("groups must have the same items with the same numbers of categories")
        return packed, tuple(group_names or (f"group {g + 1}" for g in range(len(packed)))), []
    return read_array(responses, weights, groups, group_names, item_names)  # type: ignore[arg-type]


def _state_from(start: Calibration, state: State, design: Design) -> State:
    new = state.copy()
    for group, items in enumerate(start.group_items[: design.n_groups]):
        for item, virtual in enumerate(design.item_of[group]):
            if items.known[item] and design.active[virtual]:
                seen = design.used.seen[item]
                if design.model == "3pl" or len(seen) == design.used.categories[item]:
                    new.pars[virtual] = items.table[item][: design.width]
                else:
                    new.pars[virtual, : len(seen)] = items.table[item][[0, *seen[1:]]]
    new.means[: len(start.group_means)] = start.group_means
    new.sds[: len(start.group_sds)] = start.group_sds
    return new


def _result(
    answers: Sequence[Answers],
    state: State,
    design: Design,
    names: list[str],
    labels: tuple[str, ...],
    value: float,
    iterations: int,
    converged: bool,
    method: str,
    covariance: NDArray[np.float64] | None,
    frequencies: NDArray[np.float64],
    problems: tuple[Problem, ...],
) -> Calibration:
    table = np.where(design.active[:, None], state.pars, np.nan)
    table_errors, difficulty_errors = errors.table_errors(state, design, covariance)
    places = design.columns()[design.item_of]
    people = np.add.reduceat(frequencies, design.row_starts[:-1])
    if design.used.gapped:
        wide = [design.used.widened(table[index], people[index]) for index in design.item_of]
        places = design.used.placed(places, -1)
        table_errors = design.used.placed(table_errors[design.item_of[0]], np.nan)
        difficulty_errors = design.used.placed(
            np.column_stack([np.zeros(len(names)), difficulty_errors[design.item_of[0]]]), np.nan
        )[:, 1:]
    else:
        wide = [table[index] for index in design.item_of]
        table_errors, difficulty_errors = (
            table_errors[design.item_of[0]],
            difficulty_errors[design.item_of[0]],
        )
    by_group = tuple(ItemParameters(tuple(names), design.family, own, design.used.categories) for own in wide)
    return Calibration(
        design.model,
        by_group[0],
        table_errors,
        difficulty_errors,
        covariance,
        value,
        len(state.to_vector(design)),
        sum(given.n_persons for given in answers),
        iterations,
        converged,
        method,
        design.theta,
        labels,
        state.means,
        state.sds,
        by_group,
        places,
        problems,
    )
