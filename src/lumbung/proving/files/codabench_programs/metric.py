"""Runs a Codabench scoring program on one task: the reference files and a submission's, as its authors expect them.

``bundle.json`` beside this file says the command and which of the scores count. The program finds ``input/ref``,
``input/res``, ``output`` and ``program`` below /tmp/app.
"""

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
APP = Path("/tmp/app")
BUNDLE = json.loads((HERE / "bundle.json").read_text(encoding="utf-8"))
COMBINED = {"avg": lambda values: sum(values) / len(values), "sum": sum, "min": min, "max": max}


def put(files, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def score(truth, answers, items):
    (reference,), (files,) = truth, answers
    put(reference, APP / "input/ref")
    put(files, APP / "input/res")
    put(
        {
            p.relative_to(HERE / "program").as_posix(): p.read_bytes()
            for p in (HERE / "program").rglob("*")
            if p.is_file()
        },
        APP / "program",
    )
    (APP / "output").mkdir(exist_ok=True)
    done = subprocess.run(
        ["sh", "-c", BUNDLE["command"].replace("PYTHON", sys.executable)],
        cwd=APP / "program", capture_output=True, text=True, errors="replace",
    )  # fmt: skip
    print(done.stdout, done.stderr)
    found = read_scores(APP / "output")
    if found is None:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1][:200]
        raise RuntimeError(f"the scoring program wrote no scores.json or scores.txt and said: {said}")
    return {name: figure(how, found) for name, how in BUNDLE["figures"].items()}


def read_scores(output):
    """Return the scores that were written, wherever below *output*; None where there are none."""
    for path in sorted(output.rglob("scores.json")):
        return json.loads(path.read_text(encoding="utf-8"))
    for path in sorted(output.rglob("scores.txt")):
        pairs = (line.partition(":") for line in path.read_text(encoding="utf-8").splitlines() if ":" in line)
        return {key.strip(): float(value) for key, _, value in pairs}
    return None


def figure(how, found):
    """Return one column of the leaderboard: a score, or what is computed of several."""
    keys = how["of"] if "of" in how else [how["key"]]
    missing = [key for key in keys if key not in found]
    if missing:
        raise KeyError(f"the scores have no {missing[0]!r}, only {', '.join(sorted(found))[:200]}")
    values = [float(found[key]) for key in keys]
    return COMBINED[how["by"]](values) if "by" in how else values[0]
