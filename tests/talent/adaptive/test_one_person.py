"""The web's way through a test is the engine's way, and needs no compiler."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from lumbung.talent.adaptive import one_person
from lumbung.talent.adaptive.stopping import StoppingRule
from lumbung.talent.bank import load_bank
from lumbung.talent.bank.load import load_acceptance

BANK = load_bank()
ITEMS = one_person.Items.of_columns(BANK.columns())


@pytest.mark.parametrize(
    ("candidates", "accepted"), [(5, {}), (3, load_acceptance()), (2, dict.fromkeys(BANK.items, 0.3))]
)
def test_every_choice_and_estimate_is_the_engines(candidates, accepted):
    from lumbung.talent.adaptive.pool import ItemPool
    from lumbung.talent.adaptive.session import Session

    pool = ItemPool.from_bank(BANK, acceptance=accepted)
    items = one_person.Items.of_columns(BANK.columns(), accepted)
    rng = np.random.default_rng(5)
    rule = StoppingRule(0.3, 8, 30, seconds=900)
    for person in range(12):
        seed, theta = int(rng.integers(2**63)), rng.normal()
        closed = tuple(rng.choice(ITEMS.names, 40)) if person % 3 == 0 else ()
        session = Session(pool, seed, rule, candidates=candidates, closed=closed)
        answers, seconds = [], 0.0
        while session.pending is not None:
            found = one_person.follow(
                items, seed, answers, rule, seconds=seconds, candidates=candidates, closed=closed
            )
            closed += found.set_aside
            assert found.pending == session.pending
            assert one_person.order_seed(seed, len(answers)) == session.order_seed
            assert found.estimate.theta == pytest.approx(session.ability, abs=1e-9)
            item = BANK[session.pending].parameters
            chance = item.c + (1 - item.c) / (1 + np.exp(-item.a * (theta - item.b)))
            right, took = bool(rng.random() < chance), float(rng.uniform(5, 60))
            answers.append((session.pending, right))
            seconds += took
            session.answer(int(right), took)
        end = one_person.follow(items, seed, answers, rule, seconds=seconds, closed=closed)
        assert (end.pending, end.stopped) == (None, session.stopped)
        assert end.estimate.standard_error == pytest.approx(session.standard_error, abs=1e-9)


def test_person_fit_is_the_engines():
    from lumbung.talent.irt.parameters import ItemParameters
    from lumbung.talent.security.person_fit import person_fit

    columns = BANK.columns()
    items = ItemParameters.logistic(columns.a, columns.b, guessing=columns.c)
    rng = np.random.default_rng(2)
    answers = np.full((6, len(BANK)), -1)
    for row in answers:
        seen = rng.choice(len(BANK), 25, replace=False)
        row[seen] = rng.integers(0, 2, 25)
    wanted = person_fit(answers, items).lz_star
    for row, star in zip(answers, wanted, strict=True):
        given = [(columns.ids[j], bool(row[j])) for j in np.flatnonzero(row >= 0)]
        assert one_person.person_fit(ITEMS, columns, given) == pytest.approx(star, abs=1e-4)
    assert np.isnan(one_person.person_fit(ITEMS, columns, [(columns.ids[0], True)]))


def test_an_area_counts_its_own_answers_and_lost_items_none():
    answers = [("working-foundation-01", True), ("building-foundation-01", False), ("gone-01", True)]
    alone = one_person.estimate(ITEMS, answers[:1])
    assert one_person.estimate(ITEMS, answers, "working").theta == alone.theta
    assert one_person.estimate(ITEMS, answers).theta == one_person.estimate(ITEMS, answers[:2]).theta
    nothing = one_person.estimate(ITEMS, [])
    assert nothing.theta == pytest.approx(0, abs=1e-9) and nothing.at_least(0.0) == pytest.approx(0.5)
    assert nothing.at_least(1.0) == pytest.approx(0.1587, abs=2e-3)


def test_it_runs_without_the_compiler():
    code = (
        "import sys\n"
        "from lumbung.talent.adaptive import one_person\n"
        "from lumbung.talent.bank import load_bank\n"
        "from lumbung.talent.adaptive.stopping import StoppingRule\n"
        "items = one_person.Items.of_columns(load_bank().columns())\n"
        "assert one_person.follow(items, 7, [], StoppingRule()).pending\n"
        "assert 'numba' not in sys.modules and 'scipy' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_to_say_that_one_does_not_know_costs_nothing_on_average() -> None:
    """At the same true knowledge, skipping and guessing give the same mean ability; skipping spreads less."""
    items = ITEMS
    names, rng = items.names[::9], np.random.default_rng(1)
    knows = rng.random((400, len(names))) < 0.4
    chance = np.array([items.chance(name) for name in names])
    lucky = rng.random(knows.shape) < chance
    guessed = [
        one_person.estimate(items, list(zip(names, (k | g).astype(float), strict=True))).theta
        for k, g in zip(knows, lucky, strict=True)
    ]
    skipped = [
        one_person.estimate(items, list(zip(names, np.where(k, 1.0, chance), strict=True))).theta
        for k in knows
    ]
    assert np.mean(skipped) == pytest.approx(np.mean(guessed), abs=0.05)
    assert np.std(skipped) < np.std(guessed)
