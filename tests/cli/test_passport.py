"""The passport's commands, from a judged run to what a ministry reads, in three languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lumbung.cli import main
from lumbung.cli.passport_words import WORDS

pytestmark = pytest.mark.xdist_group("passport")  # one lab for all
LANGUAGES = ("en", "id", "zh")


def lumbung(*words: str | Path, code: int = 0, home: Path, language: str = "en") -> Result:
    said = {"LUMBUNG_HOME": str(home), "LUMBUNG_LANGUAGE": language}
    result = CliRunner().invoke(main, [*map(str, words)], env=said)
    assert result.exit_code == code, result.output + result.stderr
    return result


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lab that judged two submissions on a challenge, and holds a passport of each."""
    lab = tmp_path_factory.mktemp("lab")
    home, toy = lab / "home", lab / "toy"
    lumbung("new", "challenge", toy, home=home)
    lumbung("talent", "key", lab / "issuer.pem", home=home)
    for name in ("straight-line", "one-number"):
        out = lab / f"run-{name}"
        judged = lumbung(
            "judge", toy, toy / f"submissions/accepted/{name}", "--out", out, "--json", home=home
        )
        evidence = json.loads(judged.stdout)["evidence"]
        made = lumbung(
            "passport", "make", evidence, "--key", lab / "issuer.pem", "--challenge", toy, "--name", name,
            "--licence", "MIT", "--out", lab / f"{name}.json", "--json", home=home,
        )  # fmt: skip
        assert json.loads(made.stdout)["counts"]["scored"] == 1
    return lab


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_ministry_reads_what_was_tested_and_what_was_not(lab: Path, language: str) -> None:
    said = lumbung(
        "passport",
        "verify",
        lab / "straight-line.json",
        "--challenge",
        lab / "toy",
        home=lab / "home",
        language=language,
    ).output
    for word in ("chosen", "principles", "any_issuer"):
        assert WORDS[word].in_language(language) in said
    beginning = WORDS["uncovered"].in_language(language).split("{")[0]
    assert said.count(beginning) == 7 and "straight-line" in said and "{" not in said and "FAIL" not in said


def test_one_who_trusts_nobody_is_told_whose_key_is_wanted(lab: Path, tmp_path: Path) -> None:
    passport, toy = lab / "straight-line.json", lab / "toy"
    refused = lumbung("passport", "verify", passport, code=2, home=tmp_path)
    assert "--key" in refused.output and "FAIL" in refused.output
    key = next((lab / "home").rglob("signing.pub"))
    told = json.loads(
        lumbung(
            "passport", "verify", passport, "--key", key, "--challenge", toy, "--json", home=tmp_path
        ).stdout
    )
    assert told["verified"] and told["declared"] == {"name": "straight-line", "licence": "MIT"}
    assert not told["trusted_issuer"]
    wanted = ("--trust", "did:key:z6Mkanother")
    lumbung("passport", "verify", passport, "--key", key, "--challenge", toy, *wanted, code=2, home=tmp_path)
    lumbung("passport", "verify", passport, "--key", key, "--trust", told["issuer"], home=tmp_path)


def test_a_better_figure_is_found(lab: Path, tmp_path: Path) -> None:
    changed = json.loads((lab / "one-number.json").read_text())
    changed["credentialSubject"]["tests"][0]["mean"] = 0.0
    (tmp_path / "better.json").write_text(json.dumps(changed))
    told = json.loads(
        lumbung("passport", "verify", tmp_path / "better.json", "--json", code=2, home=lab / "home").stdout
    )
    found = {check["code"] for check in told["checks"] if not check["ok"]}
    assert found == {"altered", "other_figure"} and not told["verified"]
    wrong = lumbung(
        "passport", "compare", tmp_path / "better.json", lab / "straight-line.json", code=2, home=lab / "home"
    )
    assert "tests[0].mean" in wrong.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_models_stand_side_by_side(lab: Path, language: str) -> None:
    files = [lab / "straight-line.json", lab / "one-number.json"]
    said = lumbung("passport", "compare", *files, home=lab / "home", language=language).output
    assert WORDS["same_cases"].in_language(language) in said and all(str(file) in said for file in files)
    told = json.loads(lumbung("passport", "compare", *files, "--json", home=lab / "home").stdout)
    (row,) = told["questions"]
    means = [answers[0]["mean"] for answers in row["answers"]]
    assert row["comparable"] and means[0] < means[1]


def test_bad_input_is_named(lab: Path, tmp_path: Path) -> None:
    home, key = lab / "home", lab / "issuer.pem"
    evidence = next((lab / "run-straight-line").rglob("evidence.json"))
    more = ("--challenge", lab / "toy")
    twice = lumbung(
        "passport",
        "make",
        evidence,
        evidence,
        "--key",
        key,
        *more,
        "--out",
        tmp_path / "p",
        code=2,
        home=home,
    )
    assert "twice" in twice.stderr and not (tmp_path / "p").exists()
    there = lumbung(
        "passport", "make", evidence, "--key", key, *more, "--out", lab / "one-number.json", code=2, home=home
    )
    assert "one-number.json" in there.stderr
    lost = lumbung("passport", "make", evidence, "--key", key, "--out", tmp_path / "p", code=2, home=home)
    assert "--challenge" in lost.stderr
    lumbung("passport", "compare", lab / "one-number.json", code=2, home=home)
    lumbung("passport", "verify", key, code=2, home=home)
