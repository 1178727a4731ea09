"""The picture of a challenge: drawn from its public data, declared, looked at before it leaves, and shown."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from lumbung.cli import main
from lumbung.proving.catalogue import shipped_challenges
from lumbung.proving.challenge import ChallengeError, fit_to_be_seen, read_challenge
from lumbung.proving.challenge_picture import HEIGHT, WIDTH, draw_picture, frames
from lumbung.proving.contents import PICTURE_OF_A_CHALLENGE
from lumbung.proving.scaffold import new_challenge

SHIPPED = shipped_challenges()


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_what_is_shipped_is_what_the_command_draws(name: str, tmp_path: Path) -> None:
    kept = SHIPPED[name] / "picture.svg"
    done = CliRunner().invoke(main, ["picture", name, "--out", str(tmp_path / "drawn.svg"), "--json"])
    assert done.exit_code == 0, done.output
    drawn = (tmp_path / "drawn.svg").read_text()
    assert drawn == kept.read_text(), f"draw it again: lumbung picture {name}"
    assert json.loads(done.output)["bytes"] == kept.stat().st_size <= PICTURE_OF_A_CHALLENGE
    read = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(drawn).iter()}
    assert "prefers-color-scheme:dark" in drawn
    assert "text" not in read and read & {"path", "circle"}


def test_only_the_number_of_signals_is_told_of_networks_under_other_licences() -> None:
    """Of RESCO's eight networks no street is committed."""
    drawn = ElementTree.parse(SHIPPED["resco"] / "picture.svg").getroot()
    groups = [one for one in drawn.iter() if one.get("class") == "mark"]
    assert [len(one) for one in groups] == [1, 3, 8, 1, 7, 21, 16, 16]
    assert not [one for one in drawn.iter() if one.get("class") == "way"]


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ("<svg><script>1</script></svg>", "runs nothing"),
        ('<svg><image href="https://a.invalid/x.png"/></svg>', "runs nothing"),
        ('<svg onload="x()"></svg>', "runs nothing"),
        ("<svg>" + " " * PICTURE_OF_A_CHALLENGE + "</svg>", "at most 60000"),
        ("\x89PNG", "begins with <svg"),
        ("", "begins with <svg"),
    ],
)
def test_a_picture_that_may_not_be_shown_keeps_the_challenge_at_home(
    told: str, refusal: str, tmp_path: Path
) -> None:
    new_challenge(tmp_path / "toy")
    (tmp_path / "toy" / "picture.svg").write_bytes(told.encode("latin-1"))
    with pytest.raises(ChallengeError, match=rf"picture\.svg: .*{refusal}"):
        fit_to_be_seen(read_challenge(tmp_path / "toy"))


def test_a_table_is_drawn_and_its_picture_is_declared_with_it(tmp_path: Path) -> None:
    new_challenge(tmp_path / "toy")
    before = read_challenge(tmp_path / "toy")
    assert PurePosixPath("picture.svg") not in before.files
    assert CliRunner().invoke(main, ["picture", str(tmp_path / "toy")]).exit_code == 0
    after = fit_to_be_seen(read_challenge(tmp_path / "toy"))
    assert PurePosixPath("picture.svg") in after.files
    assert before.digest != after.digest
    (tmp_path / "toy" / "truth.csv").write_text("id,target\n1,many\n2,few\n")
    done = CliRunner().invoke(main, ["picture", str(tmp_path / "toy")])
    assert (done.exit_code, "truth.csv" in done.output, "numbers" in done.output) == (2, True, True)
    assert (
        fit_to_be_seen(read_challenge(tmp_path / "toy")).files == after.files
    )  # the picture before stays whole


def test_a_judge_that_draws_none_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_challenge(tmp_path / "toy")
    still = SimpleNamespace(name="toy.still")
    monkeypatch.setattr("lumbung.proving.challenge_picture.find_judge", lambda name: still)
    with pytest.raises(ChallengeError, match="draws no picture"):
        draw_picture(read_challenge(tmp_path / "toy"))


def test_streets_of_a_network_of_ones_own_are_drawn(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED["motorbikes"], tmp_path / "town")
    drawn = draw_picture(read_challenge(tmp_path / "town"))
    assert drawn.count("<circle") == 4 and 'class="way"' in drawn


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 8, 30])
def test_frames_lie_on_the_sheet_and_apart(count: int) -> None:
    found = frames(count)
    assert len(found) == max(1, min(count, 8))
    for one in found:
        assert one.x > 0 and one.y > 0 and one.x + one.width < WIDTH and one.y + one.height < HEIGHT
    for one, other in pairwise(found):
        assert other.x >= one.x + one.width or other.y >= one.y + one.height
