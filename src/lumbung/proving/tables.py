"""The judge of prediction tables: any organisation poses a challenge without writing code.

The owner gives a table of inputs everybody may see and a table of truth nobody may. A submission is a table of
predictions (CSV or Parquet), or a program that answers the inputs. A stranger's table is read inside the sandbox, by
a small reader of ours, and only plain columns come out.
"""

from __future__ import annotations

import csv
import functools
import math
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lumbung.proving.blocks import deal
from lumbung.proving.case import FIGURE_LIMIT, Case, CaseScore, make_case, score_case
from lumbung.proving.challenge import Challenge, ChallengeError, ResourceLimits
from lumbung.proving.challenge_picture import histograms, sheet
from lumbung.proving.digest import digest_file
from lumbung.proving.environments.shelf import Environment
from lumbung.proving.faults import SubmissionFault
from lumbung.proving.guest import Guest, open_guest
from lumbung.proving.judge import Picture, ScoredRun, Solution
from lumbung.proving.measure import Measure
from lumbung.proving.text import Text
from lumbung.sandbox import Box

READER = Path(__file__).parent / "table_reader"

# name -> (scikit-learn's function, what it needs, metric). Only functions of (truth, prediction) are offered.
METRICS: dict[str, tuple[str, str, Measure]] = {
    "accuracy": (
        "accuracy_score", "label", Measure(Text("accuracy", "akurasi", "准确率"), "higher", 0, 1),
    ),
    "balanced_accuracy": (
        "balanced_accuracy_score", "label",
        Measure(Text("balanced accuracy", "akurasi berimbang", "平衡准确率"), "higher", 0, 1),
    ),
    "f1_macro": (
        "f1_score", "label",
        Measure(Text("F1, mean over classes", "F1, rata-rata antarkelas", "宏平均 F1"), "higher", 0, 1),
    ),
    "matthews": (
        "matthews_corrcoef", "label",
        Measure(Text("Matthews correlation", "korelasi Matthews", "马修斯相关系数"), "higher", -1, 1),
    ),
    "roc_auc": (
        "roc_auc_score", "score",
        Measure(Text("area under the ROC curve", "luas di bawah kurva ROC", "ROC 曲线下面积"), "higher", 0, 1),
    ),
    "average_precision": (
        "average_precision_score", "score",
        Measure(Text("average precision", "presisi rata-rata", "平均精度"), "higher", 0, 1),
    ),
    "log_loss": (
        "log_loss", "probability", Measure(Text("log loss", "log loss", "对数损失"), "lower", 0),
    ),
    "brier": (
        "brier_score_loss", "probability",
        Measure(Text("Brier score", "skor Brier", "Brier 分数"), "lower", 0, 1),
    ),
    "mae": (
        "mean_absolute_error", "number",
        Measure(Text("mean absolute error", "galat mutlak rata-rata", "平均绝对误差"), "lower", 0),
    ),
    "rmse": (
        "root_mean_squared_error", "number",
        Measure(Text("root mean squared error", "akar galat kuadrat rata-rata", "均方根误差"), "lower", 0),
    ),
    "median_ae": (
        "median_absolute_error", "number",
        Measure(Text("median absolute error", "median galat mutlak", "绝对误差中位数"), "lower", 0),
    ),
    "mape": (
        "mean_absolute_percentage_error", "number",
        Measure(
            Text("mean absolute percentage error", "galat persentase mutlak rata-rata", "平均绝对百分比误差"), "lower", 0
        ),
    ),
    "r2": (
        "r2_score", "number",
        Measure(Text("explained variance R²", "ragam terjelaskan R²", "决定系数 R²"), "higher", None, 1),
    ),
}  # fmt: skip
_STEPS = 40
"""Bars of a distribution that is drawn."""
DEFAULTS: dict[str, Any] = {
    "truth": "truth.csv",
    "inputs": "",
    "key": "id",
    "target": "target",
    "prediction": "prediction",
    "group": "",
    "blocks": 10,
    "metrics": [],
}


