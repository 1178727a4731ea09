"""ITU-R P.1812 against the validation set of Working Parties 3K and 3M, and rural-band values of other programs."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from lumbung.connectivity.files.profile_files import check_validation_file, read_profile, report_of_case

pytestmark = pytest.mark.reference

TOLERANCE_DB = 1e-6

# Name in the log -> our name. The logs keep the edge terms of the beta0 Earth radius, and Ld50 of the median.
LOGGED = {
    "Lbulla": "lbulla_beta",
    "Lbulls": "lbulls_beta",
    "Ldsph": "ldsph_beta",
    "Ld50": "ld50",
    "Ldb": "ldb",
    "Ldp": "ldp",
    "Lba": "lba",
    "Lbs": "lbs",
    "Lbc": "lbc",
    "Lbfs": "lbfs",
    "Lb0p": "lb0p",
    "Lb0b": "lb0b",
    "Lbd50": "lbd50",
    "Lminb0p": "lminb0p",
    "Lminbap": "lminbap",
    "Lbda": "lbda",
    "Lbam": "lbam",
    "Lb": "lb",
}


def logged_terms(path: Path) -> dict[str, float]:
    with path.open(newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) > 3 and row[3] not in ("", "Value")]
    return {row[0].split(" (")[0]: float(row[3]) for row in rows}


def test_every_validation_case_within_a_millionth_of_a_decibel(reference: Callable[[str], Path]) -> None:
    folder = reference("connectivity/p1812/validation_profiles")
    cases = [
        case for path in sorted(folder.glob("*.csv")) for case in check_validation_file(path, TOLERANCE_DB)
    ]
    assert len(cases) == 63
    assert [case for case in cases if not case.passed] == []


def test_every_logged_intermediate_term(reference: Callable[[str], Path]) -> None:
    profiles = reference("connectivity/p1812/validation_profiles")
    logs = reference("connectivity/p1812/validation_results")
    compared = 0
    wrong = []
    for path in sorted(profiles.glob("*.csv")):
        profile = read_profile(path)
        for row, case in enumerate(profile.cases):
            losses = report_of_case(profile, case).losses
            terms = logged_terms(logs / f"{path.stem}_{row}_log.csv")
            for name, ours in LOGGED.items():
                compared += 1
                if not abs(losses[ours] - terms[name]) <= TOLERANCE_DB:
                    wrong.append((path.stem, row, name, losses[ours], terms[name]))
    assert compared == 63 * len(LOGGED)
    assert wrong == []


def test_logged_geometry(reference: Callable[[str], Path]) -> None:
    profiles = reference("connectivity/p1812/validation_profiles")
    logs = reference("connectivity/p1812/validation_results")
    names = {
        "dlt": "dlt",
        "dlr": "dlr",
        "hstd": "hstd",
        "hsrd": "hsrd",
        "hte": "hte",
        "hre": "hre",
        "hm": "hm",
    }
    for path in sorted(profiles.glob("*.csv")):
        profile = read_profile(path)
        for row, case in enumerate(profile.cases):
            report = report_of_case(profile, case)
            terms = logged_terms(logs / f"{path.stem}_{row}_log.csv")
            for logged, ours in names.items():
                assert report.geometry[ours] == pytest.approx(terms[logged], abs=1e-6, rel=1e-9), (
                    path.stem,
                    row,
                )
            assert report.zones["omega"] == pytest.approx(terms["w"], abs=1e-9)
            assert report.losses["beta0"] == pytest.approx(terms["b0"], rel=1e-9)


def test_every_rural_band_case(reference: Callable[[str], Path]) -> None:
    folder = reference("connectivity/p1812/rural_bands")
    cases = [
        case for path in sorted(folder.glob("*.csv")) for case in check_validation_file(path, TOLERANCE_DB)
    ]
    assert len(cases) == 240
    assert [case for case in cases if not case.passed] == []
