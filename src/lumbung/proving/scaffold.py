"""What ``lumbung new`` writes: a challenge or a submission that works as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from lumbung.proving.challenge import ChallengeError, ChallengeFolder
from lumbung.proving.judge import Poses, find_judge, judges
from lumbung.proving.known_verdicts import starter_of

CHALLENGE = """\
schema = 1
id = "{id}"
version = 1
sector = "tables"
judge = "tables.predictions"
judge_version = 2
home = "ID"
licence = "CC-BY-4.0"

[title]
en = "Predict the target"
id = "Prediksi target"
zh = "预测目标值"

[summary]
en = "One sentence that says what is wanted and why it matters."
id = "Satu kalimat tentang apa yang dicari dan mengapa itu penting."
zh = "用一句话说明需要什么，以及为何重要。"

[options]
truth = "truth.csv"        # columns: id, target. Private cases: the same file, in the node's own folder
inputs = "inputs.csv"      # columns: id and whatever a solution may see
metrics = ["mae", "rmse"]
blocks = 5                 # rows are dealt into so many cases, so that the standing can say how sure it is

[ranking]
metric = "mae"
better = "lower"

[egress]
rule = "aggregate"
min_cases = 5
min_rows = 20              # no figure over fewer rows of the truth
legal_basis = ""

[[phases]]
id = "practice"
daily_limit = 20
title = {{ en = "Practice", id = "Latihan", zh = "练习" }}
"""

INPUTS = "id,x\n" + "".join(f"{i},{i / 10}\n" for i in range(1, 21))
TRUTH = "id,target\n" + "".join(f"{i},{2 * i / 10 + 1}\n" for i in range(1, 21))
GOOD = '''\
def solve(problem):
    """Return one prediction for each key."""
    inputs = problem["inputs"]
    return {"id": inputs["id"], "prediction": [2 * float(x) + 1 for x in inputs["x"]]}
'''
STARTER = '''\
"""Your start: one number for all. Make it better; print() goes to your log."""


def solve(problem):
    """Return one prediction for each key."""
    return {problem["key"]: problem["keys"], problem["prediction"]: [0.0] * len(problem["keys"])}
'''
RAISES = """\
def solve(problem):
    raise RuntimeError("this submission always fails")
"""
SUBMISSION = '''\
"""A solution of yours. Lumbung asks, you answer; print() goes to your log.

One-shot challenges call solve(problem). Sequential ones call start(problem) once, then step(observation) for each
moment, and one answer carries all decisions of that moment. See what a problem looks like: print it and judge.
"""


class Solution:
    def start(self, problem):
        print("problem:", problem)

    def step(self, observation):
        print("observation:", observation)
        return {}

    def solve(self, problem):
        print("problem:", problem)
        return {}
'''


class FolderInTheWay(ValueError):
    """Scaffolding never overwrites."""


def challenge_id(folder: Path) -> str:
    """Return the id that a challenge in this folder gets."""
    return re.sub("[^a-z0-9]+", "-", folder.resolve().name.lower())[:64].strip("-") or "challenge"


def new_challenge(folder: Path) -> list[Path]:
    """Write a small prediction challenge that passes ``lumbung check``.

    Raises
    ------
    FolderInTheWay
    """
    return write_folder(
        folder,
        {
            "challenge.toml": CHALLENGE.format(id=challenge_id(folder)),
            "inputs.csv": INPUTS,
            "truth.csv": TRUTH,
            "submissions/accepted/straight-line/solution.py": GOOD,
            "submissions/accepted/straight-line/expected.toml": "at_most = 1e-9\n",
            "submissions/accepted/one-number/solution.py": STARTER,
            "submissions/accepted/one-number/expected.toml": "starter = true   # what a team begins with\n",
            "submissions/raised/always-fails/solution.py": RAISES,
        },
    )


def new_challenge_on(folder: Path, judge: str, data: Path) -> list[Path]:
    """Write a challenge on an owner's own data, as its judge begins one.

    Raises
    ------
    FolderInTheWay
    ChallengeError
        The judge is not installed or begins no challenges; or it cannot use the data.
    """
    found = find_judge(judge)
    if not isinstance(found, Poses):
        posing = [name for name in judges() if isinstance(_installed(name), Poses)]
        raise ChallengeError(
            "judge", f"{judge}, which begins no challenge on own data", "one of " + ", ".join(posing)
        )
    return new_challenge_from(folder, found.pose(data))


def new_challenge_from(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write a challenge of *files*, as `lumbung.proving.judge.Poses.pose` returns them.

    Raises
    ------
    FolderInTheWay
    """
    toml = files["challenge.toml"]
    assert isinstance(toml, str)
    return write_folder(folder, {**files, "challenge.toml": toml.replace("{id}", challenge_id(folder))})


def _installed(name: str) -> object:
    try:
        return find_judge(name)
    except ChallengeError:
        return None


def new_submission(folder: Path, challenge: ChallengeFolder) -> tuple[list[Path], bool]:
    """Write the submission from which teams of *challenge* start.

    Returns
    -------
    written : list of Path
    scores : bool
        False where the challenge names no starter: what is written then runs, shows what it is asked, and decides
        nothing.

    Raises
    ------
    FolderInTheWay
    ChallengeError
        The challenge names its starter wrongly, or there is a link in it.
    """
    starter = starter_of(challenge)
    if starter is None:
        return write_folder(folder, {"solution.py": SUBMISSION}), False
    for path in (starter, *starter.rglob("*")):
        if path.is_symlink():
            # Followed, it would copy a file of this machine into what is handed in.
            raise ChallengeError(str(path), "a link", "files and folders only")
    names = [path.relative_to(starter) for path in sorted(starter.rglob("*")) if path.is_file()]
    content = {
        str(name): (starter / name).read_bytes()
        for name in names
        if name.name != "expected.toml" and "__pycache__" not in name.parts
    }
    written = write_folder(folder, content)
    for path, name in zip(written, content, strict=True):
        path.chmod((starter / name).stat().st_mode & 0o777 | 0o600)
    return written, True


def write_folder(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Write *files* (path below *folder* to content) into a folder that is new or empty.

    Raises
    ------
    FolderInTheWay
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderInTheWay(f"{folder}: there is something already; name a folder that is new or empty")
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [folder / name for name in files]
