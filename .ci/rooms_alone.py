"""Import each room in an environment that has that room's extra and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOMS = {
    "": ["lumbung.sandbox", "lumbung.proving.run", "lumbung.proving.standing", "lumbung.cli"],
    "tables": ["lumbung.proving.tables"],
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
    "cluster": ["lumbung.proving.executors", "ray"],
    "farm": ["lumbung.farm.growing.harvest", "lumbung.farm.growing.reference_cases", "lumbung.cli.farm"],
}


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
            print(
                f"{extra or 'no extra':<14} {'ok' if done.returncode == 0 else 'BROKEN'}  {', '.join(modules)}"
            )
            if done.returncode:
                print(done.stderr)
                broken.append(extra)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