class PredictionsJudge:
    """Scores predictions against a hidden truth (registered as ``tables.predictions``).

    Options of the challenge
    ------------------------
    truth : str
        File in the case folder: the columns *key*, *target* and, if named, *group*. CSV or Parquet.
    inputs : str
        File in the case folder with the column *key* and whatever a program needs. Optional.
    key, target, prediction, group : str
        Column names.
    blocks : int
        Into how many cases the rows (of each group) are dealt, so that a standing can say how sure it is.
    metrics : list of str
        Of `METRICS`; at least the one the challenge ranks by.
    """

    name = "tables.predictions"
    version = 2
    metrics: ClassVar[dict[str, Text | Measure]] = {name: metric for name, (_, _, metric) in METRICS.items()}

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        complete = {**DEFAULTS, **options}
        for name, value in complete.items():
            if name not in DEFAULTS:
                raise ChallengeError(f"options.{name}", "an unknown option", "one of " + ", ".join(DEFAULTS))
            if type(value) is not type(DEFAULTS[name]):
                raise ChallengeError(f"options.{name}", repr(value), f"a {type(DEFAULTS[name]).__name__}")
        if not complete["metrics"] or any(name not in METRICS for name in complete["metrics"]):
            raise ChallengeError(
                "options.metrics", repr(complete["metrics"]), "some of " + ", ".join(METRICS)
            )
        kinds = {METRICS[name][1] for name in complete["metrics"]}
        if "label" in kinds and kinds != {"label"}:
            raise ChallengeError(
                "options.metrics", repr(complete["metrics"]), "metrics of labels alone, or of numbers alone"
            )
        if complete["blocks"] < 1:
            raise ChallengeError("options.blocks", str(complete["blocks"]), "at least 1")
        return complete

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        options = self.check_options(challenge.options)
        path = folder / options["truth"]
        truth = _read_truth(path, options)
        keys, groups = truth[options["key"]], truth.get(options["group"])
        inputs_path = folder / options["inputs"] if options["inputs"] else None
        files = {"truth": digest_file(path)}
        if inputs_path is not None:
            files["inputs"] = ""  # private rows may be answered by a table alone, without inputs beside them
            if inputs_path.exists():
                _check_inputs(inputs_path, options["key"], keys)
                files["inputs"] = digest_file(inputs_path)
        cases = []
        for block in deal(groups or ["all"] * len(keys), options["blocks"], f"{path}: {options['group']}"):
            block_truth = [truth[options["target"]][row] for row in block.rows]
            block_keys = [keys[row] for row in block.rows]
            _check_measurable(block_truth, options["metrics"], block_keys, path, block.id)
            inputs = {
                "truth": str(path),
                "inputs": str(inputs_path) if inputs_path is not None else "",
                "rows": block.rows,
            }
            content = {**files, "block": f"{block.number} of {block.of}"}
            cases.append(make_case(block.id, block.group, block.number, inputs, content))
        return cases

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        truth = _read_truth(Path(case.inputs["truth"]), options)
        rows = case.inputs["rows"]
        keys = [truth[options["key"]][row] for row in rows]
        problem: dict[str, Any] = {"key": options["key"], "prediction": options["prediction"], "keys": keys}
        if case.inputs["inputs"]:
            problem["inputs"] = _rows_of(Path(case.inputs["inputs"]), options["key"], set(keys))
        predicted = _align(solution.solve(problem), keys, options)
        target = [truth[options["target"]][row] for row in rows]
        figures = measure_columns(target, predicted, options["metrics"], keys)
        return score_case(case, figures, f"scikit-learn {_sklearn_version()}", rows=len(rows))

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        return ()

    def draw(self, challenge: Challenge, folder: Path) -> str:
        """Draw how the public targets are spread, a frame for each group; of single rows nothing is seen."""
        options = self.check_options(challenge.options)
        path = folder / options["truth"]
        truth = _read_truth(path, options)
        targets = truth[options["target"]]
        groups = truth.get(options["group"]) or [""] * len(targets)
        labels = METRICS[options["metrics"][0]][1] == "label"
        spread = _labels_in_order(targets) if labels else _steps_of(targets, f"{path}: {options['target']}")
        counted: dict[str, list[float]] = {}
        for group, at in zip(map(str, groups), spread, strict=True):
            counted.setdefault(group, [0.0] * (max(spread) + 1))[at] += 1
        return sheet(histograms(counted))


