"""Submissions written on the spot, and the sandbox they run in."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from lumbung.sandbox import Limits, SandboxUnavailable, isolation_here


@pytest.fixture(scope="session", autouse=True)
def sandbox_here() -> None:
    """Fail at once, and with the remedy, where there is no sandbox: skipping would hide that nothing is tested."""
    try:
        isolation_here()
    except SandboxUnavailable as error:
        pytest.exit(f"these tests need the sandbox: {error}", returncode=3)


@pytest.fixture
def submission(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a ``solution.py`` and returns its folder."""

    def write(code: str) -> Path:
        folder = tmp_path / "submission"
        folder.mkdir(exist_ok=True)
        (folder / "solution.py").write_text(textwrap.dedent(code))
        return folder

    return write


@pytest.fixture
def tight() -> Limits:
    """Limits that a hostile program meets soon."""
    return Limits(message_s=5, total_s=30, cpu_s=20, memory_bytes=256 * 2**20, log_bytes=4096)


@pytest.hookimpl(tryfirst=True)  # before the workers read which groups there are
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep attacks in one process: with a protection left out, one could reach the box of another test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("sandbox"))
