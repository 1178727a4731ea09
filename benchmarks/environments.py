"""How long an environment takes to be built and to be found again, and what of the machine is visible inside.

    uv run python benchmarks/environments.py

Builds numpy, onnxruntime and pillow from wheels (PyPI, or the index in LUMBUNG_INDEX), once to fill the installer's cache, once
more with it warm, and finds it a hundred times.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from importlib.metadata import distributions
from pathlib import Path

from lumbung.proving.environments.chosen import environment_of
from lumbung.proving.environments.shelf import Shelf, find_uv
from lumbung.proving.submission import read_submission
from lumbung.sandbox import open_box

INDEX = os.environ.get("LUMBUNG_INDEX", "https://pypi.org/simple")
CODE = """
import importlib.metadata
def solve(payload):
    import numpy, onnxruntime, PIL
    return sorted(dist.name for dist in importlib.metadata.distributions())
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        mine = Path(scratch) / "mine"
        mine.mkdir()
        (mine / "solution.py").write_text(CODE)
        (mine / "submission.toml").write_text('[environment]\nlock = "requirements.txt"\n')
        lock = [
            find_uv(),
            "pip",
            "compile",
            "-q",
            "--no-config",
            "--generate-hashes",
            "--only-binary",
            ":all:",
        ]
        lock += ["--default-index", INDEX, "-o", str(mine / "requirements.txt"), "-"]
        subprocess.run(lock, input="numpy\nonnxruntime\npillow\n", text=True, check=True)
        found = read_submission(mine)
        for name in ("cold or warm", "warm"):
            begun = time.perf_counter()
            shelf = Shelf(Path(scratch) / name, INDEX)
            environment = environment_of(found, None, shelf)
            print(f"first build, wheel cache {name:<14} {time.perf_counter() - begun:8.2f} s")
        took = []
        for _ in range(100):
            begun = time.perf_counter()
            environment_of(found, None, shelf)
            took.append(time.perf_counter() - begun)
        print(f"found again, median of 100              {statistics.median(took) * 1e3:8.2f} ms")
        with open_box(mine, packages=environment.packages) as box:
            inside = box.ask("solve")
        print(f"distributions inside: {', '.join(inside)}")
        declared = {
            line.split("==")[0]
            for line in (mine / "requirements.txt").read_text().splitlines()
            if "==" in line
        }
        foreign = set(inside) - declared
        print(
            f"packages of the node visible inside: {len(foreign)} (of {len(list(distributions()))} installed)"
        )


if __name__ == "__main__":
    main()
