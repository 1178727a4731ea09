"""``lumbung connectivity check FOLDER``: does this engine agree with ITU's validation files?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--tolerance", default=1e-6, show_default=True, help="Largest difference that passes [dB].")
@click.option("--json", "as_json", is_flag=True, help="Print the result for machines.")
def command(folder: Path, tolerance: float, as_json: bool) -> None:
    """Compute every P.1812 validation file found under FOLDER and compare with its reference losses.

    The files are in ITU's layout, as in the validation set of Working Parties 3K and 3M. The command ends
    with 0 when all cases pass, 1 when one differs, 2 when there is nothing to check.
    """
    from lumbung.connectivity.files.profile_files import (
        ProfileFileError,
        check_validation_file,
        is_validation_file,
    )

    files = [folder] if folder.is_file() else sorted(folder.rglob("*.csv"))
    files = [path for path in files if is_validation_file(path)]
    if not files:
        click.echo(
            f"{folder}: no P.1812 validation file found (a .csv with {{Begin of Profile}} and "
            f"{{Begin of Measurements}})",
            err=True,
        )
        sys.exit(2)
    cases = []
    for path in files:
        try:
            cases += check_validation_file(path, tolerance)
        except ProfileFileError as error:
            click.echo(str(error), err=True)
            sys.exit(2)
    passed = sum(case.passed for case in cases)
    largest = max((case.difference for case in cases), default=0.0)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "files": len(files),
                    "cases": len(cases),
                    "passed": passed,
                    "largest_error_db": largest,
                    "tolerance_db": tolerance,
                    "failed": [
                        {
                            "file": str(case.file),
                            "row": case.row,
                            "expected_db": case.expected,
                            "computed_db": case.computed,
                        }
                        for case in cases
                        if not case.passed
                    ],
                }
            )
        )
    else:
        for case in cases:
            if not case.passed:
                click.echo(
                    f"{case.file}, row {case.row}: expected {case.expected:.8f} dB, computed "
                    f"{case.computed:.8f} dB"
                )
        click.echo(
            f"{passed} of {len(cases)} cases in {len(files)} files agree within {tolerance:g} dB; "
            f"largest difference {largest:.2g} dB"
        )
    sys.exit(0 if passed == len(cases) else 1)
