"""What every room's tests share: where the reference sets are."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType

import pytest
from hypothesis import settings

# A judge of submissions gives one verdict for one commit; whoever runs the tests by hand draws anew each time.
if os.environ.get("LUMBUNG_REQUIRE_REFERENCE") == "1":
    settings.load_profile("ci")

# The centre's tests write into a home of their own, never into the person's.
os.environ["LUMBUNG_HOME"] = tempfile.mkdtemp(prefix="lumbung-tests-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumbung.centre.settings")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True, scope="module")
def nothing_stays_patched() -> Iterator[None]:
    """A file of tests leaves the spine's functions as it found them: what stays replaced fails in another file, elsewhere."""
    before = _functions()
    yield
    after = _functions()
    changed = sorted(name for name, found in before.items() if after.get(name, found) is not found)
    assert not changed, f"still replaced after these tests: {', '.join(changed)}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """See that groups hold: where the workers do not know a group, what is to be played once is played by each of them."""
    grouped = getattr(item.config.option, "loadgroup", False) and item.get_closest_marker("xdist_group")
    if grouped and "@" not in item.nodeid:
        pytest.fail("this test is in a group, and the plugin that shares tests out does not see it")


def _functions() -> dict[str, object]:
    rooms = ("lumbung.proving.", "lumbung.node.", "lumbung.sandbox.")
    loaded = [(name, module) for name, module in list(sys.modules.items()) if name.startswith(rooms)]
    return {
        f"{name}.{attribute}": value
        for name, module in loaded
        for attribute, value in list(vars(module).items())
        if isinstance(value, FunctionType | type)
    }


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
