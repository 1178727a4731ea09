"""A table of results becomes badges; what is wrong in it spoils only itself."""

from __future__ import annotations

import csv
import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from lumbung.proving.standing import Row, Standing
from lumbung.talent.credentials import BadgeProblem, SigningKey, rounds, verify_badge
from lumbung.talent.credentials.from_standing import standing_result
from lumbung.talent.credentials.rounds import Round, TableProblem, issue_round, scan_table

KEY = SigningKey.from_raw(b"\x03" * 32)
SETTINGS = Round(
    KEY.did, "Pusat", None, "https://c.example/status", 4, "id", datetime(2024, 2, 29, tzinfo=UTC), 3
)
HEADER = "theta,standard_error,items,language,test,taken_on,proctored,level,level_probability,holder_name\n"
GOOD = "0.5,0.3,20,id,ai/1,2026-01-02,yes,practitioner,0.8,Siti\n"


def write(path: Path, *lines: str) -> Path:
    path.write_text(HEADER + "".join(lines), "utf-8")
    return path


def test_good_rows_become_badges_and_bad_rows_are_listed(tmp_path: Path) -> None:
    bad = {
        3: ("x,0.3,20,id,ai/1,2026-01-02,,,,\n", "theta: found 'x', expected a number"),
        4: ("0.5,-1,20,id,ai/1,2026-01-02,,,,\n", "standard_error: found -1.0"),
        5: ("0.5,0.3,20.5,id,ai/1,2026-01-02,,,,\n", "items: found '20.5', expected a whole number"),
        6: ("0.5,0.3,20,id,ai/1,2026-02-30,,,,\n", "taken_on: found '2026-02-30', expected a day"),
        7: ("0.5,0.3,20,id,ai/1,2026-01-02,maybe,,,\n", "proctored: found 'maybe'"),
        8: ("0.5,0.3,20,id,ai/1,2026-01-02,,guru,0.5,\n", "level: found 'guru', expected one of foundation"),
        9: ("0.5,0.3,20,id,ai/1,2026-01-02,,foundation,,\n", "level_probability: found None"),
        10: ("nan,0.3,20,id,ai/1,2026-01-02,,,,\n", "theta: found nan"),
        11: ("0.5,0.3,20,id,ai/1,2026-01-02,,,,a,b\n", "more fields than there are columns"),
        12: ("0.5,0.3\n", "items: found '', expected a whole number"),
    }
    table = write(tmp_path / "r.csv", GOOD, *(line for line, _ in bad.values()), GOOD)
    summary = issue_round(table, KEY, SETTINGS, tmp_path / "out", 1)
    assert summary == {"issued": 2, "rejected": len(bad), "lists": 1}
    with (tmp_path / "out" / "rejected.csv").open(encoding="utf-8", newline="") as rows:
        reasons = {int(row["row"]): row["reason"] for row in csv.DictReader(rows)}
    assert set(reasons) == set(bad)
    for row, (_, why) in bad.items():
        assert why in reasons[row], reasons[row]


def test_parts_in_parallel_and_again_after_a_break(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "PART", 10)
    table = write(tmp_path / "r.csv", *[GOOD] * 37)
    told: list[tuple[int, int]] = []
    out = tmp_path / "out"
    summary = issue_round(table, KEY, SETTINGS, out, 2, lambda done, total: told.append((done, total)))
    assert summary == {"issued": 37, "rejected": 0, "lists": 4}
    assert told[-1] == (37, 37)
    badges = [
        line for part in (4, 5, 6, 7) for line in (out / f"badges-{part}.jsonl").read_bytes().splitlines()
    ]
    assert len({json.loads(badge)["id"] for badge in badges}) == 37
    rows = (out / "register-5.csv").read_text().splitlines()
    assert rows[1].split(",")[:2] == ["12", "5"]
    assert json.loads((out / "badges-5.jsonl").read_bytes().splitlines()[0])["id"] == rows[1].split(",")[3]
    status = json.loads((out / "status-7.json").read_text())
    verdict = verify_badge(
        badges[-1],
        now=datetime(2026, 1, 1, tzinfo=UTC),
        trusted={KEY.did},
        status_lists=[status],
        require_status=True,
    )
    assert verdict.ok
    # 29 February plus three years is the last of February.
    assert json.loads(badges[-1])["validUntil"] == "2027-02-28T00:00:00Z"
    # Break off: one part is missing, the others stay as they are.
    (out / "register-6.csv").unlink()
    before = (out / "badges-5.jsonl").read_bytes()
    assert issue_round(table, KEY, SETTINGS, out, 1)["issued"] == 37
    assert (out / "badges-5.jsonl").read_bytes() == before
    assert (out / "register-6.csv").exists()
    assert not list(out.glob("*.part"))


