"""The commands calibrate, score and simulate from the outside."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from lumbung.cli import main
from lumbung.talent.irt.parameters import ItemParameters


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["talent", *map(str, words)])


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    items = ItemParameters.logistic(rng.lognormal(0, 0.2, 6), rng.normal(0, 0.8, 6))
    p = items.probabilities(rng.normal(size=600))[1::2].T
    rows = (rng.random(p.shape) < p).astype(int)
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    with path.open("w") as file:
        file.write("id,language,q1,q2,q3,q4,q5,q6\n")
        for i, row in enumerate(rows):
            cells = ["" if (i + j) % 11 == 0 else str(x) for j, x in enumerate(row)]
            file.write(f"p{i},{'id' if i % 2 else 'zh'},{','.join(cells)}\n")
    return path


def plain(answers: Path, folder: Path) -> Path:
    """The same without the language column."""
    rows = list(csv.reader(answers.open()))
    path = folder / "plain.csv"
    path.write_text("\n".join(",".join([row[0], *row[2:]]) for row in rows))
    return path


def test_calibrate_then_score(answers: Path, tmp_path: Path) -> None:
    table = plain(answers, tmp_path)
    made = run("calibrate", table, "--json")
    assert made.exit_code == 0, made.output
    document = json.loads(made.stdout)
    assert [row["name"] for row in document["items"]] == ["q1", "q2", "q3", "q4", "q5", "q6"]
    assert all(
        row["a_se"] > 0 and row["b_se"][0] > 0 and row["s_x2"]["p"] is not None for row in document["items"]
    )
    assert document["fit"]["df"] == 21 - 12
    items = tmp_path / "items.json"
    items.write_text(made.stdout)
    scored = run("score", table, "--items", items)
    assert scored.exit_code == 0, scored.output
    rows = list(csv.DictReader(io.StringIO(scored.stdout)))
    assert len(rows) == 600
    assert rows[3]["person"] == "p3"
    assert float(rows[3]["lower"]) < float(rows[3]["theta"]) < float(rows[3]["upper"])
    assert {row["answered"] for row in rows} <= {"5", "6"}


def test_calibrate_prints_a_table(answers: Path, tmp_path: Path) -> None:
    shown = run("calibrate", plain(answers, tmp_path), "--model", "1pl")
    assert shown.exit_code == 0
    assert "log-likelihood" in shown.stdout and "RMSEA" in shown.stdout and "q6" in shown.stdout


def test_item_bias_between_languages(answers: Path) -> None:
    made = run("calibrate", answers, "--group", "language", "--json")
    assert made.exit_code == 0, made.output
    document = json.loads(made.stdout)
    assert [group["name"] for group in document["groups"]] == ["zh", "id"]
    assert [row["item"] for row in document["bias"]] == ["q1", "q2", "q3", "q4", "q5", "q6"]


def test_freq_counts_equal_rows(tmp_path: Path) -> None:
    rows = [(1, 1, 0, 30), (0, 1, 0, 25), (1, 0, 1, 20), (0, 0, 0, 15), (1, 1, 1, 40), (0, 0, 1, 10)]
    counted, spelled = tmp_path / "counted.csv", tmp_path / "spelled.csv"
    counted.write_text("a,b,c,Freq\n" + "".join(f"{a},{b},{c},{n}\n" for a, b, c, n in rows))
    spelled.write_text("a,b,c\n" + "".join(f"{a},{b},{c}\n" * n for a, b, c, n in rows))
    one, two = (
        json.loads(run("calibrate", p, "--model", "1pl", "--json").stdout) for p in (counted, spelled)
    )
    assert one["log_likelihood"] == pytest.approx(two["log_likelihood"])
    assert one["persons"] == two["persons"] == 140


def test_one_bad_row_spoils_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("a,b,c\n1,0,1\n0,x,1\n1,1\n0,1,0\n1,0,0\n0,1,1\n1,1,0\n")
    done = run("calibrate", path, "--model", "1pl", "--json", "--no-fit")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["persons"] == 5
    assert any("line 3" in note and "column b" in note and "'x'" in note for note in document["problems"])
    assert any("line 4" in note and "found 2 cells, expected 3" in note for note in document["problems"])


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        ("", [], "empty"),
        ("a,a\n1,0\n", [], "more than once"),
        ("a,b\nx,y\n", [], "no usable row"),
        ("a,b\n1,0\n0,1\n", ["--group", "language"], "no column 'language'"),
        ("a,b\n1,2\n0,1\n1,0\n", [], "use model 'grm'"),
        ("a,b\n1,1\n1,1\n", [], "nothing can be estimated"),
    ],
)
def test_bad_files_end_with_exit_code_two(tmp_path: Path, content: str, words: list[str], said: str) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(content)
    done = run("calibrate", path, *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_score_names_what_is_wrong(tmp_path: Path, answers: Path) -> None:
    items = tmp_path / "items.json"
    items.write_text("{")
    assert "not JSON" in run("score", answers, "--items", items).stderr
    items.write_text(json.dumps({"items": [{"name": "other", "a": 1.0, "d": [0.0]}]}))
    done = run("score", answers, "--items", items)
    assert done.exit_code == 2


def test_simulate_generated_items() -> None:
    done = run("simulate", "--generated", "120", "--people", "2000", "--error", "0.4", "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["data"] == "generated"
    assert 0.92 < document["rows"][0]["covered"] < 0.98
    shown = run("simulate", "--generated", "120", "--people", "500", "--error", "0.4")
    assert "generated" in shown.stdout
