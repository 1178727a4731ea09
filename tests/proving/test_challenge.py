"""Reading a challenge is strict, and its errors name the place."""

from __future__ import annotations

import json
import tomllib

import jsonschema
import msgspec
import pytest

from lumbung.proving.catalogue import find_challenge, shipped_challenges
from lumbung.proving.challenge import ChallengeError, challenge_schema, read_challenge
from lumbung.proving.checker import challenge_texts, check_judge
from lumbung.proving.judge import find_judge, judges


def change(folder, old, new):
    path = folder / "challenge.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("judge_version = 2", 'judge_version = 2\ncolour = "red"', "colour"),
        ('better = "lower"', 'better = "sideways"', "ranking.better"),
        ('zh = "预测目标值"', "", "title"),
        ('home = "ID"', 'home = "Indonesia"', "home"),
        ("version = 1\n", 'version = "one"\n', "version"),
        ("schema = 1", "schema = 2", "schema"),
        ("[ranking]", "[ranking", "TOML"),
        ("daily_limit = 20", "daily_limit = 20\nopens = 2026-05-01T00:00:00", "zone"),
        (
            "daily_limit = 20",
            "daily_limit = 20\nopens = 2026-05-01T00:00:00Z\ncloses = 2026-04-01T00:00:00Z",
            "closes",
        ),
    ],
)
def test_a_fault_in_challenge_toml_is_named(toy, old, new, named):
    change(toy, old, new)
    with pytest.raises(ChallengeError, match=named) as error:
        read_challenge(toy)
    assert "challenge.toml" in str(error.value) and "expected" in str(error.value)


def test_a_missing_folder_lists_what_is_shipped():
    with pytest.raises(ChallengeError, match="resco"):
        find_challenge("no-such-challenge")


def test_the_digest_covers_every_byte_but_the_known_submissions(toy):
    before = read_challenge(toy).digest
    (toy / "submissions" / "accepted" / "straight-line" / "solution.py").write_text("changed")
    assert read_challenge(toy).digest == before
    (toy / "truth.csv").write_text((toy / "truth.csv").read_text().replace("1,1.2", "1,1.3"))
    assert read_challenge(toy).digest != before


def test_the_published_schema_accepts_every_shipped_challenge_and_is_the_one_in_docs(toy):
    schema = challenge_schema()
    for folder in [*shipped_challenges().values(), toy]:
        raw = tomllib.loads((folder / "challenge.toml").read_text())
        jsonschema.validate(json.loads(msgspec.json.encode(raw)), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": 1, "id": "x"}, schema)


@pytest.mark.parametrize("name", sorted(shipped_challenges()))
def test_every_shipped_challenge_is_written_in_three_languages(name):
    folder = shipped_challenges()[name]
    assert challenge_texts(folder, read_challenge(folder)) == []


@pytest.mark.parametrize("name", sorted(shipped_challenges()))
def test_the_judge_of_every_shipped_challenge_passes_the_public_checker(name):
    challenge = read_challenge(shipped_challenges()[name])
    assert check_judge(find_judge(challenge.challenge.judge), challenge) == []


def test_an_unknown_judge_lists_the_installed_ones():
    with pytest.raises(ChallengeError, match=r"tables\.predictions"):
        find_judge("fisheries.quota")
    assert "tables.predictions" in judges()
