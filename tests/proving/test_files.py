"""Files as cases: an owner's items and own metric, a team's answers, and what happens when either is not as it should be."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import pytest

from conftest import ROOT
from lumbung.proving.challenge import ChallengeError, read_challenge
from lumbung.proving.executors import Serial
from lumbung.proving.faults import Owner, fault_error
from lumbung.proving.proof import prove
from lumbung.proving.run import plan_run, play_runs, run_fault
from lumbung.proving.submission import read_submission

TOML = """\
schema = 1
id = "pictures"
version = 1
sector = "files"
judge = "files.answers"
judge_version = 1
home = "ID"
licence = "generated"
title = { en = "Pictures", id = "Gambar", zh = "图片" }
summary = { en = "Generated pictures.", id = "Gambar bangkitan.", zh = "生成的图片。" }
ranking = { metric = "right", better = "higher" }
phases = [{ id = "practice", title = { en = "Practice", id = "Latihan", zh = "练习" } }]

[options]
items = "items.jsonl"
media = "media"
answer = "text"
language = "language"
group = "language"
blocks = 2
batch = 2
metrics = ["exact_match", "chrf"]

[options.fields]
question = "text"
picture = "picture"
sound = "audio"
language = "text"
checked = "note"

[options.metric]
folder = "metric"
seconds = 2.0
memory_mb = 200
figures.right = { text = { en = "right", id = "benar", zh = "正确" }, better = "higher", low = 0, high = 1 }
"""
METRIC = """\
def score(truth, answers, items):
    assert all("picture" not in item and item["checked"] for item in items)
    return {"right": sum(a in t for t, a in zip(truth, answers)) / len(truth)}
"""
KNOWS = """\
def solve(problem):
    assert problem["answer"] == "text" and problem["batches"] == 2 and len(problem["items"]) <= 2
    for item in problem["items"]:
        assert set(item) == {"id", "question", "picture", "sound", "language"}, item
        assert item["picture"].startswith(b"\\x89PNG") and item["sound"].startswith(b"RIFF")
    return [item["question"].split()[-1] for item in problem["items"]]
"""
SOUND = b"RIFF" + (4).to_bytes(4, "little") + b"WAVE"


def png(width=3, height=3):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 12)) + chunk(b"IEND", b"")


def write_items(folder, *, answer="{}", languages=("id", "zh")):
    with (folder / "items.jsonl").open("w", encoding="utf-8") as file:
        for language in languages:
            for number in range(8):
                target = answer.format(f"kata{number}")
                item = {
                    "id": f"{language}-{number}",
                    "question": f"Sebutkan kata{number}",
                    "target": [target, "kosong"],
                }
                item |= {"picture": "a.png", "sound": "a.wav", "language": language, "checked": "by hand"}
                file.write(json.dumps(item, ensure_ascii=False) + "\n")


@pytest.fixture
def pictures(tmp_path):
    """A challenge that has everything: texts, pictures, sound, notes, named metrics and one of its own."""
    folder = tmp_path / "pictures"
    for name, content in {
        "challenge.toml": TOML, "metric/metric.py": METRIC, "submissions/accepted/knows/solution.py": KNOWS,
        "submissions/accepted/knows/expected.toml": "at_least = 1.0\n",
        "submissions/wrong_format/too-few/solution.py": "def solve(problem):\n    return ['x']\n",
        "submissions/wrong_format/numbers/solution.py": "def solve(problem):\n    return [1.5] * len(problem['items'])\n",
        "submissions/accepted/seeks-the-truth/solution.py": SEEKS,
        "submissions/accepted/seeks-the-truth/expected.toml": "at_most = 0.0\n",
    }.items():  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "media").mkdir()
    (folder / "media/a.png").write_bytes(png())
    (folder / "media/a.wav").write_bytes(SOUND)
    write_items(folder)
    return folder


SEEKS = """\
import os

def solve(problem):
    for top in ("/sub", "/tmp", "/srv", "/mnt", "/var"):
        for folder, _, names in os.walk(top):
            if "items.jsonl" in names or "metric.py" in names:
                raise SystemExit("found it")
    return [str(sorted(item))[:80] for item in problem["items"]]