def _labels_in_order(targets: Sequence[Any]) -> list[int]:
    """Return the place of each target among the labels there are, the last for all beyond `_STEPS`."""
    place = {label: n for n, label in enumerate(sorted(set(map(str, targets))))}
    return [min(place[str(target)], _STEPS - 1) for target in targets]


def _steps_of(targets: Sequence[Any], where: str) -> list[int]:
    """Return for each target in which of at most `_STEPS` equal steps it lies; whole numbers are not cut in two."""
    try:
        numbers = np.array([float(target) for target in targets])
    except ValueError as error:
        raise ChallengeError(where, str(error), "numbers") from None
    if not np.isfinite(numbers).all():
        raise ChallengeError(where, "a target that is not finite", "numbers")
    low, span = float(numbers.min()), float(np.ptp(numbers))
    whole = bool((numbers == np.round(numbers)).all())
    step = max(1.0, math.ceil((span + 1) / _STEPS)) if whole else (span / _STEPS or 1.0)
    found: list[int] = np.minimum((numbers - low) / step, _STEPS - 1).astype(int).tolist()
    return found


@functools.cache
def _sklearn_version() -> str:
    from importlib.metadata import version

    return version("scikit-learn")


def _read_columns(path: Path) -> dict[str, list[Any]]:
    """Read a table of the challenge owner's; a submission's is read in the sandbox instead.

    Raises
    ------
    ChallengeError
        Names the line.
    """
    try:
        return _columns_of(path)
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ChallengeError(
            f"{path}: line {line}", "bytes that are no UTF-8", "UTF-8 (in a spreadsheet: save as 'CSV UTF-8')"
        ) from None
    except csv.Error as error:
        raise ChallengeError(str(path), str(error), "a table with commas between its fields") from None
    except IsADirectoryError:
        raise ChallengeError(str(path), "a folder", "a table: CSV or Parquet") from None


def _columns_of(path: Path) -> dict[str, list[Any]]:
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet

        try:
            table: dict[str, list[Any]] = pyarrow.parquet.read_table(path).to_pydict()
        except pyarrow.ArrowInvalid as error:
            found = (str(error).splitlines() or ["no Parquet"])[0]
            raise ChallengeError(str(path), found, "a whole Parquet file, each column once") from None
        return {name: [str(v) if name == "id" else v for v in values] for name, values in table.items()}
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        header = next(reader, None)
        if not header:
            raise ChallengeError(str(path), "an empty file", "a table with a header line")
        twice = next((name for name in header if header.count(name) > 1), None)
        if twice is not None:
            raise ChallengeError(f"{path}: line 1", f"{twice!r} twice", "each column with a name of its own")
        columns: dict[str, list[Any]] = {name: [] for name in header}
        for number, row in enumerate(reader, start=2):
            if len(row) != len(header):
                raise ChallengeError(
                    f"{path}: line {number}", f"{len(row)} fields", f"{len(header)}, as in the header"
                )
            for name, value in zip(header, row, strict=True):
                columns[name].append(value)
    return columns


def _read_truth(path: Path, options: dict[str, Any]) -> dict[str, list[Any]]:
    try:
        columns = _read_columns(path)
    except FileNotFoundError:
        raise ChallengeError(str(path), "no such file", "the table of truth, with a header line") from None
    for name in (options["key"], options["target"], *filter(None, [options["group"]])):
        if name not in columns:
            raise ChallengeError(str(path), f"the columns {', '.join(columns)}", f"a column {name!r}")
    columns[options["key"]] = [str(value) for value in columns[options["key"]]]
    keys = columns[options["key"]]
    if not keys:
        raise ChallengeError(str(path), "no rows", "at least one")
    seen: set[str] = set()
    for number, value in enumerate(keys, start=2):
        if value in seen:
            raise ChallengeError(f"{path}: line {number}", f"the key {value!r} twice", "each key once")
        seen.add(value)
    return columns


