"""What a judge gives back is checked here, once, before anything is kept, signed or shown.

A judge is somebody's program, and what it returns reaches evidence, standings and pages. So it is made plain here
(numpy's scalars become Python's), and whatever cannot be taken is a finding that names judge, case, field, what was
found and what was expected. Its owner is the challenge: the team can do nothing about it, and neither can the node.
"""

from __future__ import annotations

import builtins
import copy
import errno
import math
import re
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import numpy as np

from lumbung.proving import attended
from lumbung.proving.case import FIGURE_LIMIT, Case, CaseScore
from lumbung.proving.challenge import ChallengeError, JudgeMissing, Ranking
from lumbung.proving.digest import digest_data
from lumbung.proving.drawing import undrawable
from lumbung.proving.faults import (
    REASONS,
    ChallengeFault,
    Fault,
    Owner,
    Param,
    PlatformFault,
    RunFault,
    SubmissionFault,
    fault_error,
)
from lumbung.proving.judge import Judge, MeasuresByOptions, Picture
from lumbung.proving.measure import Measure, bounds_among, outside
from lumbung.proving.text import LANGUAGES, Text

CASE_ID = re.compile(r"[a-z0-9][a-z0-9._/-]{0,63}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
ENGINE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,39}")
METRIC = re.compile(r"[a-z][a-z0-9_]{0,39}")
ENGINES_LIMIT = 8
PICTURES_LIMIT = 64
SERIES_LIMIT = 64 * 2**20
"""The largest series of one case, as JSON [bytes]."""
METRICS_LIMIT = 100
TEXT_LIMIT = 500
"""The longest title, or name of a metric [characters]."""
WHOLE_LIMIT = 2**53
"""The largest seed or count of rows: what every reader of JSON keeps exactly."""
SHOWN = 200  # characters of a foreign value that a sentence shows

_KINDS = (SubmissionFault, ChallengeFault, PlatformFault)
_OF_THE_MACHINE = {errno.ENOSPC: "disk_full", errno.EDQUOT: "disk_full"} | dict.fromkeys(
    (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EIO, errno.EROFS), "judge_failed"
)


# ------------------------------------------------------------------------------- what a judge raises


@contextmanager
def asked(where: str) -> Iterator[None]:
    """Ask a judge something: whatever it raises instead of an answer gets its owner.

    Its own faults (`RunFault`, `ChallengeError`) pass. What the machine lacks (room on the disk, descriptors) is the
    platform's; all else is the challenge's, whatever was raised: also SystemExit, and an exception that cannot be shown.

    Parameters
    ----------
    where : str
        The case, or the method.

    Raises
    ------
    RunFault, ChallengeError
    KeyboardInterrupt
        Where a person can have pressed Ctrl-C.
    """
    try:
        yield
    except (RunFault, ChallengeError) as error:
        plain = _plain_fault(error, where) if isinstance(error, RunFault) else _plain_complaint(error, where)
        if plain is error:
            raise
        raise plain from error.__cause__
    except MemoryError as error:
        raise ChallengeFault("judge_out_of_memory", where=where, limit="MemoryError") from error
    except OSError as error:
        code = _OF_THE_MACHINE.get(error.errno or 0)
        if code is not None:
            raise PlatformFault(code, where=_shown(error.filename or where), error=told(error)) from error
        raise ChallengeFault("judge_raised", where=where, error=told(error)) from error
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and not attended.inside():
            raise
        raise ChallengeFault("judge_raised", where=where, error=told(error)) from error


def of_the_machine(error: OSError, where: str) -> PlatformFault:
    """Return the platform's fault that an error of the machine's is: a full disk is called that."""
    code = _OF_THE_MACHINE.get(error.errno or 0, "judge_failed")
    return PlatformFault(code, where=_shown(error.filename or where), error=told(error))


@contextmanager
def in_order() -> Iterator[None]:
    """Restore, after a judge had its turn, what the process needs to close boxes and to answer.

    A judge may leave signals ignored, built-in functions replaced or a recursion limit that nothing can work under;
    where that made our own steps fail, it would look like this machine's fault.
    """
    names, limit = dict(vars(builtins)), sys.getrecursionlimit()
    streams = sys.stdin, sys.stdout, sys.stderr
    children = signal.getsignal(signal.SIGCHLD)
    try:
        yield
    finally:
        vars(builtins).update(names)
        sys.setrecursionlimit(max(limit, sys.getrecursionlimit()))
        sys.stdin, sys.stdout, sys.stderr = streams
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGCHLD, children)


