"""A submission to a challenge that was a Codabench bundle: your files lie in ``submission/``.

Where the bundle has an ingestion program (``ingestion/``), that runs your code on the input, and what it writes is the
answer. Else the files themselves are the answer.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
APP = Path("/tmp/app")


def files_in(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


def put(files, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def solve(problem):
    return [answer(item.get("input", {})) for item in problem["items"]]


def answer(given):
    ingestion = HERE / "ingestion"
    if not ingestion.is_dir():
        return files_in(HERE / "submission")
    put(given, APP / "input_data")
    put(files_in(ingestion), APP / "program")
    put(files_in(HERE / "submission"), APP / "ingested_program")
    (APP / "output").mkdir(parents=True, exist_ok=True)
    command = json.loads((HERE / "ingestion.json").read_text(encoding="utf-8"))["command"]
    found = os.pathsep.join(filter(None, [str(HERE / "seeded"), os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        ["sh", "-c", command.replace("PYTHON", sys.executable)],
        cwd=APP / "program", env={**os.environ, "PYTHONPATH": found}, stderr=subprocess.PIPE, text=True, errors="replace",
    )  # fmt: skip
    print(done.stderr)
    if done.returncode:
        said = (done.stderr.strip() or "nothing").splitlines()[-1][:200]
        raise RuntimeError(f"the ingestion program ended with {done.returncode}: {said}")
    return files_in(APP / "output")
