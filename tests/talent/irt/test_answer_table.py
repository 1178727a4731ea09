"""Both readers of a table of answers see the same table, and neither passes over anything silently."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lumbung.talent.irt import answer_table
from lumbung.talent.irt.answer_table import AnswerTableError, read_answer_table

TABLES = st.integers(2, 5).flatmap(
    lambda n: st.lists(
        st.lists(st.one_of(st.just(-1), st.integers(0, 254)), min_size=n, max_size=n), min_size=1, max_size=20
    )
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TABLES, st.booleans(), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_fast_and_patient_readers_agree(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[list[int]],
    counted: bool,
    end: str,
    final: bool,
) -> None:
    header = [f"q{j}" for j in range(len(rows[0]))]
    lines = [",".join("" if v < 0 else str(v) for v in row) for row in rows]
    if counted:
        header.insert(1, "Freq")
        lines = [f"{row.partition(',')[0]},{k},{row.partition(',')[2]}" for k, row in enumerate(lines)]
    path = tmp_path / "t.csv"
    path.write_bytes((",".join(header) + end + end.join(lines) + (end if final else "")).encode())
    fast = read_answer_table(path)
    with monkeypatch.context() as context:
        context.setattr(answer_table, "_whole", lambda *_: None)
        patient = read_answer_table(path)
    assert fast.items == patient.items
    assert (fast.answers == patient.answers).all() and (fast.answers == np.array(rows)).all()
    if counted:
        assert fast.weights.tolist() == patient.weights.tolist() == list(range(len(rows)))


def test_only_named_columns_are_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("q1,q2,q3\n1,0,1\n0,1,1\n")
    found = read_answer_table(path, only=["q3", "q1"])
    assert found.items == ("q1", "q3")
    assert found.answers.tolist() == [[1, 1], [0, 1]]
    with pytest.raises(AnswerTableError, match="looked for x"):
        read_answer_table(path, only=["x"])


@pytest.mark.parametrize("cell", ["-1", "1.5", "300", "x", "1e3", "٣"])
def test_odd_cells_are_reported(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"q1,q2\n1,0\n{cell},1\n0,1\n", encoding="utf-8")
    found = read_answer_table(path)
    if cell == "٣":  # a digit of another script is still a number
        assert found.answers.tolist() == [[1, 0], [3, 1], [0, 1]]
        return
    assert found.answers.tolist() == [[1, 0], [0, 1]]
    assert "line 3" in found.problems[0].where and "column q1" in found.problems[0].found


def test_many_bad_rows_are_summed_up(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("q1,q2\n1,0\n" + "x,1\n" * 50)
    found = read_answer_table(path)
    assert len(found.problems) == 21
    assert "30 more rows" in found.problems[-1].found
