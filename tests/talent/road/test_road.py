"""The road: official arithmetic to the unit, people conserved to the unit, and plans that are as cheap as they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.talent.road.apportion import ApportionError, split, spread
from lumbung.talent.road.competence import (
    CompetenceError,
    ability_of,
    measured_shares,
    read_counts,
    shares_at_levels,
)
from lumbung.talent.road.flow import travel
from lumbung.talent.road.plan import PlanError, cheapest_plan, most_reachable, sure_plan
from lumbung.talent.road.provinces import POPULATION, PROVINCES
from lumbung.talent.road.scenario import Rates, Scenario, ScenarioError, load, parse, shipped, with_counts
from lumbung.talent.road.uncertainty import travel_often


def test_official_arithmetic_of_2015() -> None:
    """600,000 a year for fifteen years are nine million."""
    road = travel(load("official-2015"))
    assert road.counted.tolist() == [600_000 * t for t in range(16)]


def test_official_arithmetic_of_2025() -> None:
    """9.3 million and 450,000 a year from 2025 to 2030 are twelve million."""
    road = travel(load("revised-2025"))
    assert road.counted.tolist() == [9_300_000 + 450_000 * t for t in range(7)]


def test_official_gap() -> None:
    """600,000 needed against 100,000 to 200,000 supplied: a gap of 400,000 to 500,000 in the first year."""
    gaps = []
    for supply in (100_000, 200_000):
        road = travel(load("official-2015", [f"training.places=[{supply}]"]))
        gaps.append(600_000 - int(road.counted[1]))
    assert gaps == [500_000, 400_000]


def random_scenario(seed: int) -> Scenario:
    rng = np.random.default_rng(seed)
    p, k, years = int(rng.integers(1, 9)), int(rng.integers(1, 5)), int(rng.integers(1, 9))
    events = rng.dirichlet(np.ones(4), k)
    base = load("official-2015")
    return replace(
        base,
        levels=tuple(map(str, range(k))),
        counted=rng.random(k) < 0.7,
        provinces=tuple(map(str, range(p))),
        weights=rng.integers(1, 10**6, p).astype(float),
        first_year=2026,
        last_year=2025 + years,
        target_year=2026,
        reservoir=rng.integers(0, 10 ** int(rng.integers(1, 8)), p),
        entrants=rng.integers(0, 10_000, p),
        start=rng.integers(0, 10 ** int(rng.integers(1, 7)), (p, k)),
        places=rng.integers(0, 10 ** int(rng.integers(1, 6)), (years, p, k)),
        organic=rng.integers(0, 1000, (years, p, k)),
        rates=Rates(events[:, 0], events[:, 1], events[:, 2], rng.random(k), float(rng.random())),
        pull=rng.random(p),
        cost=np.ones(k),
        ceiling=np.full((years, k), np.inf),
    )


def test_people_are_conserved_to_the_unit_in_a_thousand_random_scenarios() -> None:
    for seed in range(1000):
        scenario = random_scenario(seed)
        rng = np.random.default_rng(seed) if seed % 2 else None
        road = travel(scenario, rng)
        everybody = road.stock.sum(axis=(1, 2)) + road.reservoir.sum(axis=1) + road.gone.sum(axis=1)
        assert everybody.tolist() == [
            int(scenario.reservoir.sum() + scenario.start.sum() + t * scenario.entrants.sum())
            for t in range(scenario.n_years + 1)
        ]
        assert min(road.stock.min(), road.reservoir.min(), road.gone.min()) >= 0
        assert (road.filled <= scenario.places).all() and (road.completed <= road.filled).all()


def test_every_level_balances_by_its_flows() -> None:
    """What a level gains and loses in a year is what the flows say, nationally."""
    scenario = load("competence")
    road = travel(scenario, np.random.default_rng(0))
    for t in range(scenario.n_years):
        up = np.append(road.completed[t].sum(axis=0)[1:], 0)
        down = np.append(road.fell[t].sum(axis=0)[1:], 0)
        change = (
            road.completed[t] + road.arrived[t] - road.left[t] - road.fell[t]
        ).sum(axis=0) - up + down  # fmt: skip
        assert (road.stock[t + 1].sum(axis=0) - road.stock[t].sum(axis=0)).tolist() == change.tolist()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9), st.lists(st.floats(1e-3, 1.0), min_size=1, max_size=40))
def test_splitting_loses_nobody(people: int, parts: list[float]) -> None:
    shares = np.array(parts) / sum(parts)
    for rng in (None, np.random.default_rng(0)):
        cells = split([people], shares[None, :], rng)[0]
        assert cells.sum() == people and cells.min() >= 0
    assert np.abs(split([people], shares[None, :])[0] - people * shares).max() < 1


def test_largest_remainder_by_hand() -> None:
    """10 seats over 47, 16, 15.8, 12, 6.1 and 3.1 per cent: quotas 4.7, 1.6, 1.58, 1.2, 0.61, 0.31."""
    assert spread(10, [47, 16, 15.8, 12, 6.1, 3.1]).tolist() == [5, 2, 1, 1, 1, 0]
    with pytest.raises(ApportionError):
        spread(-1, [1.0])
    with pytest.raises(ApportionError):
        spread(1, [0.0, 0.0])


def test_provinces_add_up_to_the_nation() -> None:
    assert len(PROVINCES) == 38
    assert sum(people for _, _, people in PROVINCES) == POPULATION


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_name_what_has_no_source(name: str) -> None:
    scenario = load(name)
    assert scenario.sources
    assert "target" not in " ".join(scenario.assumptions)
    if name != "competence":
        assert scenario.assumptions == ()
    else:
        assert {"rates.attrition", "plan.cost", "start.ability_mean"} <= set(scenario.assumptions)


def test_a_changed_number_becomes_an_assumption() -> None:
    scenario = load("official-2015", ["training.places=[500_000]", "rates.attrition=0.03"])
    assert {"training.places", "rates.attrition"} <= set(scenario.assumptions)
    assert travel(scenario).counted[1] == 500_000


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("last_year=2010", "a year not before first_year"),
        ("first_year=20260", "a year from 1990"),
        ("target.year=2040", "a year from 2016 to 2030"),
        ("rates.attrition=1.5", "numbers from 0 to 1"),
        ("rates.attrition=[0.1, 0.2]", "one number or 1 numbers"),
        ("training.places=[-5]", "whole numbers"),
        ('definition.counted=["x"]', "some of"),
        ("target.people=-1", "at least 0"),
        ("rates.attrition", "expected key.path=value"),
        ("name.x=1", "holds a value"),
        ("uncertainty.attrition=[0.2, 0.1]", "a 90 % interval"),
    ],
)
def test_impossible_scenarios_are_named(change: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        load("official-2015", [change])


def test_rates_over_one_are_refused() -> None:
    with pytest.raises(ScenarioError, match=r"sum to 1\.3"):
        load("official-2015", ["rates.attrition=0.7", "rates.decay=0.6"])
    with pytest.raises(ScenarioError, match="no scenario 'nowhere'"):
        load("nowhere")
    with pytest.raises(ScenarioError, match="key name"):
        parse({"definition": {"levels": ["a"], "counted": ["a"]}, "first_year": 2026, "last_year": 2027,
               "target": {"year": 2027, "people": 1}}, "x.toml")  # fmt: skip


def test_shares_by_measured_ability() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(0.2, 1.1, 20_000)
    errors = np.full(20_000, 0.5)
    observed = truth + rng.normal(0, 0.5, 20_000)
    reliability = 1.1**2 / (1.1**2 + 0.25)
    means = 0.2 + reliability * (observed - 0.2)
    posterior = np.full(20_000, 0.5 * np.sqrt(reliability))
    found = measured_shares(means, posterior, [-0.5, 0.5, 2.0])
    assert found.shares == pytest.approx(shares_at_levels(0.2, 1.1, [-0.5, 0.5, 2.0]), abs=0.01)
    assert found.shares.sum() == pytest.approx(1)
    by_point = (means > 2.0).mean()
    assert (
        by_point < 0.75 * found.shares[3]
    )  # counting point estimates would miss a quarter of the specialists
    ability = ability_of(means, posterior)
    assert ability["sd"] == pytest.approx(1.1, abs=0.02)
    assert ability["mean"] == pytest.approx(0.2, abs=0.03)
    with pytest.raises(CompetenceError, match="rise"):
        measured_shares(means, errors, [1.0, 0.0])


def write(path: Path, *rows: str) -> Path:
    path.write_text("province,level,people\n" + "\n".join(rows) + "\n")
    return path


def test_counts_of_credentials(tmp_path: Path) -> None:
    good = write(tmp_path / "c.csv", "Aceh,basic,10", "Bali,basic,5", "Total,,15")
    assert read_counts(good, ["Aceh", "Bali"], ["basic"]).tolist() == [[10], [5]]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["Aceh,basic,10", "Total,,15"], r"total is 15 but the rows sum to 10 \(-5\)"),
        (["Aceh,basic,ten"], "line 2, column people: found 'ten'"),
        (["Aceh,basic,-3"], "at least 0"),
        (["Atlantis,basic,3"], "line 2: unknown province"),
        (["Aceh,basic,3", "Aceh,basic,4"], "line 3: .* appears twice"),
    ],
)
def test_wrong_national_tables_are_refused(tmp_path: Path, rows: list[str], said: str) -> None:
    with pytest.raises(CompetenceError, match=said):
        read_counts(write(tmp_path / "c.csv", *rows), ["Aceh", "Bali"], ["basic"])


def test_uncertainty_grows_and_surrounds_the_expected_road() -> None:
    scenario = load("competence")
    often = travel_often(scenario, 100)
    low, high = often.quantiles(0.05, 0.95)
    road = travel(scenario)
    assert ((low < road.counted) & (road.counted < high)).all()
    same = travel_often(scenario, 100)
    assert (same.counted == often.counted).all()
    certain = travel_often(replace(scenario, spreads={}, ability={**scenario.ability, "mean_error": 0.0}), 20)
    assert np.ptp(certain.counted[:, 0]) == 0
    assert np.ptp(certain.counted[:, -1]) < 0.02 * np.ptp(often.counted[:, -1])


def test_mean_of_random_roads_is_the_expected_road() -> None:
    scenario = replace(load("competence"), spreads={}, cuts=(), ability={})
    roads = [travel(scenario, np.random.default_rng(k)).counted[-1] for k in range(40)]
    assert np.mean(roads) == pytest.approx(travel(scenario).counted[-1], rel=2e-4)


def small(**changes: object) -> Scenario:
    """One province, one level, all complete, nobody leaves."""
    base = load(
        "official-2015",
        ["first_year=2028", "target.people=1000", "plan.most_places=[600]", "provinces={A=1}", "eligible.people=5000",
         "training.places=[0]", "plan.cost=3", "plan.province_share=1.0"],
    )  # fmt: skip
    return replace(base, **changes)


def test_cheapest_plan_of_a_case_by_hand() -> None:
    """1,000 talents in three years at 3 each cost 3,000, and no plan is cheaper."""
    plan = cheapest_plan(small())
    assert plan.places.sum() == 1000
    assert (plan.cost, plan.bound) == pytest.approx((3000, 3000))
    assert plan.places.max() <= 600


def test_plans_wait_when_people_leave() -> None:
    """With attrition it is cheaper to train late: the last two years at their ceiling first."""
    rates = Rates(np.array([0.1]), np.zeros(1), np.zeros(1), np.ones(1), 0.0)
    plan = cheapest_plan(small(rates=rates))
    early, middle, late = plan.places[:, 0, 0]
    assert late == 600 and early == 0
    assert 600 + 0.9 * middle == pytest.approx(1000, abs=1.5)


def test_unreachable_targets_say_how_far_one_gets() -> None:
    with pytest.raises(PlanError, match="at most 1,800 can be reached"):
        cheapest_plan(small(target=2000))
    assert most_reachable(small()) == 1800


def test_plan_of_the_shipped_scenario_meets_it_close_to_the_bound() -> None:
    scenario = load("competence")
    plan = cheapest_plan(scenario)
    assert plan.road.counted[-1] >= scenario.target
    assert plan.bound <= plan.cost * (1 + 1e-9)
    assert plan.gap < 0.001
    talents = plan.road.stock[-1][:, scenario.counted].sum(axis=1)
    per_head = talents / scenario.weights / (talents.sum() / scenario.weights.sum())
    assert per_head.min() > scenario.fairness - 0.01
    assert (plan.places.sum(axis=1) <= scenario.ceiling + 1e-6).all()


def test_a_surer_plan_costs_more_and_is_surer() -> None:
    scenario = load("competence")
    expected = cheapest_plan(scenario)
    plan, reached = sure_plan(scenario, 0.9, draws=60)
    assert reached >= 0.9
    assert plan.cost > expected.cost
    with pytest.raises(PlanError, match="a plan must aim at"):
        sure_plan(load("competence", ["plan.most_places=[1_000_000, 1_500_000, 200_000]"]), 0.95, draws=40)


def test_counted_people_bring_no_interval_of_the_assumed_start() -> None:
    plain = load("competence")
    counts = np.zeros_like(plain.start)
    counts[0, 1] = 40
    counted = with_counts(plain, counts, "Counts of verified badges.")
    assert counted.start.sum() == counted.start_people == 40
    assert counted.reservoir.sum() + 40 >= plain.reservoir.sum() + plain.start.sum() - 40, (
        "the others still exist"
    )
    assert set(travel_often(counted, 5).counted[:, 0].tolist()) == {40}