def _check_inputs(path: Path, key: str, keys: Sequence[str]) -> None:
    """Refuse inputs that lack a row of the truth, or have one twice: a program's answer would not fit, and its team be blamed."""
    given = Counter(map(str, _read_inputs(path, key)[key]))
    twice = next((value for value, count in given.items() if count > 1), None)
    if twice is not None:
        raise ChallengeError(str(path), f"the {key} {twice[:40]!r} twice", "one row each")
    missing = [value for value in keys if value not in given]
    if missing:
        raise ChallengeError(
            str(path),
            f"no row with {key} {missing[0][:40]!r} ({len(missing)} missing)",
            "a row for each of the truth",
        )


def _rows_of(path: Path, key: str, wanted: set[str]) -> dict[str, list[Any]]:
    columns = _read_inputs(path, key)
    keep = [row for row, value in enumerate(columns[key]) if str(value) in wanted]
    return {name: [values[row] for row in keep] for name, values in columns.items()}


def _read_inputs(path: Path, key: str) -> dict[str, list[Any]]:
    try:
        columns = _read_columns(path)
    except FileNotFoundError:
        raise ChallengeError(str(path), "no such file", "the table of inputs, with a header line") from None
    if key not in columns:
        raise ChallengeError(str(path), f"the columns {', '.join(columns)}", f"a column {key!r}")
    return columns


def _align(answer: Any, keys: list[str], options: dict[str, Any]) -> list[Any]:
    """Return the predictions in the order of *keys*; every mismatch is the submission's wrong format."""
    if not isinstance(answer, dict):
        raise SubmissionFault(
            "wrong_format", where="answer", found=type(answer).__name__, expected="columns by name"
        )
    for name in (options["key"], options["prediction"]):
        if name not in answer:
            raise SubmissionFault(
                "wrong_format",
                where="columns",
                found=", ".join(map(str, list(answer)[:8])),
                expected=f"a column {name!r}",
            )
    theirs = [str(value) for value in _listed(answer[options["key"]])]
    values = _listed(answer[options["prediction"]])
    if len(theirs) != len(values):
        raise SubmissionFault(
            "wrong_format",
            where="rows",
            found=f"{len(theirs)} keys, {len(values)} predictions",
            expected="as many",
        )
    by_key: dict[str, Any] = {}
    for value, prediction in zip(theirs, values, strict=True):
        if value in by_key:
            raise SubmissionFault("wrong_format", where=f"key {value[:40]}", found="two rows", expected="one")
        by_key[value] = prediction
    missing = [value for value in keys if value not in by_key]
    if missing:
        raise SubmissionFault(
            "wrong_format",
            where=f"key {missing[0][:40]}",
            found=f"no row ({len(missing)} missing)",
            expected="one row a key",
        )
    return [by_key[value] for value in keys]


def _listed(values: Any) -> list[Any]:
    if isinstance(values, np.ndarray):
        return list(np.atleast_1d(values).tolist())
    return list(values) if isinstance(values, list) else [values]


def _check_measurable(
    target: list[Any], names: Sequence[str], keys: Sequence[str], path: Path, block: str
) -> None:
    """Refuse a block of truth of which a metric says nothing, whatever is predicted.

    Raises
    ------
    ChallengeError
        One class alone has no ROC curve, and one value no variance to explain; a target is no number, or there is no
        such figure even where the truth itself is predicted.
    """
    values = {str(value) for value in target}
    for name in sorted({"roc_auc", "average_precision", "r2"} & set(names)):
        if len(values) < 2:
            found = f"{len(target)} rows whose truth is {next(iter(values))[:40]!r} in each"
            expected = f"at least two values in every block for {name}: fewer blocks"
            raise ChallengeError(f"{path}: {block}", found, expected)
    try:
        measure_columns(target, target, names, keys)
    except ChallengeError as error:
        raise ChallengeError(f"{path}: {error.where}", error.found, error.expected) from error


