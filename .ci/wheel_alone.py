"""Build the wheel, install it in a clean environment outside the repository, and play the demo to a standing there.

Run: python3 .ci/wheel_alone.py [--keep FOLDER]

What a stranger gets from the index is this wheel: a file that the build leaves out is missed nowhere else.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Sheltered from the repository and from the environment this runs in.
LEFT_OUT = ("PYTHONPATH", "VIRTUAL_ENV", "UV_PYTHON", "UV_PROJECT_ENVIRONMENT")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keep", type=Path, help="put what was built here")
    keep = parser.parse_args().keep
    uv = shutil.which("uv") or str(ROOT / ".uv/bin/uv")
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        environment = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
        environment |= {"LUMBUNG_HOME": str(folder / "home")}

        def run(*command: str | Path) -> str:
            done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
            if done.returncode:
                print(done.stdout)
                raise SystemExit(f"failed: {' '.join(map(str, command))}")
            return done.stdout

        run(uv, "build", "--quiet", "--out-dir", folder / "dist", ROOT)
        (wheel,) = (folder / "dist").glob("*.whl")
        run(uv, "venv", "--quiet", folder / "venv")
        python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        run(uv, "pip", "install", "--quiet", "--python", python, f"lumbung[city] @ {wheel.as_uri()}")
        where = run(python, "-c", "import lumbung; print(lumbung.__file__)").strip()
        if ROOT in Path(where).parents:
            raise SystemExit(f"the repository's own package was imported, not the wheel's: {where}")
        size = sum(path.stat().st_size for path in (folder / "venv").rglob("*") if path.is_file())
        print(
            f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB; installed with the extra city: {size / 1e6:.0f} MB"
        )
        print(run(python.with_name("lumbung"), "--version").strip())
        shown = json.loads(
            run(python.with_name("lumbung"), "demo", "--local", "--no-serve", "--no-browser", "--json")
        )
        rows = shown["rows"]
        print(f"lumbung demo --local: a standing of {len(rows)} solutions")
        if not rows:
            return 1
        if keep:
            keep.mkdir(parents=True, exist_ok=True)
            for built in (folder / "dist").iterdir():
                if built.suffix in (".whl", ".gz"):
                    shutil.copy(built, keep)
    return 0


if __name__ == "__main__":
    sys.exit(main())
