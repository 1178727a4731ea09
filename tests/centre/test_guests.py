"""A challenge by invitation: guests by name and by link, what others learn of it, and what stays when the door moves."""

from __future__ import annotations

from django.core import mail
from django.test import Client

from archives import archive_of
from lumbung.centre.challenges.models import Challenge, Guest, GuestLink
from lumbung.centre.members.models import Notice, Organisation, SearchEntry
from lumbung.centre.members.searching import keep_index
from small_league import NOW, join, organisation, person, team

TOY = "/challenges/toy"


def browser_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


def closed(league):
    keep_index(NOW)
    assert league.api["owner"]("PUT", f"{TOY}/guests", {"by_invitation": True}).status_code == 204
    return league


def seen(league, who):
    return league.api[who]("GET", TOY).status_code == 200


def test_the_door_keeps_in_who_handed_in_and_tells_nobody_else(league):
    league.submit("member")
    closed(league)
    assert seen(league, "member") and seen(league, "staff") and not seen(league, "stranger")
    assert league.api["visitor"]("GET", "/challenges").json() == []
    assert not SearchEntry.objects.filter(kind="challenge").exists(), "taken from the index at once"
    assert keep_index(NOW) == 0 and "toy" not in Client().get("/sitemap.xml").content.decode()
    assert league.submit("stranger").status_code == 404
    assert league.submit("member").status_code == 201
    again = browser_of(league.owner).post(f"{TOY}/guests/door", {"by_invitation": "no"}, follow=True)
    assert "Everybody sees the challenge now." in again.content.decode() and seen(league, "visitor")
    keep_index(NOW)
    assert SearchEntry.objects.filter(kind="challenge", key="toy").exists()


def test_guests_by_name_get_a_letter_once_and_go_without_their_work(league):
    closed(league)
    mail.outbox.clear()
    host = browser_of(league.owner)
    for _click in range(2):
        host.post(f"{TOY}/guests/let-in", {"kind": "team", "name": "Rice Rocket"})
    (letter,) = mail.outbox
    assert letter.to == ["member@example.org"] and "/challenges/toy/" in letter.body
    assert league.submit("member").status_code == 201
    university, colleague = organisation("rice-labs"), person("colleague@example.org")
    join(colleague, university, "member")
    assert host.post(f"{TOY}/guests/let-in", {"kind": "organisation", "name": "rice-labs"}).status_code == 302
    assert browser_of(colleague).get(f"{TOY}/").status_code == 200
    Organisation.objects.filter(pk=university.pk).update(approved=False)
    assert browser_of(colleague).get(f"{TOY}/").status_code == 404
    page = host.post(f"{TOY}/guests/let-in", {"kind": "team", "name": "nobody"}, follow=True).content.decode()
    assert "There is no team or organisation of this name." in page
    guest = Guest.objects.get(team=league.team)
    assert host.post(f"{TOY}/guests/{guest.pk}/send-away").status_code == 302
    assert host.post(f"{TOY}/guests/{guest.pk}/send-away").status_code == 404
    assert not seen(league, "member") and league.submit("member").status_code == 404
    assert len(league.api["member"]("GET", "/submissions").json()) == 1, "its own work stays its own"


def test_a_team_hands_in_once_all_its_members_are_invited(league):
    closed(league)
    university, colleague = organisation("rice-labs"), person("colleague@example.org")
    join(league.stranger, university, "member")
    team("mixed", league.stranger, colleague)
    league.api["owner"]("POST", f"{TOY}/guests", {"kind": "organisation", "name": "rice-labs"})
    refused = league.submit("stranger", team="mixed")
    assert refused.status_code == 400 and refused.json()["detail"].endswith("is invited: colleague.")
    league.api["owner"]("POST", f"{TOY}/guests", {"kind": "team", "name": "mixed"})
    assert league.submit("stranger", team="mixed").status_code == 201


