"""The prediction challenge of the city: its tables hold no answers, and its solutions stand in the order they should."""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lumbung.proving.catalogue import find_challenge
from lumbung.proving.packing import declared
from lumbung.proving.submission import find_submission, solutions_for

FOLDER = find_challenge("traffic-counts").folder
NAMES = ("last-value", "usual", "usual-today", "learned")


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def load(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(path.parent))
    monkeypatch.delitem(sys.modules, "features", raising=False)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_its_solutions_stand_in_the_order_of_what_they_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table("inputs")
    inputs = {name: [row[name] for row in rows] for name in rows[0]}
    truth = {row["id"]: float(row["target"]) for row in table("truth")}
    errors = []
    for name in NAMES:
        module = load(find_submission(f"city/counts-{name}").folder / "solution.py", monkeypatch)
        answer = module.solve(
            {"inputs": inputs, "keys": inputs["id"], "key": "id", "prediction": "prediction"}
        )
        predicted = dict(zip(answer["id"], answer["prediction"], strict=True))
        errors.append(np.mean([abs(predicted[key] - count) for key, count in truth.items()]))
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.75 * errors[0]


def test_no_past_holds_an_answer() -> None:
    asked: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for row in table("inputs"):
        day, hour, detector, horizon = row["id"].split("-")
        now = int(hour) * 60
        asked.setdefault((day, detector), []).append((now, now + int(horizon)))
    for moments in asked.values():
        for _, answer in moments:
            # the past of a question is the hour before it
            assert not any(now - 60 < answer <= now for now, _ in moments)
    assert {row["id"] for row in table("truth")} == {row["id"] for row in table("inputs")}
    assert not {"target", "horizon"} & table("inputs")[0].keys()


def test_the_told_days_are_not_the_asked_ones() -> None:
    told = {int(row["day"]) for row in table("history")}
    assert told == set(range(24)) and {int(row["id"].split("-")[0]) for row in table("truth")} == set(
        range(24, 30)
    )


def test_truth_leaves_for_the_judge_and_nothing_else_besides_what_is_declared() -> None:
    found = find_challenge("traffic-counts")
    names = {str(path) for path in declared(FOLDER, found.challenge.options, found.challenge.data)}
    assert {n for n in names if "/" not in n} == {
        "challenge.toml", "detectors.csv", "history.csv", "inputs.csv", "picture.svg", "truth.csv"
    }  # fmt: skip


def test_the_weights_are_those_that_training_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = find_submission("city/counts-learned").folder
    train = load(folder / "train.py", monkeypatch)
    counts, weekend, upstream = train.read(FOLDER)
    kept = json.loads((folder / "weights.json").read_text())
    seen, answers, _ = train.questions(counts, weekend, upstream, 60)
    assert any(
        np.allclose(train.ridge(seen, answers, penalty), kept["60"], atol=1e-3) for penalty in train.PENALTIES
    )


def test_each_challenge_of_the_sector_names_its_own_solutions() -> None:
    counts = solutions_for(find_challenge("traffic-counts").challenge)
    signals = solutions_for(find_challenge("resco").challenge)
    assert len(counts) == 4 and len(signals) == 6 and not set(counts) & set(signals)
