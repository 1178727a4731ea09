"""An owner's own metric: ``metric.py`` runs in a box of its own, with truth and answers and nothing else.

It has no network, no files of the host, and not the submission. Whatever goes wrong in there is the challenge's: the team did
its part before the box was opened. What it returns passes the boundary that a judge's scores pass.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from lumbung.proving.faults import ChallengeFault, PlatformFault
from lumbung.proving.files.schema import OwnMetric
from lumbung.sandbox import Box, BoxFault, Limits, RequestTooLong, SandboxUnavailable, open_box
from lumbung.sandbox.packages import installed, present

RUNNER = Path(__file__).parent / "metric_runner" / "solution.py"
ENTRY = "metric.py"
MAY_IMPORT = (
    "joblib", "narwhals", "numpy", "pandas", "python-dateutil", "pytz", "scikit-learn", "scipy", "six", "threadpoolctl", "tzdata",
)  # fmt: skip
"""What a metric may import besides the standard library, as far as it is installed here."""
START_S = 30.0
MESSAGE_BYTES = 256 * 2**20
"""Truth and answers of one case go in one message; each was small enough to be one itself."""


def score_with(own: OwnMetric, folder: Path, problem: dict[str, Any], case: str) -> Any:
    """Return what an owner's metric says of a case, unchecked.

    Parameters
    ----------
    own : OwnMetric
    folder : Path
        Holds ``metric.py``.
    problem : dict
        ``truth``, ``answers`` and ``items``, lists of one length.
    case : str
        What an error names.

    Raises
    ------
    ChallengeFault
        It raised, hung, took too much memory, or sent what cannot be read.
    PlatformFault
        There is no sandbox here. A stranger's metric never runs without one, also where one's own solution may.
    """
    where = f"{own.folder}/{ENTRY}, {case}"
    with tempfile.TemporaryDirectory(prefix="lumbung-metric-") as scratch:
        shutil.copyfile(RUNNER, Path(scratch) / "solution.py")
        shutil.copytree(folder, Path(scratch) / "metric")
        try:
            with open_box(Path(scratch), _limits(own), packages=installed(present(MAY_IMPORT))) as box:
                return _asked(box, problem, where)
        except BoxFault as fault:
            raise _named(fault, where, own) from fault
        except SandboxUnavailable as error:
            raise PlatformFault("sandbox_unavailable", detail=str(error)) from error


def _asked(box: Box, problem: dict[str, Any], where: str) -> Any:
    try:
        return box.ask("solve", problem)
    except RequestTooLong as error:
        raise ChallengeFault(
            "broken_challenge", where=where, found=str(error), expected="fewer items a case (options.blocks)"
        ) from error


def _limits(own: OwnMetric) -> Limits:
    return Limits(
        start_s=START_S, message_s=own.seconds, total_s=START_S + own.seconds, cpu_s=4 * (START_S + own.seconds),
        memory_bytes=own.memory_mb * 2**20, message_bytes=MESSAGE_BYTES,
    )  # fmt: skip


def _named(fault: BoxFault, where: str, own: OwnMetric) -> ChallengeFault:
    if fault.code == "timed_out":
        return ChallengeFault("judge_timed_out", where=where, seconds=own.seconds)
    if fault.code == "out_of_memory":
        return ChallengeFault("judge_out_of_memory", where=where, limit_bytes=own.memory_mb * 2**20)
    said = next(
        (str(fault.params[name]) for name in ("error", "reason", "signal") if name in fault.params),
        fault.code,
    )
    return ChallengeFault("judge_raised", where=where, error=said[:300])
