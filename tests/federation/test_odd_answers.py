"""Odd answers to judges, centre and outbox are refused as whose they are, or taken; `benchmarks/fuzz_answers.py` sends ten thousand."""

from __future__ import annotations

import json
import random

import pytest

from lumbung.node.gate import Shelf
from odd_answers import DeliveryTarget, OutboxTarget, judge_targets, wrong_with
from small_league import build_league


def hold(target, examples=60):
    """Send odd things until one is taken wrongly, or none was; the seed that fails is named."""
    wrong = {seed: said for seed in range(examples) if (said := wrong_with(target.play, random.Random(seed)))}
    assert not wrong


@pytest.mark.parametrize("metric", ["mae", "accuracy", "roc_auc", "log_loss"])
def test_judges_of_tables(tmp_path, metric):
    (target,) = judge_targets(tmp_path, f"tables {metric}")
    hold(target, 25)


def test_deliveries(db, tmp_path):
    hold(DeliveryTarget(build_league(tmp_path)), 40)


def test_outbox(tmp_path):
    hold(OutboxTarget(tmp_path), 100)


@pytest.mark.parametrize(
    "content", [b'{"run": "\xff"}', b"[" * 50_000, b"\xff", b"{}"], ids=["text", "deep", "no text", "empty"]
)
def test_a_file_that_cannot_be_read_is_kept_aside(tmp_path, content):
    (tmp_path / "run-00000000.json").write_bytes(content)
    assert Shelf(tmp_path).waiting() == {} and (tmp_path / "run-00000000.damaged").exists()


def test_a_parcel_under_another_runs_name_is_kept_aside(tmp_path):
    target = OutboxTarget(tmp_path)
    (tmp_path / "run-11111111.json").write_text(json.dumps(target.right, default=str))
    assert Shelf(tmp_path).waiting() == {} and (tmp_path / "run-11111111.damaged").exists()


@pytest.mark.parametrize(
    "body",
    [b'{"lease": "\xff\xff\xff\xff\xff\xff\xff\xff"}', b'{"fault":' + b"[" * 50_000],
    ids=["text", "deep"],
)
def test_a_delivery_that_cannot_be_read_is_refused(league, body):
    node = league.node()
    assert league.submit().status_code == 201
    job = node.lease()
    assert node.api("POST", f"/node/runs/{job.run}/result", body).status_code == 422