def measure_columns(
    target: list[Any], predicted: list[Any], names: Sequence[str], keys: Sequence[str]
) -> dict[str, float]:
    """Return the figures of predictions against truth.

    Parameters
    ----------
    target, predicted : list
        In the same order.
    names : sequence of str
        Of `METRICS`, all of labels or all of numbers.
    keys : sequence of str
        What an error calls the rows.

    Raises
    ------
    SubmissionFault
        A prediction is none.
    ChallengeError
        The truth has no such figure, whatever is predicted.
    """
    import sklearn.metrics

    kind = METRICS[names[0]][1]
    if kind == "label":
        truth, guess = np.array([str(v) for v in target]), np.array([str(v) for v in predicted])
    else:
        truth, guess = _numbers(target, "challenge", keys), _numbers(predicted, "prediction", keys)
    figures = {}
    for name in names:
        function = getattr(sklearn.metrics, METRICS[name][0])
        extra: dict[str, Any] = {"average": "macro"} if name == "f1_macro" else {}
        if name == "log_loss":
            extra = {"labels": [0.0, 1.0]}
        try:
            with np.errstate(over="ignore"):
                figures[name] = float(function(truth, guess, **extra))
        except ValueError as error:
            if not _scores_itself(function, truth, extra):  # whatever is predicted, there is no such figure
                raise ChallengeError(
                    f"truth, {name}", str(error)[:120], "values it can be taken of"
                ) from error
            raise SubmissionFault(
                "wrong_format", where=name, found=str(error)[:120], expected="valid predictions"
            ) from error
        if not abs(figures[name]) <= FIGURE_LIMIT:
            raise SubmissionFault(
                "wrong_format", where=name, found=f"{figures[name]}, from predictions up to {_greatest(guess)}",
                expected=f"predictions that give a figure of at most {FIGURE_LIMIT:g} in size",
            )  # fmt: skip
    return figures


def _scores_itself(function: Callable[..., float], truth: np.ndarray, extra: dict[str, Any]) -> bool:
    try:
        function(truth, truth, **extra)
    except ValueError:
        return False
    return True


def _greatest(guess: np.ndarray) -> str:
    return f"{np.abs(guess).max():.3g}" if guess.dtype.kind == "f" else "?"


def _numbers(values: list[Any], whose: str, keys: Sequence[str]) -> np.ndarray:
    numbers = np.empty(len(values))
    for row, value in enumerate(values):
        try:
            numbers[row] = float(value)
        except (TypeError, ValueError):
            numbers[row] = math.nan
        if whose == "challenge" and not abs(numbers[row]) <= FIGURE_LIMIT:
            expected = f"a finite number, at most {FIGURE_LIMIT:g} in size"
            raise ChallengeError(f"truth, key {keys[row][:40]}", repr(value), expected)
        if not math.isfinite(numbers[row]):
            raise SubmissionFault(
                "wrong_format",
                where=f"key {keys[row][:40]}, the prediction",
                found=repr(value)[:40],
                expected="a finite number",
            )
    return numbers


class _TableGuest(Guest):
    """Answers from a table that lies beside the reader; it has no turns, only one answer."""

    def __init__(self, box: Box, table: str) -> None:
        super().__init__(box)
        self._table = table

    def solve(self, problem: Any) -> Any:
        if "keys" not in problem:  # a judge of another kind asks a program
            self.fault = SubmissionFault(
                "no_entry_point", reason="a table, where the challenge asks a program"
            )
            raise self.fault
        asked = {name: problem[name] for name in ("key", "prediction", "keys")}
        return super().solve({"table": self._table, **asked})


@contextmanager
def open_table_guest(
    table: Path, limits: ResourceLimits, environment: Environment | None = None, *, trust: bool = False
) -> Iterator[tuple[Guest, Box]]:
    """Open a stranger's prediction table inside the sandbox, with the reader that takes columns out of it."""
    with tempfile.TemporaryDirectory(prefix="lumbung-table-") as folder:
        name = f"predictions{table.suffix.lower()}"
        shutil.copyfile(READER / "solution.py", Path(folder) / "solution.py")
        shutil.copyfile(table, Path(folder) / name)
        with open_guest(Path(folder), limits, environment, trust=trust) as (_, box):
            yield _TableGuest(box, name), box
