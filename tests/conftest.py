"""What every room's tests share: where the reference sets are."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

# The centre's tests write into a home of their own, never into the person's.
os.environ["LUMBUNG_HOME"] = tempfile.mkdtemp(prefix="lumbung-tests-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumbung.centre.settings")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def reference() -> Callable[[str], Path]:
    """Return a function that gives the path of a reference set, e.g. ``reference("farm/wofost72_pp")``.

    The sets stand beside the repository (``../shared/reference``, or where LUMBUNG_REFERENCE says). A stranger's
    clone has none, and the test is skipped with that reason; with LUMBUNG_REQUIRE_REFERENCE=1, as in CI, it fails.
    """
    base = Path(os.environ.get("LUMBUNG_REFERENCE", ROOT.parent / "shared" / "reference"))

    def find(name: str) -> Path:
        path = base / name
        if not path.exists():
            if os.environ.get("LUMBUNG_REQUIRE_REFERENCE") == "1":
                pytest.fail(f"the reference set {name} is required here but {base} does not hold it")
            pytest.skip(f"needs the reference set {name}; set LUMBUNG_REFERENCE to the folder that holds it")
        return path

    return find