def told(error: BaseException) -> str:
    """Return what an exception says and where it was raised, also of one that raises when asked."""
    try:
        said = str(error)
    except BaseException:
        said = "(an error that cannot be shown)"
    place, trace = "", error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is not None:
        name = trace.tb_frame.f_code.co_filename.replace("\\", "/").rsplit("/", 1)[-1]
        place = f" ({name}, line {trace.tb_lineno})"
    return _cut(f"{type(error).__name__}: {said}" if said else type(error).__name__) + place


def _plain_fault(error: RunFault, where: str) -> RunFault:
    """Return a fault that can be kept, sent and told: a judge may have put anything there, or made a kind of its own."""
    fault: Any = getattr(error, "fault", None)
    kind = next((kind for kind in _KINDS if isinstance(error, kind)), None)
    if kind is None or not isinstance(fault, Fault) or not isinstance(fault.params, dict):
        return ChallengeFault("judge_raised", where=where, error=told(error))
    if not isinstance(fault.code, str) or fault.code not in REASONS:
        said = f"the fault {_shown(fault.code)!r}, for which nobody has words"
        return ChallengeFault("judge_raised", where=where, error=said)
    params = {_cut(str(name)): _plain_param(value) for name, value in fault.params.items()}
    plain = fault_error(Fault(kind.owner, str(fault.code), params))
    kept = all(type(value) in (str, int, float) for value in fault.params.values()) and fault == plain.fault
    return error if type(error) is kind and kept else plain


def _plain_param(value: object) -> Param:
    if isinstance(value, str):
        return _cut(str(value), 1000)
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return int(value) if -(2**63) <= value < 2**63 else _shown(value)
    figure = _number(value)
    return figure if figure is not None and math.isfinite(figure) else _shown(value)


def _plain_complaint(error: ChallengeError, where: str) -> RunFault | ChallengeError:
    """Return a `ChallengeError` whose words are text that can be written: authors put paths and numbers there."""
    try:
        words = [str(getattr(error, name)) for name in ("where", "found", "expected")]
    except Exception:
        return ChallengeFault("judge_raised", where=where, error=told(error))
    kind = JudgeMissing if isinstance(error, JudgeMissing) else ChallengeError
    plain = kind(*(_cut(word, 1000) for word in words))
    same = type(error) is kind and (error.where, error.found, error.expected) == (
        plain.where, plain.found, plain.expected
    )  # fmt: skip
    return error if same else plain


# ------------------------------------------------------------------------------- what a judge returns


def checked_score(
    judge: str, case: Case, metrics: Mapping[str, Text | Measure], ranking: Ranking, score: Any
) -> CaseScore:
    """Return what a judge's ``play`` gave, made plain.

    Parameters
    ----------
    judge : str
        Its name.
    case : Case
        The one it was given.
    metrics : mapping
        Those the judge declares; one that it does not declare is a finding.
    ranking : Ranking
        The metric that ranks must be there, and be positive where geometric means of it are taken. Others may be left
        out, where options choose them.
    score
        Whatever was returned.

    Raises
    ------
    ChallengeFault
        ``judge_result``: names the field.
    """

    def wrong(field: str, found: object, expected: str) -> ChallengeFault:
        return ChallengeFault(
            "judge_result", judge=judge, case=case.id, field=field, found=_shown(found), expected=expected
        )

    if not isinstance(score, CaseScore):
        raise wrong("the score", score, "a CaseScore, as lumbung.proving.case.score_case makes it")
    for field in ("case", "group", "seed", "digest"):
        given, returned = getattr(case, "id" if field == "case" else field), getattr(score, field)
        if not _same(given, returned):
            raise wrong(field, returned, f"{given!r}, as in the case it was given")
    if not isinstance(score.metrics, Mapping):
        raise wrong("metrics", score.metrics, "a dict of figures by name")
    figures: dict[str, float] = {}
    bounds = bounds_among(metrics)
    for name, value in score.metrics.items():
        if not isinstance(name, str) or name not in metrics:
            raise wrong(
                f"metrics[{_shown(name)}]", value, "one of those the judge declares: " + ", ".join(metrics)
            )
        figure = _number(value)
        if figure is None or not abs(figure) <= FIGURE_LIMIT:
            raise wrong(f"metrics[{name}]", value, f"a finite number, at most {FIGURE_LIMIT:g} in size")
        if outside(figure, bounds.get(name, (None, None))):
            low, high = bounds[name]
            ends = " and ".join(
                f"{word} {end:g}" for word, end in (("at least", low), ("at most", high)) if end is not None
            )
            raise wrong(f"metrics[{name}]", value, f"{ends}, as the judge declares")
        figures[str(name)] = figure
    if ranking.metric not in figures:
        raise wrong(f"metrics[{ranking.metric}]", "nothing", "a figure: the challenge ranks by it")
    if ranking.mean == "geometric" and figures[ranking.metric] <= 0:
        expected = 'a positive figure: the challenge ranks by geometric means (ranking.mean = "arithmetic" takes any)'
        raise wrong(f"metrics[{ranking.metric}]", figures[ranking.metric], expected)
    engines = _engines(score.engine)
    if engines is None:
        expected = "a name and version, at most 40 of A-Z a-z 0-9 space . _ + -; several in a tuple"
        raise wrong("engine", score.engine, expected)
    if not _whole(score.rows) or score.rows < 1:
        raise wrong("rows", score.rows, "on how many of the owner's records the figures rest: at least 1")
    return CaseScore(
        case.id, case.group, case.seed, case.digest, figures, engines, _plain_series(score.series, wrong),
        rows=int(score.rows),
    )  # fmt: skip


