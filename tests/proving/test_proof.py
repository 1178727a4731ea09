"""A challenge proves itself whole, and what does not hold is named."""

from __future__ import annotations

import importlib
import os
import tomllib
from pathlib import Path

import pytest

from lumbung.proving.catalogue import find_challenge
from lumbung.proving.challenge import read_challenge
from lumbung.proving.executors import ProcessPool, Serial
from lumbung.proving.judge_scaffold import NameUnfit, new_judge
from lumbung.proving.proof import _Accepted, _of_the_phases, prove
from lumbung.proving.scaffold import FolderInTheWay
from spine import TESTS, installed_judges, judge_pieces, shelf_challenge


@pytest.fixture
def executor():
    pool = ProcessPool(1)
    yield pool
    pool.close()


@pytest.fixture
def install(monkeypatch):
    """Make folders importable here and in workers, as an installation would."""

    def add(*folders: Path) -> None:
        for folder in folders:
            monkeypatch.syspath_prepend(str(folder))
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, folders)))
        importlib.invalidate_caches()

    return add


def test_a_new_challenge_proves_itself_and_says_what_stayed_at_home(toy, executor):
    (toy / "private").mkdir()
    (toy / "private" / "truth.csv").write_text("id,target\n")
    proof = prove(read_challenge(toy), executor)
    assert proof.wrong() == [] and proof.stays == ("private/",)
    assert {check.found for check in proof.verdicts} >= {"accepted", "raised"}


def test_a_submission_that_differs_from_play_to_play_is_named(toy, executor):
    solution = toy / "submissions" / "accepted" / "straight-line" / "solution.py"
    solution.write_text(
        "import random\n"
        "def solve(p): return {'id': p['keys'], 'prediction': [random.random() for _ in p['keys']]}\n"
    )
    (solution.parent / "expected.toml").unlink()
    wrong = prove(read_challenge(toy), executor).wrong()
    assert any("a second play gave" in sentence and "case all/00" in sentence for sentence in wrong)


def test_texts_phases_and_verdicts_that_are_not_as_they_must_be(toy, executor):
    toml = toy / "challenge.toml"
    text = toml.read_text()
    toml.write_text(text.replace('id = "Prediksi target"', 'id = "Predict the target"'))
    (toy / "submissions" / "crashed").mkdir()
    (toy / "submissions" / "raised").rename(toy / "submissions" / "crashed" / "not-so")
    (toy / "submissions" / "crashed" / "not-so" / "always-fails" / "solution.py").rename(
        toy / "submissions" / "crashed" / "not-so" / "solution.py"
    )
    wrong = prove(read_challenge(toy), executor).wrong()
    assert any("title is not written in three languages" in sentence for sentence in wrong)
    assert any(sentence.startswith("crashed/not-so: raised, expected crashed") for sentence in wrong)
    toml.write_text(text[: text.index("[[phases]]")])
    assert any("nobody could submit" in sentence for sentence in prove(read_challenge(toy), executor).wrong())
    part = 'part = { cases = "elsewhere/*" }\ndaily_limit = 20'
    toml.write_text(text.replace("daily_limit = 20", part))
    wrong = prove(read_challenge(toy), executor).wrong()
    assert any(s.startswith("phase practice: ") and "elsewhere/*" in s for s in wrong)


def test_of_private_phases_the_cases_lie_elsewhere(toy):
    """What public phases find is looked at; what private ones find, only their nodes can tell."""
    toml, accepted = (
        toy / "challenge.toml",
        toy / "submissions" / "accepted" / "straight-line",
    )
    text = toml.read_text()
    for cases, found in (("private", []), ("public", ["final"])):
        part = 'part = { cases = "elsewhere/*" }'
        phase = text[text.index("[[phases]]") :].replace('"practice"', f'"final"\ncases = "{cases}"\n{part}')
        toml.write_text(text + phase)
        said = _of_the_phases(_Accepted(read_challenge(toy), accepted, None), Serial())
        assert [one.split(":")[0].removeprefix("phase ") for one in said] == found


@pytest.mark.parametrize(
    "attack",
    ["nan", "pictures_script", "pictures_raise", "import_exits", "exits_at_once", "options_raise", "good"],
)
def test_check_finds_what_a_node_would(attack, tmp_path, install, executor):
    install(installed_judges(tmp_path / "installed"), TESTS)
    piece = next(piece for piece in judge_pieces() if piece.name == attack)
    wrong = prove(shelf_challenge(piece.challenge, tmp_path), executor).wrong()
    assert bool(wrong) == bool(piece.code or piece.finding), wrong
    assert all(word in " ".join(wrong) for word in piece.says), wrong
    assert "Traceback" not in " ".join(wrong)


def test_a_new_judge_works_once_it_is_installed(tmp_path, install, executor):
    made = new_judge(tmp_path / "tambak-udang")
    assert made.challenge == "tambak-udang-quota"
    package = tomllib.loads((tmp_path / "tambak-udang" / "pyproject.toml").read_text())["project"]
    about = tmp_path / "installed" / "tambak_udang-0.1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package['name']}\nVersion: 0.1.0\n")
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
        for group, entries in package["entry-points"].items()
    )
    (about / "entry_points.txt").write_text(points)
    install(tmp_path / "installed", tmp_path / "tambak-udang" / "src")
    proof = prove(find_challenge(made.challenge), executor)
    assert proof.wrong() == [] and len(proof.verdicts) == 7
    for file in made.files:
        assert "fisheries" not in file.read_text(encoding="utf-8"), file
    with pytest.raises(FolderInTheWay):
        new_judge(tmp_path / "tambak-udang", "another")


@pytest.mark.parametrize("name", ["json", "numpy", "lumbung", "class", "3d", "", "---", "鱼", "a" * 60])
def test_a_package_gets_no_name_that_hides_another_or_is_none(tmp_path, name):
    with pytest.raises(NameUnfit, match="--name"):
        new_judge(tmp_path / "new", name or "!")
    assert not (tmp_path / "new").exists()
