"""A second node that finds other figures is shown to who must look, and settles nothing by itself."""

from __future__ import annotations

from django.test import Client

BOARD = "/challenges/toy/phases/practice/leaderboard"


def test_two_nodes_that_disagree_stand_on_the_desk_and_the_board_stays(league):
    first = league.node("node-a")
    league.submit()
    job = first.lease()
    assert first.deliver(job, first.evidence(job, {"all": [1.0, 2.0]})).status_code == 200
    board = league.api["visitor"]("GET", BOARD).json()["rows"]
    second, staff = league.node("node-b"), Client()
    staff.force_login(league.staff)
    for figures, differs in (([1.0, 2.0], False), ([9.0, 9.0], True)):
        asked = league.api["owner"]("POST", f"/runs/{job.run}/rejudge", {"node": "node-b"})
        assert asked.status_code == 201
        again = second.lease()
        assert second.deliver(again, second.evidence(again, {"all": figures})).status_code == 200
        assert ("Two nodes disagree" in staff.get("/desk/").content.decode()) == differs
        owner = Client()
        owner.force_login(league.owner)
        assert ("the figures differ" in owner.get(f"/runs/{job.run}/").content.decode()) == differs
    assert league.api["visitor"]("GET", BOARD).json()["rows"] == board