def checked_options(judge: str, options: Any) -> dict[str, Any]:
    """Return the options that a judge completed, if they can be kept and digested.

    Raises
    ------
    ChallengeFault
        ``judge_result``.
    """
    try:
        if isinstance(options, dict) and all(type(name) is str for name in options):
            digest_data(options)
            if _not_data(options) is None:
                return options
    except (TypeError, ValueError, RecursionError):
        pass
    raise ChallengeFault(
        "judge_result",
        judge=judge,
        case="check_options()",
        field="the options",
        found=_shown(options),
        expected="a dict of plain data by name, the given ones completed",
    )


def checked_cases(judge: str, cases: Any) -> tuple[Case, ...]:
    """Return the cases that a judge lists, if they can be played and named in evidence.

    Raises
    ------
    ChallengeFault
        ``judge_result``: names the case and the field.
    """

    def wrong(case: str, field: str, found: object, expected: str) -> ChallengeFault:
        return ChallengeFault(
            "judge_result", judge=judge, case=case, field=field, found=_shown(found), expected=expected
        )

    if not isinstance(cases, Sequence) or isinstance(cases, str | bytes):
        raise wrong("cases()", "the list", cases, "a sequence of Case")
    seen: set[str] = set()
    for place, case in enumerate(cases):
        if not isinstance(case, Case):
            raise wrong(
                "cases()", f"entry {place}", case, "a Case, as lumbung.proving.case.make_case makes it"
            )
        for field, value in (("id", case.id), ("group", case.group)):
            if not isinstance(value, str) or not CASE_ID.fullmatch(value):
                expected = "lower case, digits and . _ / -, at most 64"
                raise wrong(_shown(case.id), field, value, expected)
        if (
            type(case.seed) is not int
            or not _whole(case.seed)
            or not isinstance(case.digest, str)
            or not DIGEST.fullmatch(case.digest)
        ):
            expected = "a whole number, at most 2**53 in size, and sha256:…"
            raise wrong(case.id, "seed and digest", (case.seed, case.digest), expected)
        if case.id in seen:
            raise wrong(case.id, "id", f"{case.id} twice", "each id once")
        seen.add(case.id)
        if (odd := _not_data(case.inputs)) is not None:
            expected = "plain data: numbers, text, bytes, arrays, paths, times; in lists, tuples, sets, dicts"
            raise wrong(case.id, f"inputs{odd[0]}", odd[1], expected)
    # Made anew: what is pickled must not make whoever reads it load the judge.
    return tuple(Case(str(c.id), str(c.group), c.seed, c.inputs, str(c.digest)) for c in cases)


def checked_pictures(judge: str, pictures: Any) -> tuple[Picture, ...]:
    """Return the pictures that a judge drew, if they can be shown.

    Raises
    ------
    ChallengeFault
        ``judge_pictures``: names the field.
    """

    def wrong(field: str, found: object, expected: str) -> ChallengeFault:
        return ChallengeFault(
            "judge_pictures", judge=judge, field=field, found=_shown(found), expected=expected
        )

    if not isinstance(pictures, Sequence) or isinstance(pictures, str | bytes):
        raise wrong("pictures()", pictures, "a sequence of Picture")
    if len(pictures) > PICTURES_LIMIT:
        raise wrong("pictures()", f"{len(pictures)} pictures", f"at most {PICTURES_LIMIT}")
    for number, picture in enumerate(pictures, start=1):
        if not isinstance(picture, Picture):
            raise wrong(f"picture {number}", picture, "a Picture")
        if not isinstance(picture.title, Text) or not _can_be_shown(picture.group):
            raise wrong(f"picture {number}, title and group", (picture.title, picture.group), "Text and text")
        if _plain_text(picture.title) is None:
            raise wrong(f"picture {number}, title", picture.title, _A_TEXT)
        if (odd := undrawable(picture.svg)) is not None:
            raise wrong(f"picture {number}, svg", *odd)
    return tuple(pictures)


