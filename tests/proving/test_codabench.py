"""A Codabench bundle, as its authors pack it, becomes a challenge that proves itself. The bundles here are our own."""

from __future__ import annotations

import shutil
import zipfile

import pytest
from click.testing import CliRunner

from lumbung.cli import main
from lumbung.proving.challenge import ChallengeError, read_challenge
from lumbung.proving.executors import Serial
from lumbung.proving.files.codabench import read_bundle
from lumbung.proving.proof import prove
from lumbung.proving.run import plan_run, play_runs
from lumbung.proving.submission import read_submission

COMPETITION = """\
version: 2
title: Doubling
description: Say twice the number.
image: logo.png
pages:
  - {title: Overview, file: pages/overview.md}
tasks:
  - {index: 0, name: First, input_data: dev/input/, reference_data: dev/ref/, scoring_program: scoring.zip, ingestion_program: ingestion/}
  - {index: 1, name: Second, input_data: final/input/, reference_data: final/ref, scoring_program: scoring/, ingestion_program: ingestion/}
solutions:
  - {index: 0, tasks: [0], path: solution/}
phases:
  - {index: 0, name: Dev, start: 1-1-2026, tasks: [0], execution_time_limit: 30}
leaderboards:
  - title: Results
    key: main
    columns:
      - {title: Mean, key: Mean-Hit, index: 0, sorting: desc, computation: avg, computation_indexes: [1, 2]}
      - {title: Hits, key: hits, index: 1, sorting: desc}
      - {title: Signs, key: signs, index: 2, sorting: desc}
      - {title: Duration, key: duration, index: 3, sorting: asc}
"""
INGESTION = """\
import random, sys, time
sys.path.append('/app/ingested_program')
from model import twice
numbers = [float(line) for line in open('/app/input_data/numbers.txt')]
with open('/app/output/predictions.txt', 'w') as file:
    for number in numbers:
        print(twice(number) + 0 * random.random(), file=file)
with open('/app/output/metadata.json', 'w') as file:
    file.write('{"duration": %f}' % time.time())
"""
SCORING = """\
import json, os, sys
given, out = sys.argv[1:3]
read = lambda path: [float(line) for line in open(path)]
truth, found = read(os.path.join(given, 'ref/truth.txt')), read(os.path.join(given, 'res/predictions.txt'))
hits = sum(a == b for a, b in zip(truth, found)) / len(truth)
signs = sum((a > 0) == (b > 0) for a, b in zip(truth, found)) / len(truth)
duration = json.load(open('/app/input/res/metadata.json'))['duration']
with open(os.path.join(out, 'scores.txt'), 'w') as file:
    file.write(f'hits: {hits}\\nsigns: {signs}\\nduration: {duration}\\n')
"""


