"""The spine tells the truth: whatever is judged ends with the right reason, and whatever is signed verifies.

Every shipped challenge × every submission of known verdict, and every fault of the shelf ``tests/failing``, go through
a real centre and real nodes as processes of their own.
"""

from __future__ import annotations

import platform

import pytest

from spine import Spine, good_piece, judge_pieces, loading_pieces, posts, program_pieces, shipped_pieces

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spine")]
SHIPPED, LOADING, JUDGES = shipped_pieces(), loading_pieces(), judge_pieces()


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """Play everything once, at all nodes at the same time."""
    faults = [piece for bad in (*JUDGES, *LOADING) for piece in (bad, good_piece())]
    programs = program_pieces(tmp_path_factory.mktemp("programs"))
    with Spine(tmp_path_factory.mktemp("spine"), posts(SHIPPED, JUDGES)) as spine:
        ends = spine.play([*SHIPPED, *programs, *faults])
        yield spine, ends


def _end(played, piece):
    return next(end for end in played[1] if end.piece == piece)


@pytest.mark.parametrize("piece", SHIPPED, ids=str)
def test_a_shipped_challenge_gives_every_verdict_through_centre_and_node(played, piece):
    assert _end(played, piece).wrong() == []


@pytest.mark.parametrize("piece", LOADING, ids=str)
def test_a_submission_that_fails_while_it_loads_hears_so(played, piece):
    assert _end(played, piece).wrong() == []


def test_programs_in_other_languages_are_scored_alike_and_their_faults_named(played):
    programs = [end for end in played[1] if "programs" in str(end.piece.path)]
    assert [(str(end.piece), end.wrong()) for end in programs if end.wrong()] == []
    assert len([end for end in programs if end.state == "scored"]) >= 2
    alike = {end.figures for end in programs if end.piece.challenge == "traffic-counts"}
    assert len(alike) == 1, alike
    assert {end.machine for end in programs if end.signed} == {platform.machine()}


@pytest.mark.parametrize("piece", JUDGES, ids=str)
def test_what_is_broken_in_a_judge_is_named_to_the_challenge_s_owner(played, piece):
    assert _end(played, piece).wrong() == []


def test_whoever_waits_behind_a_fault_is_scored_and_no_node_dies(played):
    spine, ends = played
    behind = [end for end in ends if end.piece.name == "behind"]
    assert len(behind) == len(JUDGES) + len(LOADING)
    assert [end.wrong() for end in behind if end.wrong()] == []
    assert spine.deaths == dict.fromkeys(spine.nodes, 0)
    assert len(spine.nodes) == 4


def test_no_node_shows_a_traceback(played):
    spine, _ends = played
    for name in spine.nodes:
        assert "Traceback" not in spine.said(name), spine.said(name)[-4000:]


def test_the_shelf_is_as_long_as_promised():
    assert len(JUDGES) + len(LOADING) >= 25
    assert len({piece.path for piece in LOADING}) == len(LOADING)