def differing_metrics(judge: str, score: CaseScore, others: CaseScore) -> Fault | None:
    """Return the finding where two cases of a run have other metrics than each other: no mean goes over both."""
    odd = sorted(set(score.metrics) ^ set(others.metrics))
    if not odd:
        return None
    return Fault(
        Owner.CHALLENGE,
        "judge_result",
        {
            "judge": judge,
            "case": score.case,
            "field": f"metrics[{odd[0]}]",
            "found": "a figure" if odd[0] in score.metrics else "nothing",
            "expected": f"the same metrics as in case {others.case}",
        },
    )


def declared_metrics(judge: Judge, options: dict[str, Any] | None = None) -> dict[str, Text | Measure]:
    """Return a judge's metrics, made plain, if they are what they must be.

    Parameters
    ----------
    judge : Judge
    options : dict, optional
        Of a challenge, completed: a judge may measure by them (`MeasuresByOptions`).

    Raises
    ------
    ChallengeFault
        ``judge_result``.
    """

    def wrong(field: str, found: object, expected: str) -> ChallengeFault:
        return ChallengeFault(
            "judge_result",
            judge=str(judge.name),
            case="",
            field=field,
            found=_shown(found),
            expected=expected,
        )

    found: Any = judge.metrics
    if options is not None and isinstance(judge, MeasuresByOptions):
        found = judge.metrics_of(copy.deepcopy(options))
    if not isinstance(found, Mapping) or not all(
        isinstance(name, str) and METRIC.fullmatch(name) and isinstance(metric, Text | Measure)
        for name, metric in found.items()
    ):
        raise wrong("metrics", found, "a Text or Measure for each name; names are lower case, digits and _")
    if len(found) > METRICS_LIMIT:
        raise wrong("metrics", f"{len(found)} metrics", f"at most {METRICS_LIMIT}")
    plain: dict[str, Text | Measure] = {}
    for name, metric in found.items():
        measured = isinstance(metric, Measure)
        text = _plain_text(metric.text if measured else metric)
        if text is None:
            raise wrong(f"metrics[{name}]", metric, _A_TEXT)
        try:
            plain[str(name)] = _plain_measure(metric, text) if measured else text
        except (TypeError, ValueError):
            expected = "better is 'lower', 'higher' or None; low and high are finite numbers or None, the lower first"
            raise wrong(f"metrics[{name}]", metric, expected) from None
    return plain


def declared_version(judge: Judge) -> int:
    """Return a judge's version, if it is a whole number.

    Raises
    ------
    ChallengeFault
        ``judge_result``.
    """
    found: Any = judge.version
    if _whole(found):
        return int(found)
    raise ChallengeFault(
        "judge_result", judge=str(judge.name), case="", field="version", found=_shown(found),
        expected="a whole number that rises whenever a score could change",
    )  # fmt: skip


# ------------------------------------------------------------------------------------------- plain data


def _number(value: object) -> float | None:
    """Return a number as a Python float; None for what is none (also text that spells one)."""
    if not isinstance(value, bool | int | float | np.bool_ | np.integer | np.floating):
        return None
    try:
        return float(value)
    except (OverflowError, ValueError):
        return None


def _whole(value: object) -> bool:
    """Tell whether it is a whole number that every reader of JSON keeps; True and False are none."""
    return (
        isinstance(value, int | np.integer) and not isinstance(value, bool) and abs(int(value)) <= WHOLE_LIMIT
    )


_A_TEXT = f"a Text of three languages, each at most {TEXT_LIMIT} characters"


def _can_be_shown(text: object) -> bool:
    """Tell whether it is text that every file and page can take."""
    return isinstance(text, str) and len(text) <= TEXT_LIMIT and _cut(text, TEXT_LIMIT) == text


def _plain_text(text: Any) -> Text | None:
    if not isinstance(text, Text) or not all(_can_be_shown(getattr(text, code)) for code in LANGUAGES):
        return None
    return Text(str(text.en), str(text.id), str(text.zh))


