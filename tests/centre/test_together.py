"""The owner's policy on accounts that are counted together: by organisation or by domain, today and in all."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress

from lumbung.centre.challenges.models import Phase
from lumbung.centre.members.models import Membership, Team
from lumbung.centre.members.services import make_token
from lumbung.centre.runs.models import CountedWith
from lumbung.centre.runs.together import registered_domain
from small_league import NOW, Api, join, organisation, person, team


def policy(league, by, daily=2, teams=None, phase="practice"):
    change = {"together": by, "together_daily": daily, "together_teams": teams}
    return league.api["owner"]("PATCH", "/challenges/toy/1", {"phases": {phase: change}})


def newcomer(league, name, home=None, address=""):
    """One more account with a team of its own; returns the team's short name."""
    user = person(address or f"{name}@example.org")
    if home is not None:
        join(user, home, "member")
    if address:
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    team(name, user)
    league.api[name] = Api(make_token(user, name="t", scopes=["read", "submit"], now=NOW)[1])
    return name


def hand_in(league, name, phase="practice"):
    answer = league.submit(name, phase, team=name)
    return answer.status_code if answer.status_code == 201 else answer.json()["detail"]


def test_everybody_of_an_organisation_shares_its_submissions_of_the_day(league):
    assert policy(league, "organisation").status_code == 200
    padi, kopi = organisation("padi"), organisation("kopi")
    accounts = [newcomer(league, f"padi-{number}", padi) for number in range(3)]
    answers = [hand_in(league, name) for name in accounts]
    assert answers[:2] == [201, 201]
    assert answers[2].startswith("Padi has used its 2 submissions of today")
    assert hand_in(league, newcomer(league, "kopi-0", kopi)) == 201
    Membership.objects.filter(user__email="padi-0@example.org").delete()
    assert "Padi has used" in hand_in(league, "padi-2"), "who leaves gives nothing back"


def test_who_has_no_organisation_or_one_that_is_not_approved_cannot_take_part(league):
    policy(league, "organisation")
    waiting = organisation("waiting")
    waiting.approved = False
    waiting.save()
    for name, home in (("alone", None), ("waits", waiting)):
        assert "an organisation vouches" in hand_in(league, newcomer(league, name, home))
    mixed = newcomer(league, "mixed", organisation("padi"))
    Team.objects.get(slug=mixed).members.add(league.stranger)
    assert "Each member of your team" in hand_in(league, mixed)


def test_a_team_of_two_organisations_counts_for_both(league):
    policy(league, "organisation", daily=1)
    padi, kopi = organisation("padi"), organisation("kopi")
    both = newcomer(league, "both", padi)
    Team.objects.get(slug=both).organisations.add(kopi)
    assert hand_in(league, both) == 201
    assert "Kopi has used its 1" in hand_in(league, newcomer(league, "kopi-0", kopi))


def test_a_domain_is_counted_as_it_is_registered(league):
    policy(league, "domain")
    addresses = ["a@ui.ac.id", "b@cs.ui.ac.id", "c@student.ui.ac.id", "d@itb.ac.id"]
    accounts = [newcomer(league, f"n-{i}", address=each) for i, each in enumerate(addresses)]
    answers = [hand_in(league, name) for name in accounts]
    assert (
        answers[:2] == [201, 201] and answers[2].startswith("ui.ac.id has used its 2") and answers[3] == 201
    )
    assert "public mail services do not count" in hand_in(
        league, newcomer(league, "g", address="x@gmail.com")
    )
    assert "verified" in hand_in(league, newcomer(league, "unverified"))


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@Student.UI.ac.id", "ui.ac.id"), ("a@qq.com", ""), ("a@vip.qq.com", ""), ("a@yahoo.co.id", ""),
        ("a@tsinghua.edu.cn", "tsinghua.edu.cn"), ("a@ac.id", ""), ("a@host", ""), ("a@a.b.sg.", "b.sg"), ("", ""),
    ],
)  # fmt: skip
def test_the_domain_of_an_address(address, domain):
    assert registered_domain(address) == domain


def test_on_private_cases_so_many_teams_of_one_body_take_part(league):
    league.node("node-a")
    assert policy(league, "organisation", daily=9, teams=1, phase="final").status_code == 200
    padi = organisation("padi")
    first, second = newcomer(league, "padi-0", padi), newcomer(league, "padi-1", padi)
    assert hand_in(league, first, "final") == 201 and hand_in(league, first, "final") == 201
    assert "As many teams of Padi as the owner allows" in hand_in(league, second, "final")


def test_nodes_book_what_is_told_to_the_same_bodies(league):
    node = league.node("node-a")
    policy(league, "domain", daily=9, phase="final")
    for number in range(2):
        assert hand_in(league, newcomer(league, f"n-{number}", address=f"{number}@ui.ac.id"), "final") == 201
    first, second = node.lease(), node.lease()
    assert first.person != second.person and first.team != second.team
    assert first.organisations == second.organisations != ()
    node.tell_ledger([["organisation", first.organisations[0], 1, 1, 300.0]])
    shares = league.api["n-1"]("GET", "/challenges/toy/phases/final/share?team=n-1").json()
    assert [(each["name"], each["percent_left"]) for each in shares if each["scope"] == "organisation"] == [
        ("ui.ac.id", 0)
    ]
    (told,) = league.api["owner"]("GET", "/challenges/toy/1/told").json()
    assert told["accounts"][0]["who"] == "ui.ac.id"


def test_a_phase_counts_nobody_together_by_default_and_keeps_nothing(league):
    assert league.submit().status_code == 201 and not CountedWith.objects.exists()
    assert Phase.objects.get(slug="practice").together == ""


def test_a_policy_is_written_in_the_challenge_and_checked_where_it_is_changed(league):
    import msgspec

    from lumbung.proving.challenge import Phase as Record
    from lumbung.proving.challenge import Together

    text = b'{"id": "a", "title": {"en": "a", "id": "a", "zh": "a"}, "together": {"by": "domain", "daily_limit": 5}}'
    assert msgspec.json.decode(text, type=Record).together == Together("domain", 5)
    nothing = league.api["owner"](
        "PATCH", "/challenges/toy/1", {"phases": {"practice": {"together": "domain"}}}
    )
    assert nothing.status_code == 400 and "how many submissions a day" in nothing.json()["detail"]
    assert (
        policy(league, "family").status_code == 422 and policy(league, "domain", daily=0).status_code == 422
    )