"""


def judged(folder, team, **more):
    plan = plan_run(read_challenge(folder), read_submission(team), **more)
    (outcomes,) = play_runs([plan], Serial())
    return plan, outcomes


def test_a_challenge_of_files_proves_itself_and_is_judged_on_private_items(pictures, tmp_path):
    found = prove(read_challenge(pictures), Serial())
    assert found.wrong() == [], found
    # Private items lie in the node's folder; the metric stays the challenge's own.
    private = tmp_path / "private"
    (private / "media").mkdir(parents=True)
    for name in ("media/a.png", "media/a.wav"):
        (private / name).write_bytes((pictures / name).read_bytes())
    write_items(private, answer="bukan {}", languages=("su",))
    plan, outcomes = judged(pictures, pictures / "submissions/accepted/knows", private_folder=private)
    scores = [outcome.score for outcome in outcomes.values()]
    assert [score.case for score in scores] == ["su/00", "su/01"] and plan.private
    assert all(
        score.metrics["right"] == score.metrics["exact_match"] == 0 < score.metrics["chrf"]
        for score in scores
    )
    assert all(score.rows == 4 and len(score.engine) == 2 for score in scores)
    assert (
        plan.bounds == {"exact_match": (0, 1), "chrf": (0, 100), "right": (0, 1)}
        and plan.ranked.id == "benar"
    )
    before = [case.digest for case in plan.cases]
    (private / "media/a.wav").write_bytes(SOUND + b"\0")
    assert [c.digest for c in judged_plan(pictures, private).cases] != before
    (pictures / "metric/metric.py").write_text(METRIC + "\n")
    assert judged_plan(pictures, private).cases[0].digest != before[0]


def judged_plan(pictures, private):
    return plan_run(
        read_challenge(pictures),
        read_submission(pictures / "submissions/accepted/knows"),
        private_folder=private,
    )


LINE = {
    "id": "1",
    "question": "?",
    "target": "x",
    "picture": "a.png",
    "sound": "a.wav",
    "language": "id",
    "checked": "",
}
BAD = {
    "malformed": ("{", "line 17", "truncated"),
    "a list": ("[1]", "line 17", "a list"),
    "no UTF-8": (b'{"id": "\xff"}', "line 17", "UTF-8"),
    "deep": ("[" * 100_000, "line 17", "recursion"),
    "a field nobody declared": (LINE | {"answer": "x"}, "line 17", "'answer'"),
    "a field missing": ({k: v for k, v in LINE.items() if k != "sound"}, "line 17", "'sound'"),
    "a key twice": (LINE | {"id": "zh-3"}, "line 17, id", "line 12 has too"),
    "another kind": (LINE | {"question": 5}, "line 17, question", "text"),
    "no target": (LINE | {"target": []}, "line 17, target", "at least one"),
    "not there": (LINE | {"picture": "b.png"}, "line 17, picture", "not there"),
    "outside": (LINE | {"picture": "../items.jsonl"}, "line 17, picture", "below media/"),
    "a link": (LINE | {"picture": "link.png"}, "line 17, picture", "a link"),
    "a bomb": (LINE | {"picture": "bomb.png"}, "line 17, picture, bomb.png", "50000 × 50000 pixels"),
    "cut short": (LINE | {"picture": "cut.png"}, "line 17, picture, cut.png", "ends too early"),
    "cut jpeg": (LINE | {"picture": "cut.jpg"}, "line 17, picture, cut.jpg", "ends too early"),
    "no picture": (LINE | {"picture": "a.wav"}, "line 17, picture, a.wav", "a PNG"),
    "sound cut short": (LINE | {"sound": "cut.wav"}, "line 17, sound, cut.wav", "a whole WAV"),
    "a number beyond all": (LINE | {"checked": 10**400}, "line 17", "beyond 64 bits"),
    "a name beyond all": (LINE | {"picture": "a" * 300}, "line 17, picture", "too long"),
    "half a header": (LINE | {"picture": "cut.webp"}, "line 17, picture, cut.webp", "ends too early"),
    "too large": (LINE | {"picture": "large.png"}, "line 17, picture", "limits.message_mb"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_items_are_named_by_their_place(pictures, name):
    line, *said = BAD[name]
    media = pictures / "media"
    (media / "link.png").symlink_to("a.png")
    (media / "bomb.png").write_bytes(png(50_000, 50_000))
    (media / "cut.png").write_bytes(png()[:-20])
    (media / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    (media / "cut.webp").write_bytes(b"RIFF\0\0\0\0WEBPVP8X")
    (media / "cut.wav").write_bytes(SOUND[:4] + (99).to_bytes(4, "little") + SOUND[8:])
    with (media / "large.png").open("wb") as file:
        file.truncate(13 * 2**20)
    toml = (
        pictures / "challenge.toml"
    )  # a link and a large file stay unpacked: the folder of media is not declared
    raw = (
        line
        if isinstance(line, bytes)
        else line.encode()
        if isinstance(line, str)
        else json.dumps(line).encode()
    )
    with (pictures / "items.jsonl").open("ab") as file:
        file.write(raw)
    private = pictures.parent / "private"
    private.mkdir()
    for name in ("items.jsonl", "media"):
        (pictures / name).rename(private / name)
    with pytest.raises(ChallengeError) as error:
        plan_run(
            read_challenge(toml.parent),
            read_submission(pictures / "submissions/accepted/knows"),
            private_folder=private,
        )
    for word in said:
        assert word in str(error.value)


OPTIONS = {
    'metrics = ["exact_match", "chrf"]': [
        ('metrics = ["accuracy"]', "'accuracy', for answers of kind text", "one of exact_match"),
        ("metrics = 5", "metrics", "docs/proving/files.md"),
    ],
    'answer = "text"': [('answer = "poem"', "'poem'", "files.md")],
    'media = "media"': [("", "no folder", "'picture' lie")],
    'question = "text"': [('target = "text"', "a field", "as target only")],
    'group = "language"': [('group = "speech"', "'speech'", "one of question")],
    'folder = "metric"': [('folder = "media"', "no metric.py", "options.metric.folder")],
    "figures.right = ": [("figures.chrf = ", "one of options.metrics", "another name")],
    "low = 0, high = 1": [("low = 1, high = 0", "bounds 1", "low below high")],
}  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "found", "expected"), [(old, *new) for old, many in OPTIONS.items() for new in many]
)
def test_options_that_cannot_be_are_named(pictures, old, new, found, expected):
    toml = pictures / "challenge.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ChallengeError) as error:
        plan_run(read_challenge(pictures), read_submission(pictures / "submissions/accepted/knows"))
    assert found in str(error.value) and expected in str(error.value)


SHELF = sorted((ROOT / "tests/failing/metrics").glob("*.py"))


@pytest.mark.parametrize("attack", SHELF, ids=lambda path: path.stem)
def test_a_hostile_metric_is_contained_and_the_challenge_s(pictures, attack):
    (pictures / "metric/metric.py").write_bytes(attack.read_bytes())
    if "million" in attack.stem:  # its flood is to arrive
        toml = (pictures / "challenge.toml").read_text(encoding="utf-8")
        (pictures / "challenge.toml").write_text(
            toml.replace("seconds = 2.0", "seconds = 60.0"), encoding="utf-8"
        )
    _, owner, code = attack.read_text().splitlines()[0].removeprefix("# ").split()
    _, outcomes = judged(pictures, pictures / "submissions/accepted/knows", case_glob="id/00")
    fault = run_fault(outcomes)
    assert (fault.owner, fault.code, owner) == (Owner.CHALLENGE, code, "challenge"), fault
    assert "metric" in str(fault_error(fault)) and len(fault.reason()) < 1000


def test_a_file_larger_than_usual_goes_through_where_the_challenge_says_so(tmp_path):
    folder, team = tmp_path / "large", tmp_path / "team"
    for path in (folder / "media", team):
        path.mkdir(parents=True)
    toml = TOML[: TOML.index("[options]")].replace('"right"', '"mae"').replace('"higher"', '"lower"')
    toml += (
        '[limits]\nmessage_mb = 40\n[options]\nitems = "items.jsonl"\nmedia = "media"\nanswer = "number"\n'
        'metrics = ["mae"]\nblocks = 1\nfields = { scan = "file", scans = "folder" }\n'
    )
    (folder / "challenge.toml").write_text(toml, encoding="utf-8")
    (folder / "items.jsonl").write_text(
        '{"id": 1, "scan": "scan.bin", "scans": "more", "target": 20971521}\n'
    )
    (folder / "media/more/deep").mkdir(parents=True)
    (folder / "media/more/deep/one.txt").write_text("1")
    with (folder / "media/scan.bin").open("wb") as file:
        file.truncate(20 * 2**20)
    (team / "solution.py").write_text(
        "def solve(problem):\n"
        "    return [float(len(i['scan']) + len(i['scans']['deep/one.txt'])) for i in problem['items']]\n"
    )
    _, outcomes = judged(folder, team)
    assert run_fault(outcomes) is None and outcomes["all/00"].score.metrics == {"mae": 0.0}
    (folder / "challenge.toml").write_text(
        toml.replace("message_mb = 40", "message_mb = 16"), encoding="utf-8"
    )
    with pytest.raises(ChallengeError, match=r"line 1, scan.*limits\.message_mb"):
        judged(folder, team)


def test_a_table_handed_in_where_a_program_is_asked_is_the_team_s(pictures):
    table = pictures.parent / "mine.csv"
    table.write_text("id,prediction\n1,2\n")
    _, outcomes = judged(pictures, table)
    assert run_fault(outcomes).code == "no_entry_point"


@pytest.mark.parametrize(
    ("kind", "target", "answer", "says"),
    [
        ("probability", 1, 1.5, "from 0 to 1"),
        ("distribution", "a", {"a": 0.5}, "sum to 0.5"),
        (
            "boxes",
            [{"label": "cat", "box": [0, 0, 1, 1]}],
            [{"label": "cat", "box": [1, 0, 0, 1], "score": 1}],
            "x0 ≤ x1",
        ),
        ("label", "a", 0.5, "a label"),
        ("number", 1, float("inf"), "a finite number"),
        ("text", "a", "a word", "at most 4"),
        ("files", "", {"../out": b""}, "a plain path"),
    ],
)
def test_answers_of_each_kind_are_checked(kind, target, answer, says):
    from lumbung.proving.files.answers import Unfit, as_answer, as_target

    if kind != "files":
        as_target(kind, target)
    with pytest.raises(Unfit) as odd:
        as_answer(kind, answer, 4)
    assert says in str(odd.value)


def test_the_benchmark_prints_its_figures(capsys, monkeypatch):
    import runpy

    monkeypatch.setattr("sys.argv", ["files_items.py", "--items", "300", "--pictures"])
    runpy.run_path(str(Path(ROOT) / "benchmarks/files_items.py"), run_name="__main__")
    assert "300 items in 10 cases, exact match 1" in capsys.readouterr().out