def _plain_measure(metric: Any, text: Text) -> Measure:
    """Return what a `Measure` says, in Python's own numbers; raises ValueError where it says nothing that can be."""
    ends = [None if end is None else _number(end) for end in (metric.low, metric.high)]
    if metric.better not in (None, "lower", "higher") or ends.count(None) != (metric.low, metric.high).count(
        None
    ):
        raise ValueError
    return Measure(text, metric.better, *ends)


def _same(given: object, returned: object) -> bool:
    if isinstance(given, int):
        return isinstance(returned, int | np.integer) and int(returned) == given
    return isinstance(returned, str) and str(returned) == given


def _engines(engine: object) -> str | tuple[str, ...] | None:
    names = engine if isinstance(engine, tuple | list) else (engine,)
    if not 0 < len(names) <= ENGINES_LIMIT:
        return None
    if not all(isinstance(name, str) and ENGINE.fullmatch(name) for name in names):
        return None
    plain = tuple(str(name) for name in names)
    return plain if isinstance(engine, tuple | list) else plain[0]


def _plain_series(series: Any, wrong: Any) -> dict[str, Any]:
    """Return series as they will be read again from the disk: equal, whether they were ever written or not."""
    if not isinstance(series, dict):
        raise wrong("series", series, "a dict of plain data")
    try:
        written = msgspec.json.encode(series)
        read: Any = msgspec.json.decode(written)
        same = bool(read == series)
    except Exception:  # arrays, sets, odd keys: looked at one by one
        same = False
    if not same:
        plain = _plain(series, "series", wrong, 0)
        written = msgspec.json.encode(plain)
        read = msgspec.json.decode(written)
        if read != plain:
            raise wrong("series", "data that reads back differently", "plain data that survives JSON")
    if len(written) > SERIES_LIMIT:
        raise wrong("series", f"{len(written)} bytes as JSON", f"at most {SERIES_LIMIT}")
    result: dict[str, Any] = read
    return result


def _plain(value: Any, where: str, wrong: Any, depth: int) -> Any:
    if depth > 100:
        raise wrong(where[:SHOWN], "data within data, 100 deep", "plain data that survives JSON")
    if value is None or isinstance(value, str):
        return value if value is None else str(value)
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return _plain(value.tolist(), where, wrong, depth + 1)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer) and -(2**63) <= int(value) < 2**64:
        return int(value)
    if isinstance(value, float | np.floating) and math.isfinite(float(value)):
        return float(value)
    if isinstance(value, list | tuple):
        return [_plain(one, f"{where}[{place}]", wrong, depth + 1) for place, one in enumerate(value)]
    if isinstance(value, dict):
        for name in value:
            if not isinstance(name, str):
                raise wrong(f"{where}, key {_shown(name)}", name, "keys that are text")
        return {str(name): _plain(one, f"{where}[{name}]", wrong, depth + 1) for name, one in value.items()}
    raise wrong(where[:SHOWN], value, "plain data that survives JSON: finite numbers, text, lists, dicts")


_DATA = {
    type(None), bool, int, float, complex, str, bytes, date, datetime, timedelta, PurePosixPath, type(Path()),
}  # fmt: skip


def _not_data(value: Any, depth: int = 0) -> tuple[str, Any] | None:
    """Return where something is that is no plain data, and what; None where all of it is."""
    if depth > 100:
        return "", "data within data, 100 deep"
    kind = type(value)
    if kind in _DATA or (isinstance(value, np.generic | np.ndarray) and value.dtype.kind in "biufcSUmM"):
        return None
    if kind is dict:
        named = next((name for name in value if _not_data(name, depth + 1)), None)
        if named is not None:
            return ", a key", named
        parts: Any = value.items()
    elif kind in (list, tuple, set, frozenset):
        parts = enumerate(value)
    else:
        return "", value
    for place, one in parts:
        if (odd := _not_data(one, depth + 1)) is not None:
            return f"[{_shown(place)}]{odd[0]}"[:SHOWN], odd[1]
    return None


def _shown(value: object) -> str:
    if isinstance(value, str):
        return _cut(str(value))
    try:
        return _cut(
            f"{value!r} ({type(value).__name__})" if not isinstance(value, int | float) else repr(value)
        )
    except BaseException:  # somebody's __repr__
        return f"a {type(value).__name__}"


def _cut(text: str, most: int = SHOWN) -> str:
    text = text.encode("utf-8", "replace").decode()  # lone surrogates cannot be written anywhere
    return text if len(text) <= most else text[: most - 1] + "…"
