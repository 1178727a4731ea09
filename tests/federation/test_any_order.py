"""Whatever people, lines and clocks do, in any order: every run ends once with a reason, and the owner's word holds."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from conftest import ROOT
from federation_life import Life, machine_of
from lumbung.proving.job import TRANSITIONS
from small_league import build_league


def test_in_any_order_every_run_ends_once_and_the_owners_word_holds(db, tmp_path):
    life = Life(build_league(tmp_path, daily_limit=10_000), tmp_path / "nodes")
    run_state_machine_as_test(
        machine_of(life),
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_table_in_the_documentation_is_the_one_in_the_code():
    page = (ROOT / "docs" / "federation" / "exchange.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| (\w+) \| (.+) \|$", page.split("## A run's life")[1], re.MULTILINE)
    assert rows[1:] == [(str(a), str(b), why) for a, ways in TRANSITIONS.items() for b, why in ways.items()]
