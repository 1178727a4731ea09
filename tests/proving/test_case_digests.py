"""A case's digest covers every file that it is judged from: evidence of one case set is evidence of one data set."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from lumbung.proving.challenge import ChallengeError, JudgeMissing, Ranking, read_challenge
from lumbung.proving.judge import find_judge
from lumbung.proving.run import list_cases
from lumbung.proving.scaffold import new_challenge

ROOT = Path(__file__).parents[2] / "challenges"
SHIPPED = sorted(path.parent.name for path in ROOT.glob("*/challenge.toml"))
# What teams are given and no judge opens.
FOR_TEAMS = {"traffic-counts/detectors.csv", "traffic-counts/history.csv"}
NO_DATA = {"challenge.toml", "picture.svg", "README.md", "LICENSE"}


@pytest.fixture
def toy(tmp_path):
    new_challenge(tmp_path / "toy")
    return read_challenge(tmp_path / "toy")


@pytest.fixture
def rows(toy, tmp_path):
    """Private rows of which the truth alone lies there."""
    folder = tmp_path / "rows"
    folder.mkdir()
    shutil.copy(toy.folder / "truth.csv", folder)
    return folder


def digests(folder):
    return [case.digest for case in list_cases(read_challenge(folder), folder)[2]]


def spoiled(path):
    whole = path.read_bytes()
    return (
        whole + b"\n"
        if path.suffix in {".csv", ".json", ".toml", ".xml"}
        else whole[:-1] + bytes([whole[-1] ^ 1])
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_no_file_that_is_judged_from_changes_unseen(name, tmp_path):
    folder = tmp_path / name
    shutil.copytree(ROOT / name, folder)
    before, unseen = digests(folder), set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        inside = path.relative_to(folder)
        if inside.parts[0] in {"submissions", "solutions"} or path.name in NO_DATA:
            continue
        whole = path.read_bytes()
        path.write_bytes(spoiled(path))
        try:
            if digests(folder) == before:
                unseen.add(f"{name}/{inside}")
        except ChallengeError:
            pass  # refused is seen
        path.write_bytes(whole)
    assert unseen == {each for each in FOR_TEAMS if each.startswith(f"{name}/")}


def test_private_inputs_that_change_are_another_case_set(toy, rows):
    def listed():
        return [case.digest for case in list_cases(toy, rows)[2]]

    alone = listed()
    inputs = (toy.folder / "inputs.csv").read_text()
    (rows / "inputs.csv").write_text(inputs)
    first = listed()
    (rows / "inputs.csv").write_text(inputs.replace("1,0.1", "1,0.2", 1))
    assert len({*alone, *first, *listed()}) == 3 * len(alone)


def test_a_program_that_needs_private_inputs_which_are_not_there_is_the_challenges_fault(toy, rows):
    effective, _, cases = list_cases(toy, rows)
    with pytest.raises(ChallengeError) as caught:
        find_judge("tables.predictions").play(cases[0], None, effective.challenge.options)
    assert (caught.value.where, caught.value.found) == (str(rows / "inputs.csv"), "no such file")


def test_what_was_judged_by_the_version_before_is_not_mixed_with_this(toy):
    older = msgspec.structs.replace(toy.challenge, judge_version=1)
    with pytest.raises(JudgeMissing, match="pose a new version of the challenge with judge_version = 2"):
        list_cases(msgspec.structs.replace(toy, challenge=older), toy.folder)


def test_inputs_that_lack_a_row_of_the_truth_are_refused_before_a_team_is_blamed(toy, rows):
    lines = (toy.folder / "inputs.csv").read_text().splitlines(keepends=True)
    (rows / "inputs.csv").write_text("".join(line for line in lines if not line.startswith(("3,", "7,"))))
    with pytest.raises(ChallengeError) as caught:
        list_cases(toy, rows)
    assert (caught.value.where, caught.value.found) == (
        str(rows / "inputs.csv"), "no row with id '3' (2 missing)"
    )  # fmt: skip


def test_inputs_that_have_a_row_twice_are_refused_before_a_team_is_blamed(toy, rows):
    (rows / "inputs.csv").write_text((toy.folder / "inputs.csv").read_text() + "3,9.5\n")
    with pytest.raises(ChallengeError) as caught:
        list_cases(toy, rows)
    assert (caught.value.where, caught.value.found) == (str(rows / "inputs.csv"), "the id '3' twice")


@pytest.mark.parametrize("target", ["nan", "inf", "1e200", "", "0,5", "tinggi"])
def test_truth_that_is_no_number_is_found_when_the_rows_arrive(target, toy, rows):
    text = (toy.folder / "truth.csv").read_text()
    (rows / "truth.csv").write_text(text.replace("\n7,2.4\n", f'\n7,"{target}"\n'))
    with pytest.raises(ChallengeError) as caught:
        list_cases(toy, rows)
    assert (caught.value.where, caught.value.found) == (
        f"{rows / 'truth.csv'}: truth, key 7", repr(target)
    )  # fmt: skip


def test_truth_of_three_classes_has_no_roc_curve_and_says_so_at_once(toy, rows):
    lines = "".join(f"{number},{number % 3}\n" for number in range(1, 21))
    (rows / "truth.csv").write_text("id,target\n" + lines)
    record = msgspec.structs.replace(
        toy.challenge,
        options={**toy.challenge.options, "metrics": ["roc_auc"]},
        ranking=Ranking("roc_auc", "higher"),
    )
    with pytest.raises(ChallengeError, match="truth, roc_auc"):
        list_cases(msgspec.structs.replace(toy, challenge=record), rows)


def test_a_table_that_is_a_folder_or_was_cut_is_named(toy, rows):
    (rows / "truth.csv").unlink()
    (rows / "truth.csv").mkdir()
    with pytest.raises(ChallengeError, match="found a folder"):
        list_cases(toy, rows)
    record = msgspec.structs.replace(
        toy.challenge, options={**toy.challenge.options, "truth": "truth.parquet"}
    )
    (rows / "truth.parquet").write_bytes(b"PAR1 and the rest is missing")
    with pytest.raises(ChallengeError, match="expected a whole Parquet file"):
        list_cases(msgspec.structs.replace(toy, challenge=record), rows)
