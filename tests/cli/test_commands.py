"""The commands as a person types them: what they print, and how they end."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from live_league import Postgres, postgres_binaries
from lumbung.cli.words import WORDS
from lumbung.proving.catalogue import shipped_challenges
from lumbung.proving.challenge import read_challenge
from lumbung.proving.known_verdicts import starter_of

LUMBUNG = Path(sys.executable).with_name("lumbung")


def lumbung(*words, cwd, home=None, language="en", **options):
    environment = {**os.environ, "LUMBUNG_LANGUAGE": language, "LUMBUNG_HOME": str(home or cwd / "home")}
    return subprocess.run(
        [LUMBUNG, *map(str, words)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


def told(done, code=0):
    """Return the JSON that a command printed, if it ended as it should; else what it said instead is shown."""
    assert done.returncode == code, f"ended with {done.returncode}: {done.stderr}"
    return json.loads(done.stdout)


@pytest.fixture
def place(tmp_path):
    """A folder with a challenge in it."""
    made = lumbung("new", "challenge", "toy", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    return tmp_path


def test_judge_verify_and_rerun(place):
    judged = lumbung("judge", "toy", "toy/submissions/accepted/straight-line", "--json", cwd=place)
    answer = told(judged)
    assert answer["verdict"] == "scored" and answer["mean"] < 1e-9 and len(answer["cases"]) == 5
    assert answer["isolation"]["kind"] == "bubblewrap"
    verified = lumbung("verify", answer["evidence"], "--rerun", "--json", cwd=place)
    assert verified.returncode == 0 and json.loads(verified.stdout)["verified"]
    path = place / answer["evidence"]
    envelope = json.loads(path.read_text())
    envelope["payload"] = envelope["payload"][:-8] + "AAAAAAA="
    path.write_text(json.dumps(envelope))
    spoilt = lumbung("verify", answer["evidence"], cwd=place)
    assert spoilt.returncode == 2 and "altered after signing" in spoilt.stdout


def readme_commands(name: str) -> list[str]:
    """Return what a team is told to type, as it stands in a README."""
    text = (Path(__file__).parents[2] / name).read_text(encoding="utf-8")
    typed = [line.split("#")[0].strip() for line in text.splitlines() if line.startswith("    lumbung ")]
    return [line for line in typed if line.split()[1] in ("challenges", "judge") or "new submission" in line]


def test_what_the_readme_tells_a_team_to_type_ends_with_a_score(tmp_path):
    commands = readme_commands("README.md")
    assert [line.split()[1] for line in commands] == ["challenges", "new", "judge"]
    for line in commands:
        done = lumbung(*shlex.split(line)[1:], cwd=tmp_path)
        assert done.returncode == 0, line + done.stdout + done.stderr
    assert re.search(r"^mine: delay \d+", done.stdout)


@pytest.mark.parametrize("name", ["README.id.md", "README.zh.md"])
def test_every_readme_tells_the_same(name):
    own = {"punyaku": "mine"}
    said = [" ".join(own.get(word, word) for word in line.split()) for line in readme_commands(name)]
    assert said == [" ".join(line.split()) for line in readme_commands("README.md")]


@pytest.mark.parametrize("challenge", [*sorted(shipped_challenges()), "toy"])
def test_a_new_submission_is_the_starter_of_its_challenge(place, challenge):
    """That it scores is what `lumbung check` shows: it is a submission of known verdict."""
    made = lumbung("new", "submission", "mine", "--challenge", challenge, cwd=place)
    assert made.returncode == 0 and f"lumbung judge {challenge} mine" in made.stdout, made.stderr
    folder = shipped_challenges().get(challenge, place / challenge)
    starter = starter_of(read_challenge(folder))
    assert starter is not None and starter.parent.name == "accepted"
    assert (place / "mine/solution.py").read_text() == (starter / "solution.py").read_text()
    assert not (place / "mine/expected.toml").exists()


def test_a_challenge_without_a_starter_says_so_and_a_link_in_one_is_refused(place):
    (place / "toy/submissions/accepted/one-number/expected.toml").unlink()
    made = lumbung("new", "submission", "mine", "--challenge", "toy", cwd=place)
    assert made.returncode == 0 and "toy names no starter" in made.stderr
    assert "starter" not in (place / "mine/solution.py").read_text()
    starter = place / "toy/submissions/accepted/one-number"
    (starter / "expected.toml").write_text("starter = true")
    (starter / "notes.txt").symlink_to("/etc/passwd")
    refused = lumbung("new", "submission", "other", "--challenge", "toy", cwd=place)
    assert refused.returncode == 2 and "a link" in refused.stderr and not (place / "other").exists()


def test_an_option_reaches_any_judge_and_the_old_name_still_does(place):
    straight = "toy/submissions/accepted/straight-line"
    chosen = lumbung("judge", "toy", straight, "--option", "blocks=2", "--json", cwd=place)
    assert len(told(chosen)["cases"]) == 2
    for words in (["--sensors", "camera200"], ["--option", "sensors=camera200"]):
        done = lumbung("judge", "toy", straight, *words, cwd=place)
        assert done.returncode == 2 and "options.sensors: found an unknown option" in done.stderr
    twice = lumbung("judge", "toy", straight, "--sensors", "a", "--option", "sensors=b", cwd=place)
    assert twice.returncode == 2 and "sensors twice" in twice.stderr


def test_too_few_cases_are_said_to_be_few(place):
    words = ["judge", "toy", "toy/submissions/accepted/one-number", "--option", "blocks=3"]
    answer = told(lumbung(*words, "--json", cwd=place))
    assert answer["interval"] == [None, None] and answer["few_cases"] is True
    for language, said in (("en", "too few cases to tell how sure"), ("zh", "用例太少")):
        assert said in lumbung(*words, cwd=place, language=language).stdout
    enough = lumbung(*words[:-1], "blocks=6", "--json", cwd=place)
    low, high = told(enough)["interval"]
    assert 0 < low < high and told(enough)["few_cases"] is False


def test_verify_finds_a_changed_submission_and_a_strangers_key(place):
    straight = "toy/submissions/accepted/straight-line"
    evidence = told(lumbung("judge", "toy", straight, "--json", cwd=place))["evidence"]
    stranger = lumbung("verify", evidence, cwd=place, home=place / "other-home")
    assert stranger.returncode == 2 and "not among the 0 trusted keys" in stranger.stdout
    named = lumbung(
        "verify", evidence, "--key", place / "home/keys/signing.pub", cwd=place, home=place / "other-home"
    )
    assert named.returncode == 0
    solution = place / "toy/submissions/accepted/straight-line/solution.py"
    solution.write_text(solution.read_text() + "# changed\n")
    changed = lumbung("verify", evidence, cwd=place)
    assert changed.returncode == 2 and "other content now" in changed.stdout


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["judge", "no-such", "city/max-wave"], 2, "one of the shipped"),
        (["judge", "toy", "no-such"], 2, "no shipped solution"),
        (["judge", "toy", "toy/submissions/raised/always-fails"], 1, "RuntimeError"),
        (["judge", "toy", "toy/submissions/accepted/straight-line", "--option", "blocks=0"], 2, "at least 1"),
        (["judge", "toy", "toy/submissions/accepted/straight-line", "--cases", "x*"], 2, "all/00"),
        (["judge", "toy", "toy/submissions/accepted/straight-line", "--option", "blocks"], 2, "NAME=VALUE"),
        (
            ["judge", "toy", "toy/submissions/accepted/straight-line", "--phase", "My phase"],
            2,
            "phase: found",
        ),
        (["verify", "no-such.json"], 2, "No such file"),
        (["new", "challenge", "toy"], 2, "something already"),
    ],
)
def test_bad_input_is_named_and_ends_with_its_owners_code(place, words, code, said):
    done = lumbung(*words, cwd=place)
    assert done.returncode == code, done.stdout + done.stderr
    assert (
        said in done.stdout + done.stderr
        and 'Traceback (most recent call last):\n  File "/' not in done.stderr
    )


def test_reasons_come_in_the_persons_language(place):
    for language, said in (("id", "Solusi memunculkan galat"), ("zh", "解决方案抛出异常")):
        done = lumbung("judge", "toy", "toy/submissions/raised/always-fails", cwd=place, language=language)
        assert said in done.stdout


def test_check_complains_when_a_verdict_differs(place):
    good = lumbung("check", "toy", cwd=place)
    assert good.returncode == 0 and "3 of 3" in good.stdout
    (place / "toy/submissions/raised/always-fails/solution.py").write_text(
        (place / "toy/submissions/accepted/straight-line/solution.py").read_text()
    )
    bad = lumbung("check", "toy", "--json", cwd=place)
    assert [row["right"] for row in told(bad, code=2)["verdicts"]] == [True, True, False]


def test_a_home_that_cannot_be_written_is_named(place):
    blocked = place / "file-not-folder"
    blocked.write_text("")
    done = lumbung("judge", "toy", "toy/submissions/accepted/straight-line", cwd=place, home=blocked / "home")
    assert done.returncode == 3 and "LUMBUNG_HOME" in done.stderr


def test_trusted_code_runs_without_a_sandbox_and_the_evidence_says_so(place):
    done = lumbung("judge", "toy", "toy/submissions/accepted/straight-line", "--trust", "--json", cwd=place)
    assert told(done)["isolation"]["kind"] == "none"


def test_evidence_is_verified_out_of_a_pipe(place):
    words = ["judge", "toy", "toy/submissions/accepted/straight-line", "--trust", "--out", "out"]
    assert lumbung(*words, cwd=place).returncode == 0
    evidence = (place / "out" / "evidence.json").read_text()
    for name in ("-", "/dev/stdin"):
        verified = lumbung("verify", name, cwd=place, input=evidence)
        assert verified.returncode == 0 and f"{name}: verified" in verified.stdout, verified.stderr


def test_an_interrupted_run_leaves_evidence_and_resumes(place):
    slow = place / "slow"
    slow.mkdir()
    (slow / "solution.py").write_text(
        "import time\ndef solve(p):\n    time.sleep(2.0)\n    return {'id': p['keys'], 'prediction': [1.0] * len(p['keys'])}\n"
    )
    environment = {**os.environ, "LUMBUNG_HOME": str(place / "home")}
    lumbung("judge", "toy", "toy/submissions/accepted/straight-line", cwd=place)  # the self-test is held once
    words = [LUMBUNG, "judge", "toy", "slow", "--workers", "1", "--out", "out"]
    running = subprocess.Popen(words, cwd=place, env=environment, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while len(list((place / "out/outcomes").glob("*.json"))) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130 and "--resume" in said and re.search(r"\bout\.", said)
    kept = {path.name for path in (place / "out/outcomes").glob("*.json")}
    assert 2 <= len(kept) < 5 and (place / "out/evidence.json").exists()
    assert "interrupted" in lumbung("verify", "out/evidence.json", cwd=place).stdout
    done = lumbung("judge", "toy", "slow", "--workers", "1", "--out", "out", "--resume", "--json", cwd=place)
    assert done.returncode == 0 and len(json.loads(done.stdout)["cases"]) == 5


def test_challenges_lists_what_is_shipped(place):
    listed = told(lumbung("challenges", "--json", cwd=place))
    resco = next(row for row in listed if row["id"] == "resco")
    assert "city/max-pressure" in resco["solutions"] and resco["title"]["zh"]


def test_the_help_starts_without_any_engine():
    code = "import sys; from lumbung.cli import main; main(['--help'], standalone_mode=False); " \
           "print(sorted({m.split('.')[0] for m in sys.modules} & {'numpy', 'numba', 'django', 'libsumo', 'rich'}))"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.rstrip().endswith("[]"), done.stdout


@pytest.mark.parametrize(
    ("words", "module", "extra"),
    [
        (("farm", "calendar", "sites.csv"), "numba", "farm"),
        (("cooperation", "rules", "list"), "yaml", "cooperation"),
        (("talent", "bank", "check"), "yaml", "talent"),
        (("serve",), "django", "centre"),
    ],
)
def test_a_missing_part_names_the_extra_that_brings_it(tmp_path, words, module, extra):
    """A module that cannot be found, as where only the bare package is installed."""
    hide = f"import sys; sys.modules[{module!r}] = None\nfrom lumbung.cli import main; main({list(words)!r})"
    (tmp_path / "sites.csv").write_text("id\n")
    ran = subprocess.run(
        [sys.executable, "-c", hide], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 3
    assert (
        ran.stderr.strip() == f"lumbung: the module {module} is not installed: pip install 'lumbung[{extra}]'"
    )


@pytest.mark.skipif(postgres_binaries() is None, reason="needs a PostgreSQL server (initdb, postgres)")
def test_a_database_that_cannot_hold_every_script_is_refused_before_anything_lies_in_it(tmp_path):
    server = Postgres().start()
    try:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE old ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
        old = server.url.rpartition("/")[0] + "/old"
        done = subprocess.run(
            [LUMBUNG, "serve"],
            env={**os.environ, "LUMBUNG_HOME": str(tmp_path), "LUMBUNG_DATABASE_URL": old},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 3, done.stderr
        assert "SQL_ASCII" in done.stderr and "--encoding=UTF8" in done.stderr
        with psycopg.connect(old) as connection:
            assert connection.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            ).fetchone() == (0,)
    finally:
        server.remove()


def test_a_database_that_does_not_answer_is_said_in_a_line(tmp_path):
    done = subprocess.run(
        [LUMBUNG, "serve"],
        env={**os.environ, "LUMBUNG_HOME": str(tmp_path), "LUMBUNG_DATABASE_URL": "postgresql://a:geheim@127.0.0.1:1/a"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 3
    assert "LUMBUNG_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr and "geheim" not in done.stderr


@pytest.mark.parametrize("language", ["id", "zh"])
def test_the_answer_is_in_one_language(tmp_path, language):
    """Names, metrics and file names aside, no English word is left in what a person reads."""
    named = {*re.findall(r"[a-z0-9]+", str(tmp_path))}
    named |= {
        "city",
        "fixed",
        "time",
        "cologne",
        "delay",
        "bubblewrap",
        "cgroup",
        "evidence",
        "json",
        "resco",
        "lumbung",
    }
    judged = lumbung(
        "judge", "resco", "city/fixed-time", "--cases", "cologne1/00", "--out", tmp_path / "out", cwd=tmp_path, language=language
    )  # fmt: skip
    listed = lumbung("challenges", cwd=tmp_path, language=language)
    assert judged.returncode == listed.returncode == 0, judged.stderr
    english = {
        "the",
        "is",
        "better",
        "lower",
        "higher",
        "cases",
        "case",
        "interval",
        "worst",
        "by",
        "limits",
        "solutions",
    }
    assert not english & set(re.findall(r"[a-z]+", judged.stdout + listed.stdout)) - named


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_there_in_three_languages_with_the_same_places(word):
    text = WORDS[word]
    places = {
        language: sorted(re.findall(r"{(\w+)}", getattr(text, language))) for language in ("en", "id", "zh")
    }
    assert places["id"] == places["zh"] == places["en"]
    assert all((text.en, text.id, text.zh))
