"""A session: the right choice, balance, stopping, and going on after a cut line as if nothing had happened."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.talent import score
from lumbung.talent.adaptive.generated import generated_pool
from lumbung.talent.adaptive.pool import ItemPool, PoolError
from lumbung.talent.adaptive.selection import uniform
from lumbung.talent.adaptive.session import Session, SessionError
from lumbung.talent.adaptive.simulation import simulate
from lumbung.talent.adaptive.stopping import StoppingError, StoppingRule
from lumbung.talent.irt.parameters import ItemParameters

POOL = generated_pool(120)


def run(session: Session, answers: np.ndarray) -> Session:
    for answer in answers:
        if session.pending is None:
            break
        session.answer(int(answer), 2.0)
    return session


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**63 - 1), st.integers(0, 39), st.integers(0, 2**32 - 1))
def test_a_cut_line_loses_nothing(seed: int, cut: int, answer_seed: int) -> None:
    answers = np.random.default_rng(answer_seed).integers(0, 2, 60)
    whole = run(Session(POOL, seed), answers)
    before = run(Session(POOL, seed), answers[:cut])
    after = Session.resume(POOL, before.record())
    assert after.pending == before.pending
    assert after.order_seed == before.order_seed
    done = run(after, answers[len(after.answers) :])
    assert done.answers == whole.answers
    assert (done.ability, done.standard_error, done.stopped) == (
        whole.ability,
        whole.standard_error,
        whole.stopped,
    )


def test_ability_equals_scoring_the_answers() -> None:
    session = run(Session(POOL, 5), np.random.default_rng(0).integers(0, 2, 60))
    answers = np.full((1, len(POOL)), -1)
    for given_answer in session.answers:
        answers[0, given_answer.item] = given_answer.category
    found = score(answers, POOL.items)
    assert session.ability == pytest.approx(found.theta[0], abs=1e-9)
    assert session.standard_error == pytest.approx(found.standard_error[0], abs=1e-9)


def test_the_best_item_is_the_most_informative() -> None:
    one_area = ItemPool.build(POOL.items)
    session = Session(one_area, 0, candidates=1)
    for answer in (1, 0, 1, 1):
        information = POOL.items.information(session.ability)[0]
        for given_answer in session.answers:
            information[given_answer.item] = -1
        assert session.pending == POOL.items.names[int(np.argmax(information))]
        session.answer(answer)


def test_no_item_twice_and_areas_in_balance() -> None:
    session = run(Session(POOL, 9, StoppingRule(0.01, 8, 40)), np.tile([1, 0], 30))
    items = [given_answer.item for given_answer in session.answers]
    assert len(set(items)) == len(items) == 40
    assert np.bincount(POOL.area_of[items]).tolist() == [10, 10, 10, 10]


def test_targets_are_met_within_one_item() -> None:
    areas = [f"area {j % 4 + 1}" for j in range(120)]
    targets = {"area 1": 0.5, "area 2": 0.3, "area 3": 0.2, "area 4": 0.0}
    pool = ItemPool.build(POOL.items, areas, targets)
    session = run(Session(pool, 9, StoppingRule(0.01, 8, 40)), np.tile([1, 0], 30))
    counts = np.bincount(pool.area_of[[a.item for a in session.answers]], minlength=4)
    assert np.abs(counts - 40 * pool.targets).max() <= 1


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (StoppingRule(0.6, 5, 40), "precise"),
        (StoppingRule(0.01, 5, 10), "longest"),
        (StoppingRule(0.01, 5, 40, seconds=7.0), "time"),
        (StoppingRule(0.001, 5, 500), "exhausted"),
    ],
)
def test_reasons_to_stop(rule: StoppingRule, reason: str) -> None:
    session = run(Session(POOL, 3, rule), np.tile([1, 0, 1], 50))
    assert session.stopped == reason
    assert session.pending is None
    if reason == "time":
        assert len(session.answers) == 4
    with pytest.raises(SessionError, match="the test is over"):
        session.answer(1)


def test_closed_items_are_not_served() -> None:
    first = run(Session(POOL, 1), np.tile([1, 0], 30))
    seen = {POOL.items.names[a.item] for a in first.answers}
    second = run(Session(POOL, 1, closed=seen), np.tile([1, 0], 30))
    assert not seen & {POOL.items.names[a.item] for a in second.answers}
    assert Session.resume(POOL, second.record()).answers == second.answers


def test_records_that_do_not_belong_are_refused() -> None:
    session = run(Session(POOL, 4), np.array([1, 0, 1]))
    record = json.loads(session.record())
    record["answers"][1][0] = record["answers"][2][0]
    with pytest.raises(SessionError, match="the record was altered"):
        Session.resume(POOL, json.dumps(record))
    with pytest.raises(SessionError, match="another item pool"):
        Session.resume(generated_pool(121), session.record())
    with pytest.raises(SessionError, match="not a session record"):
        Session.resume(POOL, "{}")


def test_a_record_holds_no_key_and_no_parameters() -> None:
    record = json.loads(run(Session(POOL, 4), np.array([1, 0])).record())
    assert set(record) == {"pool", "seed", "rule", "candidates", "closed", "answers"}


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: Session(POOL, -1), SessionError, "seed"),
        (lambda: Session(POOL, 1, candidates=0), SessionError, "at least one"),
        (lambda: Session(POOL, 1).answer(2), SessionError, "expected 0 to 1"),
        (lambda: Session(POOL, 1).answer(1, -3.0), SessionError, "seconds"),
        (lambda: StoppingRule(0.0), StoppingError, "positive"),
        (lambda: StoppingRule(0.3, 9, 8), StoppingError, "least <= most"),
        (lambda: ItemPool.build(POOL.items, ["a"]), PoolError, "1 areas for 120 items"),
        (lambda: ItemPool.build(POOL.items, None, {"x": 1}), PoolError, "targets name"),
        (lambda: ItemPool.from_bank([], "zh"), PoolError, "no item in language 'zh'"),
    ],
)
def test_bad_input_is_named(call: object, error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        call()


def test_lots_are_uniform() -> None:
    draws = np.array([uniform(seed, step, 1) for seed in range(100) for step in range(40)])
    assert draws.min() >= 0 and draws.max() < 1
    counts = np.histogram(draws, 10, (0, 1))[0]
    assert ((counts - 400) ** 2 / 400).sum() < 30


def test_simulation_serves_what_a_session_serves() -> None:
    tests = simulate(POOL, np.random.default_rng(0).normal(size=20), seed=50)
    for i in range(20):
        session = run(Session(POOL, 50 + i), tests.answers[i, : tests.length[i]])
        assert [a.item for a in session.answers] == tests.items[i, : tests.length[i]].tolist()
        assert session.stopped is not None
        assert session.ability == tests.theta[i]


def test_graded_items_work_too() -> None:
    rng = np.random.default_rng(1)
    thresholds = np.sort(rng.normal(0, 1.5, (30, 3)), axis=1)[:, ::-1] + [0.3, 0, -0.3]
    pool = ItemPool.build(ItemParameters.graded(rng.lognormal(0.2, 0.2, 30), thresholds))
    tests = simulate(pool, rng.normal(size=3000), StoppingRule(0.35, 5, 30))
    assert 0.93 <= tests.covered <= 0.97
    assert tests.answers.max() == 3
