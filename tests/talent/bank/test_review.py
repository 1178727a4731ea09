"""A second person's word on two versions of an item, and that it ends when the item is edited."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from lumbung.cli import main
from lumbung.talent.bank.check import check_bank
from lumbung.talent.bank.item import ItemError
from lumbung.talent.bank.load import SHIPPED, load_acceptance, load_bank
from lumbung.talent.bank.review import add_review, equivalence, read_reviews

NAME = "working-foundation-01"
DAY = date(2026, 11, 24)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "bank"))


def command(*words: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["talent", "bank", *map(str, words)])
    return done.exit_code, done.output


def test_a_review_counts_until_the_text_changes(bank: Path) -> None:
    code, shown = command("review", bank, NAME, "--pair", "en-id")
    assert (
        code == 0 and "[id] Sebuah chatbot" in shown and "[en] A chatbot" in shown and not read_reviews(bank)
    )
    assert command("review", bank, NAME, "--pair", "en-id", "--reviewer", "Sari Wu", "--same")[0] == 0
    states = equivalence(load_bank(bank), read_reviews(bank))
    assert states[NAME, "en-id"] == "reviewed" and states[NAME, "en-zh"] == "draft"
    assert "reviewed by a second person: 1 of 963" in command("check", bank)[1]
    path = bank / "working" / "foundation.yaml"
    path.write_text(
        path.read_text("utf-8").replace("mengutip tiga undang-undang", "mengutip 3 undang-undang"), "utf-8"
    )
    assert equivalence(load_bank(bank), read_reviews(bank))[NAME, "en-id"] == "changed"
    assert any("changed since their review" in finding.what for finding in check_bank(bank)[1])
    code, _said = command(
        "review", bank, NAME, "--pair", "en-id", "--reviewer", "Sari Wu", "--differs", "three is 3"
    )
    assert code == 0 and any("three is 3" in finding.what for finding in check_bank(bank)[1])


def test_only_a_second_person_reviews_and_says_what_differs(bank: Path) -> None:
    item = load_bank(bank)[NAME]
    for words in ({"reviewer": ""}, {"reviewer": item.author.upper()}):
        with pytest.raises(ItemError, match="second person"):
            add_review(bank, item, "en-id", same=True, day=DAY, **words)
    with pytest.raises(ItemError, match="what differs"):
        add_review(bank, item, "en-id", same=False, reviewer="Sari", day=DAY)
    with pytest.raises(ItemError, match="no pair"):
        add_review(bank, item, "en-fr", same=True, reviewer="Sari", day=DAY)
    (bank / "reviews.csv").write_text("item,pair\n", "utf-8")
    with pytest.raises(ItemError, match=r"reviews\.csv, line 1"):
        read_reviews(bank)


def test_exposure_probabilities_are_of_this_bank_and_hold(bank: Path) -> None:
    import numpy as np

    from lumbung.talent.adaptive.pool import ItemPool
    from lumbung.talent.adaptive.simulation import simulate
    from lumbung.talent.adaptive.stopping import StoppingRule

    accepted = load_acceptance()
    items = load_bank()
    assert accepted and set(accepted) <= set(items.items)
    truth = np.random.default_rng(11).normal(size=3000)
    tests = simulate(
        ItemPool.from_bank(items, acceptance=accepted), truth, StoppingRule(0.4, 12, 40), 10, seed=5
    )
    assert tests.exposure(len(items)).max() < 0.25, (
        "run lumbung talent simulate --exposure 0.2 --acceptance anew"
    )
    (bank / "acceptance.csv").write_text("item,acceptance\nx,1.5\n", "utf-8")
    with pytest.raises(ItemError, match="line 2"):
        load_acceptance(bank)
