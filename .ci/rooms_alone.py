"""Import each room in an environment that has that room's extra and nothing else, and weigh that environment."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOMS = {
    "": ["lumbung.sandbox", "lumbung.proving.run", "lumbung.proving.standing", "lumbung.cli"],
    "tables": ["lumbung.proving.tables"],
    "files": ["lumbung.proving.files.judge"],
    "language": ["lumbung.language.judge"],
    "croissant": ["lumbung.proving.files.croissant"],
    "connectivity": ["lumbung.connectivity.radio.coverage", "lumbung.connectivity.files.map_picture"],
    "city": ["lumbung.city.judge", "lumbung.city.engine.episode", "lumbung.city.signals"],
    "talent": [
        "lumbung.talent.irt.calibration",
        "lumbung.talent.bank",
        "lumbung.talent.credentials",
        "lumbung.cli.talent.road",
    ],
    "cooperation": [
        "lumbung.cooperation.matching",
        "lumbung.cooperation.rules",
        "lumbung.cooperation.facilities",
    ],
    "node": ["lumbung.node.loop", "lumbung.cli.node"],
    "centre": ["lumbung.centre.wsgi"],
    "desk": ["lumbung.desk.wsgi", "lumbung.desk.jobs.worker", "lumbung.cli.desk"],
    "cluster": ["lumbung.proving.executors", "ray"],
    "farm": ["lumbung.farm.growing.harvest", "lumbung.farm.growing.reference_cases", "lumbung.cli.farm"],
}

# Installed, without bytecode [MB]: what somebody who wants one room has to take. It may shrink.
AT_MOST = {"": 95, "farm": 590, "connectivity": 680, "city": 1170, "centre": 205, "desk": 160}


def installed(environment: Path) -> float:
    """Return what an environment's packages take [MB]: each file once, bytecode not counted."""
    sizes = {}
    for path in environment.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.suffix != ".pyc":
            sizes[path.stat().st_ino] = path.stat().st_size
    return sum(sizes.values()) / 1e6


def main() -> int:
    broken = []
    for extra, modules in ROOMS.items():
        with tempfile.TemporaryDirectory() as folder:
            python = Path(folder) / "venv/bin/python"
            subprocess.run(["uv", "venv", "--quiet", python.parents[1]], check=True)
            target = f".[{extra}]" if extra else "."
            # Its bytecode is used once: compiling it beforehand would cost more than it saves.
            plain = {name: value for name, value in os.environ.items() if name != "UV_COMPILE_BYTECODE"}
            subprocess.run(
                ["uv", "pip", "install", "--quiet", "--python", python, target], env=plain, check=True
            )
            code = "; ".join(f"import {module}" for module in modules)
            environment = {**os.environ, "LUMBUNG_HOME": f"{folder}/home"}
            done = subprocess.run(
                [python, "-c", code], cwd=folder, env=environment, capture_output=True, text=True
            )
            size, most = installed(python.parents[1]), AT_MOST.get(extra)
            verdict = "BROKEN" if done.returncode else "TOO LARGE" if most and size > most else "ok"
            bound = f" of {most}" if most else ""
            print(f"{extra or 'no extra':<14} {verdict}  {size:.0f}{bound} MB  {', '.join(modules)}")
            if verdict != "ok":
                print(done.stderr)
                broken.append(extra)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