def test_a_link_lets_in_as_many_teams_as_it_has_places(league):
    closed(league)
    made = browser_of(league.owner).post(f"{TOY}/guests/links", {"places": "1"}).content.decode()
    secret = made.partition("/come-in/")[2].partition("/")[0]
    assert secret and secret not in str(list(GuestLink.objects.values())), "kept as a digest alone"
    come_in = f"/come-in/{secret}/"
    assert "/accounts/login/" in Client().get(come_in)["Location"]
    stranger, latecomer = browser_of(league.stranger), person("late@example.org")
    late = browser_of(latecomer)
    assert "You are in no team yet" in late.get(come_in).content.decode()
    assert not seen(league, "stranger"), "looking at the link is not coming in"
    assert stranger.post(come_in, {"team": "rice-rocket"}).status_code == 404, "a team of somebody else"
    for _click in range(2):
        assert stranger.post(come_in, {"team": "others"})["Location"] == f"{TOY}/"
    assert seen(league, "stranger") and GuestLink.objects.get().taken == 1
    team("late", latecomer)
    assert (
        "All places of this link are taken"
        in late.post(come_in, {"team": "late"}, follow=True).content.decode()
    )
    assert late.get(f"{TOY}/").status_code == 404
    asked = {"secret": league.api["owner"]("POST", f"{TOY}/guests/links", {"places": 2}).json()["secret"]}
    assert league.api["member"]("POST", "/guests", {**asked, "team": "rice-rocket"}).status_code == 200
    link = GuestLink.objects.get(places=2)
    assert league.api["owner"]("DELETE", f"{TOY}/guests/links/{link.pk}").status_code == 204
    assert late.post(f"/come-in/{asked['secret']}/", {"team": "late"}).status_code == 404
    GuestLink.objects.update(expires=NOW)
    assert stranger.get(come_in).status_code == 404
    assert stranger.get("/come-in/nothing/").status_code == 404


def test_versions_mergers_and_the_host_themselves(league, tmp_path):
    closed(league)
    text = (tmp_path / "toy" / "challenge.toml").read_text().replace("version = 1", "version = 2", 1)
    files = {name: (tmp_path / "toy" / name).read_text() for name in ("inputs.csv", "truth.csv")}
    archive = archive_of({"challenge.toml": text, **files})
    posed = league.api["owner"].upload("/challenges", {"organisation": "kota-bandung", "archive": archive})
    assert posed.json()["by_invitation"] is True, "a new version keeps the door of the one before"
    league.api["owner"]("POST", f"{TOY}/2/state", {"state": "open"})
    assert not seen(league, "member")
    league.api["owner"]("POST", f"{TOY}/guests", {"kind": "team", "name": "others"})
    league.api["stranger"]("POST", "/teams/others/merge", {"into": "rice-rocket"})
    league.api["member"]("POST", "/teams/rice-rocket/mergers/others", {"agree": True})
    assert seen(league, "member"), "who joins brings its place along"
    assert Guest.objects.get().team == league.team
    assert set(Challenge.objects.values_list("by_invitation", flat=True)) == {True}


def test_who_was_sent_away_hears_nothing_of_it_any_more(league):
    closed(league)
    league.api["owner"]("POST", f"{TOY}/guests", {"kind": "team", "name": "Rice Rocket"})
    assert league.submit("member").status_code == 201
    browser_of(league.member).post(f"{TOY}/discussion/ask", {"text": "Which rows?"})
    question = Challenge.objects.get().posts.get()
    host = browser_of(league.owner)
    host.post(f"{TOY}/guests/{Guest.objects.get().pk}/send-away")
    Notice.objects.all().delete()
    mail.outbox.clear()
    host.post(f"{TOY}/discussion/announce", {"text": "For our guests alone."})
    host.post(f"/posts/{question.pk}/answer", {"text": "Those of the east."})
    assert not Notice.objects.filter(person=league.member).exists() and not mail.outbox
    league.api["owner"]("POST", f"{TOY}/guests", {"kind": "team", "name": "Rice Rocket"})
    host.post(f"{TOY}/discussion/announce", {"text": "Welcome back."})
    assert Notice.objects.filter(person=league.member, kind="announced").count() == 1
