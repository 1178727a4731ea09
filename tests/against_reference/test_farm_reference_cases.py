"""Every published WOFOST 7.2 case and every rice case, every day, every variable, within 1e-9 + 1e-9."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lumbung.farm.growing.reference_cases import check

pytestmark = pytest.mark.reference


@pytest.mark.parametrize(
    ("folder", "cases", "variables"),
    [
        ("wofost72_pp", 44, {"DVS", "LAI", "RD", "TAGP", "TRA", "TWLV", "TWRT", "TWSO", "TWST"}),
        (
            "wofost72_wlp",
            44,
            {
                *("DVS", "EVS", "LAI", "RD", "SM", "TAGP", "TRA", "TWLV", "TWRT"),
                *("TWSO", "TWST", "W", "WLOW", "WWLOW"),
            },
        ),
        (
            "rice_oracle",
            20,
            {
                *("DVS", "LAI", "TAGP", "TWSO", "TWLV", "TWST", "TWRT", "TRA", "RD", "SM", "WWLOW"),
                *("LAIMAX", "CTRAT", "CEVST", "DOE", "DOA", "DOM", "DOV"),
            },
        ),
    ],
)
def test_all_cases_pass(
    reference: Callable[[str], Path], folder: str, cases: int, variables: set[str]
) -> None:
    report = check(reference(f"farm/{folder}"))
    assert [v.first_failure for v in report.verdicts if not v.passed] == []
    assert report.passed == len(report.verdicts) == cases
    assert set(report.worst) == variables
    assert max(report.worst.values()) < 1e-12
