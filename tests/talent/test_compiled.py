"""Machine code is cached where it can be."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumbung.talent import compiled


def test_cache_goes_to_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "user_cache_path", lambda name: tmp_path / name)
    assert compiled._cache_folder() == tmp_path / "lumbung" / "numba"


def test_without_a_home_it_goes_to_a_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(compiled, "user_cache_path", lambda name: tmp_path / "file" / name)
    folder = compiled._cache_folder()
    assert folder.is_dir() and tmp_path not in folder.parents