def test_a_folder_keeps_to_one_round(tmp_path: Path) -> None:
    table = write(tmp_path / "r.csv", GOOD)
    issue_round(table, KEY, SETTINGS, tmp_path / "out", 1)
    with table.open("a") as file:
        file.write(GOOD)
    with pytest.raises(TableProblem, match=r"other table"):
        issue_round(table, KEY, SETTINGS, tmp_path / "out", 1)


def test_a_table_of_scores_is_enough_when_the_rest_is_told(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text("person,theta,standard_error,answered\np1,0.5,0.3,22\n", "utf-8")
    told = (("test", "ai/1"), ("language", "zh"), ("taken_on", "2026-11-20"))
    issue_round(path, KEY, replace(SETTINGS, fill=told), tmp_path / "out", 1)
    badge = json.loads((tmp_path / "out" / "badges-4.jsonl").read_text("utf-8"))
    assert "22 butir soal" in badge["credentialSubject"]["narrative"]
    assert "bahasa Mandarin" in badge["credentialSubject"]["narrative"]
    assert "p1" not in json.dumps(badge)
    issue_round(path, KEY, replace(SETTINGS, fill=told), tmp_path / "out", 1)
    with pytest.raises(TableProblem, match="other fill"):
        issue_round(
            path, KEY, replace(SETTINGS, fill=(*told[:2], ("taken_on", "2026-11-21"))), tmp_path / "out", 1
        )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("theta,items\n1,2\n", "standard_error, language, test, taken_on are missing"),
        (HEADER, "no rows"),
        (HEADER + '0.5,0.3,20,id,ai/1,2026-01-02,,,,"Si\nti"\n', "line 2: a quoted field holds a line break"),
        ("", "are missing"),
    ],
)
def test_tables_that_cannot_be_read_are_explained(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(TableProblem, match=why):
        scan_table(path)


def _row(name: str, **more: Any) -> Row:
    values: dict[str, Any] = {
        "name": name, "submission_digest": "sha256:0", "mean": 0.8, "low": 0.7, "high": 0.9, "rank": 1, "rank_low": 1,
        "rank_high": 2, "worst": 0.1, "worst_case": "c", "groups": {}, "cases": 30,
    }  # fmt: skip
    return Row(**(values | more))


def test_a_standing_becomes_a_badge_only_with_its_interval() -> None:
    standing = Standing("city-signals@1", "delay", "lower", 0.95, True, (_row("a"), _row("b", low=None)), ())
    result = standing_result(
        standing, "a", title="T", unit="s", evidence=[b"envelope"], decided_on=date(2026, 1, 2)
    )
    assert (result.low, result.high, result.rank_high, result.solutions) == (0.7, 0.9, 2, 2)
    assert result.evidence == (hashlib.sha256(b"envelope").hexdigest(),)
    with pytest.raises(BadgeProblem, match="too few cases"):
        standing_result(standing, "b", title="T", unit="s", evidence=[b"x"], decided_on=date(2026, 1, 2))
    with pytest.raises(BadgeProblem, match="no solution 'c'"):
        standing_result(standing, "c", title="T", unit="s", evidence=[b"x"], decided_on=date(2026, 1, 2))
