"""What a release shows besides its wheel: what is in it, under which licences, and that anybody builds the same bytes.

    uv run python .ci/release.py sbom dist/lumbung.cdx.json     the bill of materials (CycloneDX 1.5)
    uv run python .ci/release.py notice                         writes NOTICE anew
    uv run python .ci/release.py reproduce                      builds twice, elsewhere and at another time, and compares
    uv run python .ci/release.py verify lumbung-….whl           builds from this source and compares with that wheel

The bill of materials holds every package that any extra brings, with its version, digests and licence; two runs over the
same lock give the same bytes, since its time is SOURCE_DATE_EPOCH or the last commit's.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# Of packages that are not installed on Linux, as their own files say.
ELSEWHERE = {
    "mlcroissant": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "pywin32": "PSF-2.0",
    "win32-setctime": "MIT",
    "tzlocal": "MIT",
}
CLASSIFIED = {
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: Apache Software License": "Apache-2.0",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "License :: OSI Approved :: Historical Permission Notice and Disclaimer (HPND)": "HPND",
}


def uv() -> str:
    """Return where uv is."""
    return shutil.which("uv") or str(ROOT / ".uv/bin/uv")


def released_at() -> datetime:
    """Return the time that a release says: SOURCE_DATE_EPOCH, else the last commit's."""
    told = (
        os.environ.get("SOURCE_DATE_EPOCH")
        or subprocess.run(
            ["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
    )
    return datetime.fromtimestamp(int(told), UTC)


def licence_of(package: str) -> str:
    """Return a package's licence as it says itself, or nothing."""
    try:
        told = metadata(package)
    except PackageNotFoundError:
        return ELSEWHERE.get(package, "")
    if told.get("License-Expression"):
        return str(told["License-Expression"])
    classified = [
        CLASSIFIED.get(one, one.rsplit(" :: ", 1)[-1])
        for one in told.get_all("Classifier") or []
        if one.startswith("License ::")
    ]
    written = (told.get("License") or "").strip()
    if written and len(written) <= 60 and "\n" not in written and not classified:
        return written
    return " AND ".join(sorted(set(classified))) or written.split("\n")[0][:60] or ELSEWHERE.get(package, "")


def bill_of_materials() -> dict[str, Any]:
    """Return the bill of materials of everything that any extra installs."""
    exported = subprocess.run(
        [uv(), "export", "--quiet", "--frozen", "--no-dev", "--all-extras", "--format", "cyclonedx1.5"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    bill: dict[str, Any] = json.loads(exported)
    for part in bill["components"]:
        licence = licence_of(part["name"])
        if licence:
            part["licenses"] = [{"license": {"name": licence}}]
    bill["metadata"]["component"]["licenses"] = [{"license": {"id": "Apache-2.0"}}]
    bill["metadata"]["timestamp"] = released_at().isoformat().replace("+00:00", "Z")
    bill["serialNumber"] = ""
    same = hashlib.sha256(json.dumps(bill, sort_keys=True).encode()).hexdigest()
    bill["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, same)}"
    return bill


def write_bill(path: Path) -> None:
    """Write the bill of materials."""
    bill = bill_of_materials()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(bill, indent=1) + "\n")
    nameless = [part["name"] for part in bill["components"] if "licenses" not in part]
    print(
        f"{path}: {len(bill['components'])} packages; without a stated licence: {', '.join(nameless) or 'none'}"
    )


NOTICE = """\
Lumbung
Copyright 2026 the Lumbung founders

Licensed under the Apache License, Version 2.0; see LICENSE.

The wheel holds our own files alone: no code, font, map or model of others. What our tables state (crop parameters,
antenna and propagation constants, legal thresholds) are facts, each with its source beside it.

A container image, or any environment that the extras are installed into, holds these packages besides, each under its
own licence, whose text lies in its folder `*.dist-info`. Run as a program and never linked: bubblewrap (LGPL-2.0-or-later).

"""


def write_notice() -> None:
    """Write NOTICE: what is bound in where the extras are installed, and under which licences."""
    parts = bill_of_materials()["components"]
    rows = sorted({(part["name"], licence_of(part["name"]) or "see the package") for part in parts})
    width = max(len(name) for name, _licence in rows)
    (ROOT / "NOTICE").write_text(NOTICE + "".join(f"{name:<{width}}  {licence}\n" for name, licence in rows))
    print(f"NOTICE: {len(rows)} packages")


def reproduce() -> None:
    """Build the wheel twice, in different folders, zones, masks and ages of files; fail where a byte differs."""
    with tempfile.TemporaryDirectory() as scratch:
        digests = []
        for name, zone, mask, age in (
            ("a", "UTC", 0o022, 0),
            ("another-place", "Asia/Jakarta", 0o077, 10**8),
        ):
            os.umask(mask)
            wheel = _build(Path(scratch) / name / "lumbung", zone, age)
            digests.append(_digest(wheel))
            print(f"{wheel.name} built in {name}/ ({zone}): sha256:{digests[-1]}")
        if len(set(digests)) > 1:
            sys.exit("the two wheels differ")


def verify(given: Path) -> None:
    """Build the wheel from this source and compare it, byte for byte, with one that somebody published."""
    with tempfile.TemporaryDirectory() as scratch:
        built = _build(Path(scratch) / "lumbung", "UTC", 0)
        ours, theirs = _digest(built), _digest(given)
    print(f"{built.name} built from this source: sha256:{ours}")
    print(f"{given.name} as given:               sha256:{theirs}")
    if ours != theirs:
        sys.exit("they differ: another source, another time (SOURCE_DATE_EPOCH), or not ours")


def _build(source: Path, zone: str, age: int) -> Path:
    """Copy the source, its files *age* seconds old, and build its wheel in a time zone."""
    _copy(source, age)
    out = source.parent / "dist"
    environment = {**os.environ, "TZ": zone, "SOURCE_DATE_EPOCH": str(int(released_at().timestamp()))}
    subprocess.run(
        [uv(), "build", "--quiet", "--wheel", "--out-dir", out, source], check=True, env=environment
    )
    (wheel,) = out.glob("*.whl")
    return wheel


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _copy(into: Path, age: int) -> None:
    """Copy what git knows of the working tree, as files that are *age* seconds old."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        source, target = ROOT / name, into / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
            moment = released_at().timestamp() - age
            os.utime(target, (moment, moment))


def main() -> None:
    """Do what is asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("sbom").add_argument("path", type=Path)
    what.add_parser("notice")
    what.add_parser("reproduce")
    what.add_parser("verify").add_argument("wheel", type=Path)
    asked = parser.parse_args()
    if asked.what == "sbom":
        write_bill(asked.path)
    elif asked.what == "notice":
        write_notice()
    elif asked.what == "verify":
        verify(asked.wheel)
    else:
        reproduce()


if __name__ == "__main__":
    main()
