"""Standings: exact small cases, simulated truth, and a peer's quantiles."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.digest import digest_data
from lumbung.proving.evidence import FaultMark, Isolation
from lumbung.proving.faults import Owner
from lumbung.proving.standing import StandingError, by_node, compute_standing
from making_evidence import evidence_of

LOWER = Ranking("delay", "lower")


def ranks(standing):
    return {row.name: (row.rank, row.rank_low, row.rank_high) for row in standing.rows}


def test_a_constant_gap_on_the_same_cases_is_sure_although_the_intervals_overlap():
    hard = np.random.default_rng(1).normal(100, 40, 12)
    standing = compute_standing(
        {"a": [evidence_of({"g": list(hard)})], "b": [evidence_of({"g": list(hard + 1)})]}, LOWER, seed=0
    )
    a, b = standing.rows
    assert a.high > b.low, "the intervals overlap"
    assert ranks(standing) == {"a": (1, 1, 1), "b": (2, 2, 2)}


def test_noise_alone_shares_the_first_rank():
    rng = np.random.default_rng(2)
    pieces = {name: [evidence_of({"g": list(rng.normal(50, 5, 10))})] for name in "abcd"}
    assert set(ranks(compute_standing(pieces, LOWER, seed=0)).values()) == {(1, 1, 4)}


def test_identical_solutions_share_a_rank_and_the_next_one_counts_both():
    same = [1.0, 2.0, 3.0, 4.0, 5.0]
    worse = [9.0, 9.5, 11.0, 12.0, 13.0]
    pieces = {n: [evidence_of({"g": v})] for n, v in (("a", same), ("b", same), ("c", worse))}
    assert ranks(compute_standing(pieces, LOWER, seed=0)) == {"a": (1, 1, 2), "b": (1, 1, 2), "c": (3, 3, 3)}


def test_higher_is_better_turns_the_order_and_the_worst_case():
    pieces = {n: [evidence_of({"g": v})] for n, v in (("low", [1.0, 2.0, 1.5]), ("high", [8.0, 9.5, 9.0]))}
    standing = compute_standing(pieces, Ranking("delay", "higher"), seed=0)
    assert [row.name for row in standing.rows] == ["high", "low"]
    assert (standing.rows[0].worst, standing.rows[0].worst_case) == (8.0, "g/0")


def test_geometric_mean_weighs_groups_by_ratio():
    pieces = {
        "halves-small": [evidence_of({"small": [5.0] * 3, "large": [1000.0] * 3})],
        "saves-a-little-on-large": [evidence_of({"small": [10.0] * 3, "large": [900.0] * 3})],
    }
    geometric = compute_standing(pieces, Ranking("delay", "lower", "geometric"), seed=0)
    arithmetic = compute_standing(pieces, LOWER, seed=0)
    assert geometric.rows[0].name == "halves-small" and arithmetic.rows[0].name == "saves-a-little-on-large"
    assert geometric.rows[0].mean == pytest.approx(np.sqrt(5 * 1000))


def test_one_case_has_no_interval_and_ranks_nobody_surely():
    pieces = {n: [evidence_of({"g": [v]})] for n, v in (("a", 1.0), ("b", 2.0))}
    standing = compute_standing(pieces, LOWER, seed=0)
    assert [(row.low, row.high) for row in standing.rows] == [(None, None)] * 2
    assert ranks(standing) == {"a": (1, 1, 2), "b": (1, 1, 2)}


def test_groups_of_one_case_each_are_the_sample():
    rng = np.random.default_rng(3)
    sites = {f"site{i}": [v] for i, v in enumerate(rng.normal(10, 2, 30))}
    worse = {name: [values[0] + 1] for name, values in sites.items()}
    standing = compute_standing({"a": [evidence_of(sites)], "b": [evidence_of(worse)]}, LOWER, seed=0)
    assert standing.rows[0].low is not None and ranks(standing) == {"a": (1, 1, 1), "b": (2, 2, 2)}


def test_intervals_cover_the_truth():
    """600 contests of 3 groups x 6 cases: a 95 % interval should cover about 95 % of the time."""
    rng = np.random.default_rng(4)
    covered = 0
    for trial in range(600):
        figures = {f"g{i}": list(rng.normal(20 * (i + 1), 4, 6)) for i in range(3)}
        (row,) = compute_standing({"a": [evidence_of(figures)]}, LOWER, seed=trial, resamples=400).rows
        covered += row.low <= 40 <= row.high
    assert 0.92 <= covered / 600 <= 0.975


def test_equal_solutions_are_rarely_told_apart():
    """Six equals, 300 contests: at 95 % at most about one contest in twenty may name a sure difference."""
    rng = np.random.default_rng(5)
    wrong = 0
    for trial in range(300):
        case = rng.normal(50, 20, 10)
        pieces = {n: [evidence_of({"g": list(case + rng.normal(0, 3, 10))})] for n in "abcdef"}
        standing = compute_standing(pieces, LOWER, seed=trial, resamples=400)
        wrong += any(row.rank > 1 for row in standing.rows)
    assert wrong / 300 <= 0.08


def test_aggregates_give_wider_but_honest_intervals():
    rng = np.random.default_rng(6)
    values = list(rng.normal(30, 5, 20))
    never_negative = {"bounds": {"delay": (0.0, None)}}
    paired = compute_standing({"a": [evidence_of({"g": values}, **never_negative)]}, LOWER, seed=0)
    pooled = compute_standing(
        {
            "a": [
                evidence_of(
                    {"g": values}, egress=Egress("aggregate", 5, digits=17, reveal="every"), **never_negative
                )
            ]
        },
        LOWER,
        seed=0,
    )
    assert not pooled.paired and pooled.rows[0].worst is None
    assert pooled.rows[0].mean == pytest.approx(paired.rows[0].mean)
    width = [row.high - row.low for row in (paired.rows[0], pooled.rows[0])]
    assert width[1] == pytest.approx(width[0], rel=0.15)


def test_evidence_of_two_nodes_joins_into_one_standing():
    nanning, bandung = {"g": [10.0, 11.0, 12.0]}, {"g": [30.0, 33.0, 36.0]}
    two = [evidence_of(nanning), evidence_of(bandung, cases_digest=digest_data("bandung"))]
    (row,) = compute_standing({"a": two}, LOWER, seed=0).rows
    assert row.mean == pytest.approx(22.0) and row.cases == 6
    assert sorted(row.groups) == ["1/g", "2/g"]


def test_each_nodes_own_mean_is_of_the_challenges_kind_and_joins_to_the_whole():
    one = evidence_of({"g": [10.0], "h": [1000.0]})
    other = evidence_of({"g": [30.0], "h": [30.0]}, cases_digest=digest_data("bandung"))
    plain, scaled = LOWER, msgspec.structs.replace(LOWER, mean="geometric")
    for ranking, means in ((plain, [505.0, 30.0]), (scaled, [100.0, 30.0])):
        (row,) = compute_standing({"a": [one, other]}, ranking, seed=0).rows
        assert sorted(by_node(row, ranking)) == pytest.approx(sorted(means))
    assert by_node(compute_standing({"a": [one]}, plain, seed=0).rows[0], plain) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"isolation": Isolation("none", "rlimit")}, "no_isolation"),
        ({"fault": FaultMark(Owner.SUBMISSION, "timed_out")}, "timed_out"),
        ({"case_count": 4}, "incomplete"),
    ],
)
def test_what_does_not_count_is_refused_with_its_reason(changes, reason):
    good, bad = evidence_of({"g": [1.0, 2.0, 3.0]}), evidence_of({"g": [0.1, 0.2, 0.3]}, **changes)
    standing = compute_standing({"good": [good], "bad": [bad]}, LOWER, seed=0)
    assert [row.name for row in standing.rows] == ["good"]
    assert [(r.name, r.reason) for r in standing.refused] == [("bad", reason)]


def test_other_cases_are_not_compared():
    few = evidence_of({"g": [1.0, 2.0]})
    all_of_them = {n: [evidence_of({"g": [3.0, 4.0, 5.0]})] for n in "ab"}
    standing = compute_standing({**all_of_them, "few": [few]}, LOWER, seed=0)
    assert [(r.name, r.reason) for r in standing.refused] == [("few", "other_cases")]


def test_other_options_are_not_compared_and_do_not_stop_the_rest():
    odd = evidence_of({"g": [1.0, 2.0, 3.0]}, options_digest=digest_data({"sensors": "all"}))
    rest = {n: [evidence_of({"g": [3.0, 4.0, 5.0]})] for n in "ab"}
    standing = compute_standing({"odd": [odd], **rest}, LOWER, seed=0)
    assert [(r.name, r.reason) for r in standing.refused] == [("odd", "other_cases")]


def test_a_node_that_claims_the_same_cases_but_fills_fewer_does_not_stop_the_rest():
    full = {n: [evidence_of({"g": [3.0, 4.0, 5.0]})] for n in "ab"}
    short = evidence_of({"g": [1.0]}, cases_digest=full["a"][0].cases_digest)
    standing = compute_standing({"short": [short], **full}, LOWER, seed=0)
    assert [(r.name, r.reason) for r in standing.refused] == [("short", "other_cases")]


def test_evidence_of_different_challenges_is_an_error():
    a, b = evidence_of({"g": [1.0]}), evidence_of({"g": [1.0]}, challenge_digest=digest_data("other"))
    with pytest.raises(StandingError, match="challenge_digest"):
        compute_standing({"a": [a], "b": [b]}, LOWER, seed=0)


def test_versions_that_are_one_question_are_ranked_together_and_judges_are_not():
    other = digest_data("other")
    a, b = evidence_of({"g": [1.0]}), evidence_of({"g": [1.0]}, challenge_digest=other)
    same = {a.challenge_digest, other}
    assert len(compute_standing({"a": [a], "b": [b]}, LOWER, seed=0, same_question=same).rows) == 2
    mixed = evidence_of({"g": [1.0]}, judge_version="9")
    with pytest.raises(StandingError, match="judge_version"):
        compute_standing({"a": [a], "b": [mixed]}, LOWER, seed=0, same_question={*same, "1", "9"})


def test_the_same_seed_gives_the_same_bits():
    rng = np.random.default_rng(7)
    pieces = {n: [evidence_of({"g": list(rng.normal(5, 1, 9))})] for n in "abc"}
    first, second, other = (compute_standing(pieces, LOWER, seed=s) for s in (1, 1, 2))
    assert msgspec.json.encode(first) == msgspec.json.encode(second)
    ends = [[(row.low, row.high) for row in standing.rows] for standing in (first, other)]
    assert ends[0] == ends[1], "an interval rests on the evidence alone, not on the seed"


@pytest.mark.parametrize("cases", [3, 5, 8])
def test_equals_are_rarely_told_apart_on_very_few_cases(cases):
    """Four equals, 300 contests: resampling so few cases named a sure difference in every fourth."""
    rng = np.random.default_rng(8)
    wrong = 0
    for trial in range(300):
        pieces = {n: [evidence_of({"g": list(rng.normal(50, 3, cases))})] for n in "abcd"}
        wrong += any(row.rank > 1 for row in compute_standing(pieces, LOWER, seed=trial, resamples=200).rows)
    assert wrong / 300 <= 0.08


def test_one_gap_in_very_few_cases_is_chance_and_in_more_is_sure():
    """Two solutions differ by 1 in every case: of one sign by chance once in 2 ** (cases - 1)."""
    for cases, told in ((3, False), (5, False), (6, True), (12, True)):
        figures = [float(10 * k) for k in range(1, cases + 1)]
        pieces = {"a": [evidence_of({"g": figures})], "b": [evidence_of({"g": [f + 1 for f in figures]})]}
        assert (ranks(compute_standing(pieces, LOWER, seed=0))["b"][0] == 2) is told, cases


SHARE = Ranking("delay", "higher")


def test_an_interval_stays_within_what_the_judge_declares():
    """The accuracy over three cases that was printed as 0.58 with an interval from -0.15 to 1.50."""
    figures = {"g": [0.9, 0.2, 0.65]}
    (loose,) = compute_standing({"a": [evidence_of(figures)]}, SHARE, seed=0).rows
    assert (loose.low, loose.high, loose.few) == (None, None, True)
    (row,) = compute_standing({"a": [evidence_of(figures, bounds={"delay": (0.0, 1.0)})]}, SHARE, seed=0).rows
    assert 0 < row.low < 0.1 < 0.9 < row.high < 1 and row.few


def test_few_cases_are_said_to_be_few_whatever_they_look_like():
    few = {"g": [3.0, 4.0, 5.0, 3.5, 4.5]}
    (row,) = compute_standing({"a": [evidence_of(few)]}, LOWER, seed=0).rows
    assert (row.low, row.high, row.few) == (None, None, True)
    enough = {"g": [*few["g"], 4.2]}
    (row,) = compute_standing({"a": [evidence_of(enough)]}, LOWER, seed=0).rows
    assert row.low < row.mean < row.high and not row.few


def test_the_widest_bounds_count_and_those_that_a_figure_leaves_do_not():
    def row_of(*bounds, worst=0.5):
        pieces = {
            str(k): [evidence_of({"g": [0.1, 0.3, worst]}, bounds={} if b is None else {"delay": b})]
            for k, b in enumerate(bounds)
        }
        return compute_standing(pieces, SHARE, seed=0).rows[0]

    assert row_of((0.0, 1.0), (0.0, 2.0)).high > row_of((0.0, 1.0)).high
    for bounds in ([(0.0, 1.0), None], [(0.0, 1.0), (0.0, None)]):
        assert row_of(*bounds).high is None, "unbounded, and three cases are too few"
    assert row_of((0.0, 1.0), worst=1.5).high is None


def test_bounds_follow_a_geometric_mean_to_its_scale():
    geometric = Ranking("delay", "higher", "geometric")
    bounds = {"delay": (1.0, 100.0)}
    (row,) = compute_standing(
        {"a": [evidence_of({"g": [99.0, 98.0, 30.0]}, bounds=bounds)]}, geometric, seed=0
    ).rows
    assert 1 < row.low < row.mean < row.high < 100 and row.mean == pytest.approx((99 * 98 * 30) ** (1 / 3))
    (row,) = compute_standing(
        {"a": [evidence_of({"g": [0.2, 0.4, 0.9]}, bounds={"delay": (0.0, 1.0)})]}, geometric, seed=0
    ).rows
    assert row.low is None and row.few, "a logarithm has no lower bound where the figure may be 0"


def test_aggregates_of_a_share_have_an_interval_within_its_bounds():
    values = [0.95, 1.0, 0.9, 1.0, 0.98, 0.6, 1.0]
    pooled = evidence_of(
        {"g": values}, egress=Egress("aggregate", 5, digits=17, reveal="every"), bounds={"delay": (0.0, 1.0)}
    )
    single = evidence_of({"g": values}, bounds={"delay": (0.0, 1.0)})
    rows = [compute_standing({"a": [piece]}, SHARE, seed=0).rows[0] for piece in (pooled, single)]
    assert rows[0].low == pytest.approx(rows[1].low) and rows[0].high == pytest.approx(rows[1].high)
    assert 0 < rows[0].low < rows[0].high < 1 and not rows[0].few


def test_a_standing_says_whole_what_it_is_of():
    pieces = {
        "one": [evidence_of({"a": [1.0, 3.0, 2.0], "b": [5.0, 5.0, 8.0]})],
        "two": [evidence_of({"a": [2.0, 4.0, 3.0], "b": [9.0, 7.0, 8.0]})],
        "late": [evidence_of({"a": [1.0]}, fault=FaultMark(Owner.SUBMISSION, "timed_out"))],
        "none": [],
    }
    standing = compute_standing(pieces, Ranking("delay", "lower", confidence=0.9), seed=3)
    named = (standing.challenge, standing.metric, standing.better, standing.confidence, standing.paired)
    assert named == ("toy", "delay", "lower", 0.9, True)
    assert [(one.name, one.reason) for one in standing.refused] == [
        ("late", "timed_out"),
        ("none", "missing"),
    ]
    first, second = standing.rows
    assert (first.name, first.mean, first.worst, first.worst_case, first.cases) == ("one", 4.0, 8.0, "b/2", 6)
    assert first.groups == {"a": 2.0, "b": 6.0} and second.groups == {"a": 3.0, "b": 8.0}
    assert first.submission_digest == pieces["one"][0].submission_digest
    assert (second.mean, second.worst, second.worst_case) == (5.5, 9.0, "b/0")


def test_a_standing_of_nobody_still_says_what_it_is_of():
    late = evidence_of({"a": [1.0]}, fault=FaultMark(Owner.SUBMISSION, "timed_out"))
    empty = compute_standing({"none": [], "late": [late]}, Ranking("delay", "higher", confidence=0.9), seed=0)
    assert msgspec.structs.astuple(empty)[:6] == ("toy", "delay", "higher", 0.9, True, ())
    assert [one.name for one in empty.refused] == ["none", "late"]
    assert compute_standing({}, LOWER, seed=0).challenge == ""


@pytest.mark.parametrize(("better", "order"), [("lower", ["b", "c", "a"]), ("higher", ["a", "c", "b"])])
def test_who_shares_a_rank_stands_by_its_mean_and_then_its_name(better, order):
    noise = np.random.default_rng(5).normal(0, 30, (3, 8))
    pieces = {
        name: [evidence_of({"g": list(100 + shift + row - row.mean())})]
        for name, shift, row in zip("abc", (2.0, 0.0, 1.0), noise, strict=True)
    }
    rows = compute_standing(pieces, Ranking("delay", better), seed=0).rows
    assert [row.name for row in rows] == order and {row.rank for row in rows} == {1}


def test_one_absurd_solution_leaves_the_others_as_they_were():
    rng = np.random.default_rng(5)
    honest = {
        name: [evidence_of({"a": list(10.0 + gap + rng.normal(0, 0.1, 30))})]
        for name, gap in (("first", 0.0), ("second", 1.0), ("third", 2.0))
    }
    alone = compute_standing(honest, Ranking("delay", "lower"), seed=1)
    assert [(row.name, row.rank) for row in alone.rows] == [("first", 1), ("second", 2), ("third", 3)]
    for size in (1e14, 1e60, 9e99):
        absurd = [evidence_of({"a": list(size * rng.uniform(0.5, 1.0, 30))})]
        together = compute_standing({**honest, "absurd": absurd}, Ranking("delay", "lower"), seed=1)
        *others, last = together.rows
        assert (last.name, last.rank) == ("absurd", 4)
        assert [(row.name, row.rank, row.mean, row.low, row.high) for row in others] == [
            (row.name, row.rank, row.mean, row.low, row.high) for row in alone.rows
        ]


def test_an_end_beyond_all_numbers_is_none():
    figures = {group: [1e-300, 9e99] for group in "abc"}
    (row,) = compute_standing(
        {"wide": [evidence_of(figures, metric="ratio")]}, Ranking("ratio", "lower", "geometric", 0.99), seed=1
    ).rows
    assert row.mean == pytest.approx(9.49e-101, rel=0.01, abs=0) and row.low is not None and row.high is None


def test_large_figures_are_averaged_like_small_ones():
    small = np.random.default_rng(7).lognormal(0, 1, 40)
    one, other = (
        compute_standing(
            {"x": [evidence_of({"a": list(small * size)})]}, Ranking("delay", "lower"), seed=1
        ).rows[0]
        for size in (1.0, 1e98)
    )
    assert (other.low / 1e98, other.high / 1e98) == pytest.approx((one.low, one.high))