@pytest.fixture
def bundle(tmp_path):
    """A bundle of two tasks: folders, a zipped program, a solution that doubles."""
    folder = tmp_path / "bundle"
    for name, content in {
        "competition.yaml": COMPETITION, "pages/overview.md": "Double it.", "dev/input/numbers.txt": "1\n2\n-3\n",
        "dev/ref/truth.txt": "2\n4\n-6\n", "final/input/numbers.txt": "5\n7\n", "final/ref/truth.txt": "10\n13\n",
        "ingestion/metadata.yaml": "command: python3 ingestion.py\n", "ingestion/ingestion.py": INGESTION,
        "scoring/metadata": "command: python3 $program/score.py $input $output\n", "scoring/score.py": SCORING,
        "solution/model.py": "def twice(number):\n    return 2 * number\n",
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    with zipfile.ZipFile(folder / "scoring.zip", "w") as packed:
        for path in (folder / "scoring").iterdir():
            packed.write(path, path.name)
    return folder


def test_a_bundle_becomes_a_challenge_that_proves_itself_and_its_later_task_private_items(bundle, tmp_path):
    packed = shutil.make_archive(str(tmp_path / "bundle"), "zip", bundle)
    folder = tmp_path / "doubling"
    result = CliRunner().invoke(main, ["new", "challenge", str(folder), "--from-codabench", packed])
    assert result.exit_code == 0, result.output
    assert "ingestion_program/ingestion.py: /app became /tmp/app (4 times)" in result.output
    assert "'duration' is left out" in result.output and "seed 0" in result.output
    found = read_challenge(folder)
    assert prove(found, Serial()).wrong() == []
    assert list(found.challenge.options["metric"]["figures"]) == ["mean_hit", "hits", "signs"]
    assert found.challenge.limits.total_s == 30 and not any("private" in name.parts for name in found.files)
    team = read_submission(folder / "submissions/accepted/sample")
    plan = plan_run(found, team, phase="final", private_folder=folder / "private")
    (outcomes,) = play_runs([plan], Serial())
    (score,) = (outcome.score for outcome in outcomes.values())
    assert score.metrics == {"mean_hit": 0.75, "hits": 0.5, "signs": 1.0}


def test_a_bundle_of_results_alone(bundle, tmp_path):
    toml = (bundle / "competition.yaml").read_text()
    toml = toml.replace(", ingestion_program: ingestion/", "").replace("path: solution/", "path: results.zip")
    (bundle / "competition.yaml").write_text(toml)
    with zipfile.ZipFile(bundle / "results.zip", "w") as packed:
        packed.writestr("predictions.txt", "2\n4\n6\n")
        packed.writestr("metadata.json", '{"duration": 1}')
    folder = tmp_path / "results"
    assert (
        CliRunner().invoke(main, ["new", "challenge", str(folder), "--from-codabench", str(bundle)]).exit_code
        == 0
    )
    found = read_challenge(folder)
    assert not found.challenge.options["fields"]
    (outcomes,) = play_runs(
        [plan_run(found, read_submission(folder / "submissions/accepted/sample"))], Serial()
    )
    assert outcomes["all/00"].score.metrics["mean_hit"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("version: 2", "{", "valid YAML"),
        ("tasks:\n", "programs:\n", "no list of tasks"),
        ("reference_data: dev/ref/", "reference_data: 1cba5fbe-2fa5-4a9f-9bd0-0cb3a1b0f2a1", "lies at a server"),
        ("reference_data: dev/ref/", "reference_data: ../../etc", "a path in the bundle"),
        ("input_data: dev/input/", "input_data: dev/inputs/", "tasks[0].input_data: found 'dev/inputs/', which is not there"),
        ("name: First,", "name: First, ingestion_only_during_scoring: true,", "tasks[0].ingestion_only_during_scoring"),
        ("leaderboards:", "boards:", "no columns"),
        ("solutions:", "answers:", "--sample FILE"),
        ("key: hits, index: 1", "index: 1", "$.leaderboards[0].columns[1]"),
        ("index: 1, sorting", "index: one, sorting", "$.leaderboards[0].columns[1].index"),
        ("execution_time_limit: 30", "execution_time_limit: .nan", "$.phases[0].execution_time_limit"),
        ("tasks: [0], path", "tasks: 0, path", "$.solutions[0].tasks"),
        ("pages:\n  - {title: Overview, file: pages/overview.md}", "pages: 3", "$.pages"),
        ("reference_data: dev/ref/", 'reference_data: "a\\0"', "a path in the bundle"),
        ("reference_data: dev/ref/", "reference_data: " + 5000 * "a", "a path in the bundle"),
        ("scoring_program: scoring.zip", "scoring_program: pages", "scoring_program: found no command"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_named_by_its_field(bundle, old, new, says):
    text = (bundle / "competition.yaml").read_text()
    assert old in text
    (bundle / "competition.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(ChallengeError) as error:
        read_bundle(bundle)
    assert says in str(error.value)


@pytest.mark.parametrize("told", ["[", 'command: "python3 \'score.py"', "command: ''", "[" * 20_000])
def test_a_program_without_a_command_is_named(bundle, told):
    (bundle / "ingestion/metadata.yaml").write_text(told)
    with pytest.raises(ChallengeError, match="ingestion_program: found no command"):
        read_bundle(bundle)


def test_a_file_that_is_no_bundle(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 and no more")
    for path in (tmp_path / "x.zip", tmp_path):
        with pytest.raises(ChallengeError, match="Codabench bundle"):
            read_bundle(path)
