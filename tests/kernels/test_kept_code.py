"""A changed formula is never met by machine code from before, whichever file it stands in and whoever is imported first."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("talent", "farm", "cooperation")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What tests/kernel_mutants.py saw on a copy of the package, with a store of its own."""
    if not hasattr(os, "fork"):
        pytest.skip("plays in forks of one process")
    folder = tmp_path_factory.mktemp("mutants")
    skipped = shutil.ignore_patterns("centre", "__pycache__", "solutions")
    shutil.copytree(ROOT / "src/lumbung", folder / "lumbung", ignore=skipped)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA")}
    environment |= {"XDG_CACHE_HOME": str(folder / "cache")}
    done = subprocess.run(
        [sys.executable, ROOT / "tests/kernel_mutants.py", folder],
        env=environment, capture_output=True, text=True, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer | {"folder": folder}


def test_kernels_of_every_room_were_found(seen: dict[str, Any]) -> None:
    rooms = {module.split(".")[1] for module in seen["keys"]["modules"]}
    assert rooms == {"city", "connectivity", "cooperation", "farm", "kernels", "talent"}
    assert len(seen["keys"]["forwards"]) > 200


def test_keys_do_not_depend_on_the_order_of_imports(seen: dict[str, Any]) -> None:
    assert seen["keys"]["forwards"] == seen["keys"]["backwards"]


def test_a_changed_number_changes_the_key_of_every_kernel_that_reaches_it_and_of_no_other(
    seen: dict[str, Any],
) -> None:
    keys = seen["keys"]
    mutants = [mutant for batch in keys["changed"] for mutant in batch["mutants"]]
    assert sorted(mutant.split(":")[0] for mutant in mutants) == sorted(keys["modules"])
    for batch in keys["changed"]:
        expected = {name for mutant in batch["mutants"] for name in (mutant, *keys["callers"][mutant])}
        assert set(batch["keys"]) == expected, batch["mutants"]


def test_a_changed_formula_changes_the_result_under_a_warm_store(seen: dict[str, Any]) -> None:
    results = seen["results"]
    assert results["warm"] == results["cold"]
    for order in ("", " forwards"):
        exponential, evaporation = results["talent" + order], results["farm" + order]
        assert exponential["talent"] != results["cold"]["talent"]
        assert exponential["cooperation"] == results["cold"]["cooperation"]
        assert evaporation["farm"] != results["cold"]["farm"]
        assert evaporation["talent"] == results["cold"]["talent"]


def test_no_environment_was_written_and_all_code_went_to_one_folder(seen: dict[str, Any]) -> None:
    assert {result["environment"] for result in seen["results"].values()} == {None}
    kept = [path for path in (seen["folder"] / "cache").rglob("*") if path.is_file()]
    assert {path.parent for path in kept} == {seen["folder"] / "cache/lumbung/kernels"}
    assert not list((seen["folder"] / "lumbung").rglob("*.nbc"))
