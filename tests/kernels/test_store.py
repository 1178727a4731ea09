"""Machine code is kept where it can be, by many processes at once, and never where it could be wrong."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lumbung.kernels import store
from lumbung.kernels.compiling import kernel


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return tmp_path / "kernels"


def doubled() -> Any:
    def double(x: Any) -> Any:
        return x + x

    return kernel(double)


def test_code_is_kept_and_found_again(folder: Path) -> None:
    first, second = doubled(), doubled()
    assert first(2.0) == second(2.0) == 4.0
    assert sum(first.stats.cache_misses.values()) == 1 and sum(second.stats.cache_hits.values()) == 1
    assert second(np.int32(2)) == 4 and len(list(folder.glob("*double-*.nbc"))) == 2
    second._cache.flush()
    assert not list(folder.iterdir())


def test_arguments_whose_fields_changed_places_are_compiled_for_anew(folder: Path) -> None:
    def left(pair: Any) -> Any:
        return pair.left

    def inner(pair: Any) -> Any:
        return pair[1].left

    as_it_was = namedtuple("Pair", "left right")
    as_it_is = namedtuple("Pair", "right left")
    for function, around in ((left, lambda pair: pair), (inner, lambda pair: (1, pair))):
        assert kernel(function)(around(as_it_was(left=1.0, right=2.0))) == 1.0
        assert kernel(function)(around(as_it_is(left=1.0, right=2.0))) == 1.0


def test_a_damaged_file_is_compiled_anew(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    doubled()(2.0)
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    assert doubled()(3.0) == 6.0 and "damaged" in caplog.text
    assert len(kept.read_bytes()) > len(whole) // 2


def test_what_nobody_uses_goes(folder: Path) -> None:
    doubled()(2.0)
    (kept,) = folder.iterdir()
    old = kept.with_name(kept.name.replace(kept.name[-8:-4], "0000"))
    kept.rename(old)
    past = time.time() - (store.KEPT_DAYS + 1) * 86400
    os.utime(old, (past, past))
    doubled()(2.0)
    assert list(folder.iterdir()) == [kept]


def test_where_nothing_can_be_written_kernels_still_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    store._say_once.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert doubled()(2.0) == doubled()(2.0) == 4.0
    assert caplog.text.count("NUMBA_CACHE_DIR") == 1


def test_the_users_cache_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(store.platformdirs, "user_cache_path", lambda name: tmp_path / name)
    assert store.cache_folder() == tmp_path / "lumbung" / "kernels"


def test_processes_that_compile_for_different_arguments_at_once_do_not_mix_their_code(folder: Path) -> None:
    program = folder.parent / "shared_kernel.py"
    program.write_text(
        "import sys, numpy as np\n"
        "from lumbung.kernels.compiling import kernel\n"
        "@kernel\n"
        "def third(x):\n"
        "    return x / 3\n"
        "value = getattr(np, sys.argv[1])(7)\n"
        "print(repr(float(third(value))), sum(third.stats.cache_hits.values()))\n"
    )

    def start(kind: str) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, program, kind], stdout=subprocess.PIPE, text=True)

    kinds = ["float64", "float32"]
    together = [process.communicate()[0] for process in [start(kind) for kind in kinds]]
    after = [start(kind).communicate()[0] for kind in kinds]
    assert [answer.split()[0] for answer in after] == [answer.split()[0] for answer in together]
    assert [answer.split()[1] for answer in after] == ["1", "1"]
