"""The example of a sector of one's own: installed as a stranger's package is, and its own tests pass there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "fisheries"


def test_the_fisheries_example_is_installed_and_proves_itself(tmp_path: Path) -> None:
    # A copy, so that nothing that building leaves behind stays in the repository.
    source, installed = tmp_path / "fisheries", tmp_path / "installed"
    shutil.copytree(EXAMPLE, source, ignore=shutil.ignore_patterns("__pycache__"))
    uv = shutil.which("uv") or str(ROOT / ".uv/bin/uv")
    subprocess.run([uv, "pip", "install", "--quiet", "--no-deps", "--target", installed, source], check=True)
    tested = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            source,
            source / "tests",
        ],
        cwd=source,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
    )
    assert tested.returncode == 0, tested.stdout + tested.stderr
