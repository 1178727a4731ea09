"""Every address of the centre, who may ask for it, and a league in which each of them leads somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from cooperation_stage import furnish
from lumbung.centre.challenges.discussion import ask, report
from lumbung.centre.challenges.guests import let_in, make_link
from lumbung.centre.challenges.models import Challenge
from lumbung.centre.members.models import Membership, Notice, Organisation, User
from lumbung.centre.members.services import invite
from lumbung.centre.runs.weights import begin
from lumbung.centre.standings.models import Adoption
from making_evidence import evidence_of
from sitting_people import talent_of
from small_league import NOW, League, archive_of, join, person

WHO = ("visitor", "member", "stranger", "admin", "owner", "operator", "staff", "auditor")

LOGIN = "302 to sign in"
OPEN = {}  # everybody gets 200
SIGNED_IN = {"visitor": LOGIN}
NOBODY_KNOWS = dict.fromkeys(WHO, 404)


def only(*allowed: str, others: int = 403, ok: int = 200, visitor: Any = LOGIN) -> dict[str, Any]:
    """*allowed* get *ok*, everybody else *others*."""
    return {who: ok if who in allowed else others for who in WHO} | {"visitor": visitor}


# (method, address) -> what differs from 200. {…} are filled in from the league; "final" objects are under embargo.
PAGES: dict[tuple[str, str], dict[str, Any]] = {
    ("GET", "/"): OPEN,
    ("GET", "/map/land.svg"): OPEN,
    ("GET", "/map/land.geojson"): OPEN,
    ("POST", "/language"): dict.fromkeys(WHO, 302),
    ("GET", "/results/indicators/"): OPEN,
    ("GET", "/results/indicators.csv"): OPEN,
    ("GET", "/results/report/"): OPEN,
    ("GET", "/results/"): OPEN,
    ("GET", "/search/?q=signal"): OPEN,
    ("GET", "/help/"): OPEN,
    ("GET", "/help/team/"): OPEN,
    ("GET", "/challenges/"): OPEN,
    ("GET", "/challenges/toy/"): OPEN,
    ("GET", "/challenges/toy/?version=2"): only("owner", "staff", "auditor", "admin", others=404, visitor=404),
    ("GET", "/challenges/toy/phases/practice/"): OPEN,
    ("GET", "/challenges/toy/phases/final/"): OPEN,
    ("GET", "/challenges/toy/1/picture.svg"): OPEN,
    ("GET", "/challenges/toy/discussion/"): OPEN,
    ("POST", "/challenges/toy/discussion/ask"): dict.fromkeys(WHO, 302) | {"visitor": LOGIN},
    ("POST", "/challenges/toy/discussion/announce"): only("owner", "admin", "staff", ok=302),
    ("POST", "/posts/{post}/answer"): dict.fromkeys(WHO, 302) | {"visitor": LOGIN},
    ("POST", "/posts/{post}/report"): dict.fromkeys(WHO, 302) | {"visitor": LOGIN},
    ("POST", "/posts/{post}/hide"): only("member", "owner", "admin", "staff", ok=302),
    ("POST", "/posts/{post}/let-stand"): only("staff", ok=302),
    ("GET", "/challenges/toy/guests/"): only("owner", "admin", "staff"),
    ("POST", "/challenges/toy/guests/door"): only("owner", "admin", "staff", ok=302),
    ("POST", "/challenges/toy/guests/let-in"): only("owner", "admin", "staff", ok=302),
    ("POST", "/challenges/toy/guests/{guest}/send-away"): only("owner", "admin", "staff", ok=302),
    ("POST", "/challenges/toy/guests/links"): only("owner", "admin", "staff"),
    ("POST", "/challenges/toy/guests/links/{link}/end"): only("owner", "admin", "staff", ok=302),
    ("GET", "/come-in/{secret}/"): SIGNED_IN,
    ("GET", "/challenges/toy/submit/"): SIGNED_IN,
    ("POST", "/challenges/toy/1/state"): only("owner", "admin", "staff", ok=302),
    ("GET", "/challenges/toy/1/nodes/"): only("owner", "admin", "staff"),
    ("POST", "/challenges/toy/1/nodes/node-a"): only("owner", "admin", ok=302),
    ("GET", "/challenges/toy/1/edit/"): only("owner", "admin", "staff"),
    ("GET", "/challenges/toy/1/statistics/"): only("owner", "admin", "staff"),
    ("POST", "/challenges/toy/1/fallen"): only("owner", "admin", "staff", ok=302),
    ("GET", "/challenges/toy/1/runs/"): only("owner", "admin", "staff", "auditor"),
    ("GET", "/pose/"): only("owner", "admin"),
    ("GET", "/pose/table/"): only("owner", "admin"),
    ("GET", "/submissions/"): SIGNED_IN,
    ("GET", "/submissions/{submission}/"): only("member", "staff", "auditor", others=404),
    ("GET", "/submissions/{submission}/life"): only("member", "staff", "auditor", others=404),
    ("GET", "/badges/standings/{ranked}/"): only("member", others=404),
    ("POST", "/submissions/{submission}/withdraw"): only("member", "staff", others=404, ok=302) | {"auditor": 403},
    ("GET", "/runs/{run}/"): only("member", "owner", "admin", "staff", "auditor", others=404),
    ("GET", "/runs/{run}/life"): only("member", "owner", "admin", "staff", "auditor", others=404),
    ("POST", "/runs/{run}/rejudge"): only("owner", "admin", "staff", others=404, ok=302)
    | {"member": 403, "auditor": 403},
    # A scored run cannot be asked for again; what comes of one that failed: tests/federation/test_refused.py.
    ("POST", "/runs/{run}/again"): only("owner", "admin", "staff", others=404, ok=302)
    | {"member": 403, "auditor": 403},
    ("GET", "/runs/{run}/evidence/"): OPEN,
    ("GET", "/runs/{final_run}/evidence/"): NOBODY_KNOWS,
    ("GET", "/runs/{run}/evidence/check"): OPEN,
    ("GET", "/passports/{ranked}/"): OPEN,
    ("GET", "/passports/{ranked}.json"): OPEN,
    ("GET", "/runs/{final_run}/evidence/check"): NOBODY_KNOWS,
    ("GET", "/runs/{run}/pictures/1.svg"): NOBODY_KNOWS,
    ("GET", "/runs/{run}/adopt/"): only("owner", "admin"),
    ("GET", "/runs/{final_run}/adopt/"): NOBODY_KNOWS | {"visitor": LOGIN},
    ("GET", "/adoptions/"): SIGNED_IN,
    ("POST", "/adoptions/{adoption}/answer"): dict.fromkeys(WHO, 404) | {"visitor": LOGIN, "member": 302},
    ("GET", "/organisations/"): OPEN,
    ("GET", "/register/"): SIGNED_IN,
    ("GET", "/organisations/kota-bandung/"): OPEN,
    ("GET", "/organisations/waiting/"): only("staff", "auditor", others=404, visitor=404),
    ("POST", "/organisations/kota-bandung/join"): dict.fromkeys(WHO, 302),
    ("POST", "/organisations/kota-bandung/approve"): only("staff", ok=302),
    ("POST", "/organisations/waiting/words"): only("staff", ok=302, others=404) | {"visitor": LOGIN, "auditor": 403},
    ("POST", "/organisations/kota-bandung/members/{asked}/accept"): only("admin", "staff", ok=302),
    ("POST", "/organisations/kota-bandung/members/{asked}/remove"): only("admin", "staff", ok=302),
    ("POST", "/organisations/kota-bandung/roles"): only("admin", "staff", ok=302),
    ("POST", "/organisations/kota-bandung/enrol-node"): only("admin", "operator"),
    ("GET", "/teams/"): SIGNED_IN,
    ("POST", "/teams/rice-rocket/invite"): only("member", others=404, ok=302),
    ("POST", "/teams/rice-rocket/captain"): only("member", others=404, ok=302),
    ("POST", "/teams/rice-rocket/leave"): only("member", others=404, ok=302),
    ("POST", "/teams/rice-rocket/merge"): only("member", others=404, ok=302),
    ("GET", "/teams/rice-rocket/weights/"): only("member", others=404),
    # Nothing is kept here; what comes of it otherwise: tests/centre/test_weights_pages.py.
    ("POST", "/teams/rice-rocket/weights/remove"): dict.fromkeys(WHO, 404) | {"visitor": LOGIN},
    # Nobody asked here; what comes of it otherwise: tests/centre/test_merging.py.
    ("POST", "/teams/rice-rocket/mergers/others"): dict.fromkeys(WHO, 404) | {"visitor": LOGIN},
    ("GET", "/invitations/{invitation}/"): only("stranger", others=404),
    ("GET", "/nodes/"): OPEN,
    ("GET", "/nodes/node-a.pub"): OPEN,
    ("GET", "/nodes/node-a/keys/"): OPEN,
    ("POST", "/nodes/node-a/revoke"): only("admin", "operator", "staff", ok=302),
    ("POST", "/nodes/node-a/retire"): only("admin", "operator", "staff", ok=302),
    ("GET", "/desk/"): only("staff"),
    ("GET", "/desk/people/?q=o"): only("staff"),
    # Staff are not suspended: refused on the page. What comes of it otherwise: tests/centre/test_suspending.py.
    ("POST", "/desk/people/{staff_person}/suspend"): only("staff", ok=302),
    ("POST", "/desk/teams/rice-rocket/suspend"): only("staff", ok=302),
    ("POST", "/desk/suspensions/999999/lift"): only(others=403) | {"staff": 404},
    ("GET", "/desk/mail/"): only("staff"),
    ("GET", "/log/"): OPEN,
    ("GET", "/log/head"): OPEN,
    ("GET", "/log/centre.pub"): OPEN,
    ("GET", "/audit/"): only("staff", "auditor"),
    ("GET", "/audit/export"): only("staff", "auditor"),
    ("GET", "/notices/"): SIGNED_IN,
    ("GET", "/notices/{notice}/"): only("member", others=404, ok=302),
    ("POST", "/notices/read"): dict.fromkeys(WHO, 302) | {"visitor": LOGIN},
    ("GET", "/account/"): SIGNED_IN,
    ("GET", "/account/data"): SIGNED_IN,
    ("GET", "/account/delete/"): SIGNED_IN,
    ("GET", "/privacy/"): OPEN,
    ("GET", "/robots.txt"): OPEN,
    ("GET", "/sitemap.xml"): OPEN,
    ("POST", "/account/tokens"): dict.fromkeys(WHO, 400) | {"visitor": LOGIN},
    ("POST", "/account/tokens/{token}/revoke"): dict.fromkeys(WHO, 404) | {"visitor": LOGIN, "member": 302},
    ("GET", "/talent/"): OPEN,
    ("POST", "/talent/test/start"): dict.fromkeys(WHO, 302) | {"visitor": LOGIN},
    ("GET", "/talent/test/"): only("admin", others=302),
    ("POST", "/talent/test/end"): only("admin", others=404, ok=302),
    ("GET", "/talent/results/{sitting}/"): only("member", others=404),
    ("GET", "/talent/results/{sitting}/badge/"): only("member", others=404),
    ("GET", "/talent/programmes/"): OPEN,
    ("GET", "/talent/programmes/new/"): only("admin"),
    ("POST", "/talent/programmes/join"): dict.fromkeys(WHO, 302) | {"visitor": LOGIN},
    ("POST", "/talent/programmes/leave/{participant}"): only("member", others=404, ok=302),
    ("GET", "/talent/programmes/rice-school/"): OPEN,
    ("POST", "/talent/programmes/rice-school/cohorts"): only("admin", ok=302),
    ("GET", "/talent/nation/"): OPEN,
    ("GET", "/talent/road/"): OPEN,
    ("GET", "/talent/road/plan/"): OPEN,
    ("GET", "/talent/proctor/"): only("admin"),
    ("POST", "/talent/proctor/seats/999999"): only(others=404),
    ("GET", "/talent/watch/"): only("staff"),
    ("GET", "/talent/watch/answers.csv"): only("staff"),
    ("GET", "/achievements/ai-capability/1/practitioner/id"): OPEN,
    ("GET", "/achievements/ai-capability/1/practitioner/id/picture.svg"): OPEN,
    ("GET", "/badges/"): SIGNED_IN,
    ("GET", "/badges/verify/"): OPEN,
    ("GET", "/badges/{badge}/"): only("member", "staff", others=404, visitor=404),
    ("GET", "/badges/{open_badge}/"): OPEN,
    ("GET", "/badges/{badge}.json"): only("member", "staff", others=404, visitor=404),
    ("GET", "/badges/{badge}.pdf"): only("member", "staff", others=404, visitor=404),
    ("GET", "/badges/{badge}.svg"): only("member", "staff", others=404, visitor=404),
    ("GET", "/badges/{badge}/qr.svg"): only("member", "staff", others=404, visitor=404),
    ("POST", "/badges/{badge}/share"): only("member", others=404, ok=302),
    ("POST", "/badges/{badge}/revoke"): only("member", "staff", others=404, ok=302),
    ("POST", "/badges/{open_badge}/revoke"): only("stranger", "staff", ok=302),
    ("GET", "/status/1"): OPEN,
    ("GET", "/status/2"): NOBODY_KNOWS,
    ("GET", "/.well-known/did.json"): OPEN,
    ("GET", "/suspended/"): OPEN,
    # Only whom a letter was sent to: tests/centre/test_suspending.py.
    ("GET", "/suspended/nothing/"): NOBODY_KNOWS,
    ("GET", "/suspended/nothing/data"): NOBODY_KNOWS,
    ("POST", "/suspended/nothing/delete"): NOBODY_KNOWS,
    ("GET", "/metrics"): OPEN,
    ("GET", "/healthz"): OPEN,
}  # fmt: skip
BODY: dict[str, dict[str, str]] = {
    "/challenges/toy/1/state": {"state": "open"},
    "/desk/people/{staff_person}/suspend": {"why": "Sold_accounts."},
    "/desk/teams/rice-rocket/suspend": {"why": "Sold_accounts."},
    "/runs/{run}/rejudge": {"node": "node-b"},
    "/adoptions/{adoption}/answer": {"answer": "agree"},
    "/challenges/toy/guests/door": {"by_invitation": "yes"},
    "/challenges/toy/guests/let-in": {"kind": "team", "name": "others"},
    "/challenges/toy/guests/links": {"places": "2"},
    "/challenges/toy/discussion/ask": {"text": "Which_day?"},
    "/challenges/toy/discussion/announce": {"text": "Tomorrow."},
    "/posts/{post}/answer": {"text": "Monday."},
    "/organisations/waiting/words": {"kind": "question", "text": "Who are you?"},
    "/organisations/kota-bandung/roles": {"member": "{operator_role}", "role": "challenge_owner"},
    "/teams/rice-rocket/invite": {"email": "new@example.org"},
    "/talent/test/start": {"language": "en"},
    "/talent/programmes/join": {"code": "{cohort}"},
    "/talent/programmes/rice-school/cohorts": {"name": "second"},
    "/badges/{badge}/share": {"shared": "yes"},
    "/badges/{badge}/revoke": {"reason": "mistake"},
    "/badges/{open_badge}/revoke": {"reason": "mistake"},
}
# Cooperation: needs and offers, the matching desk, support, facilities, projects, seasons.
PAGES |= {
    ("GET", "/cooperation/"): OPEN,
    ("GET", "/cooperation/needs/kota-bandung/new/"): only("admin", "staff"),
    ("GET", "/cooperation/offers/kota-bandung/new/"): only("admin", "staff"),
    ("POST", "/cooperation/needs/{need}/close"): only("admin", "staff", ok=302),
    ("POST", "/cooperation/offers/{offer}/close"): only("staff", ok=302),
    ("POST", "/cooperation/conflicts/kota-bandung"): only("admin", "staff", ok=302),
    ("GET", "/cooperation/matching/"): only("staff"),
    ("GET", "/cooperation/matching/fairness/"): only("staff"),
    ("GET", "/cooperation/matching/needs/{need}/"): only("staff"),
    ("POST", "/cooperation/matching/needs/{need}/introduce"): only("staff", ok=302),
    ("GET", "/cooperation/projects/"): OPEN,
    ("GET", "/cooperation/projects/{project}/"): OPEN,
    ("GET", "/cooperation/projects/{introduction}/"): only("admin", "owner", "operator", "staff", "auditor", others=404, visitor=404),
    ("POST", "/cooperation/projects/{project}/stage"): only("staff", ok=302),
    ("POST", "/cooperation/projects/{introduction}/stage"): only("staff", ok=302, others=404)
    | {"admin": 403, "owner": 403, "operator": 403, "auditor": 403},
    ("POST", "/cooperation/projects/{project}/notes"): only("staff", ok=302),
    ("POST", "/cooperation/projects/{project}/milestones"): only("admin", "staff", ok=302),
    ("POST", "/cooperation/projects/{project}/milestones/m1/done"): only("admin", "staff", ok=302),
    ("POST", "/cooperation/projects/{project}/publications"): only("admin", "staff", ok=302),
    ("POST", "/cooperation/projects/{project}/adoptions"): only("admin", "staff", ok=404),
    ("POST", "/cooperation/projects/{project}/challenge"): only("staff", ok=302),
    ("POST", "/cooperation/projects/{project}/incentives"): only("staff", ok=302),
    ("GET", "/cooperation/support/"): OPEN,
    ("GET", "/cooperation/support/?place=ID&on=2025-06-01&show=1"): OPEN,
    ("GET", "/cooperation/support/answer.txt?place=ID&on=2025-06-01"): OPEN,
    ("GET", "/cooperation/support/egress/"): OPEN,
    ("GET", "/cooperation/support/egress/?data_home=ID&show=1"): OPEN,
    ("GET", "/cooperation/facilities/"): OPEN,
    ("GET", "/cooperation/facilities/new/"): only("staff"),
    ("GET", "/cooperation/facilities/bench/"): OPEN,
    ("POST", "/cooperation/facilities/bench/book"): only("admin", "owner", "operator", ok=302),
    ("POST", "/cooperation/facilities/bench/closures"): only("admin", "staff", ok=302),
    ("GET", "/cooperation/facilities/bench/line/"): SIGNED_IN,
    ("POST", "/cooperation/bookings/{booking}/cancel"): only("admin", "owner", "operator", "staff", ok=302, others=404),
    ("GET", "/cooperation/grants/"): SIGNED_IN,
    ("POST", "/cooperation/grants/award"): only("staff", ok=302),
    ("POST", "/cooperation/grants/{grant}/report"): only("admin", "staff", ok=302),
    ("POST", "/cooperation/grants/{grant}/accept"): only("staff", ok=302),
    ("GET", "/cooperation/support/coverage/"): OPEN,
    ("GET", "/cooperation/agreements/"): OPEN,
    ("GET", "/cooperation/agreements/new/"): only("staff"),
    ("GET", "/cooperation/agreements/memorandum/"): OPEN,
    ("POST", "/cooperation/agreements/memorandum/milestones"): only("staff", ok=302),
    ("POST", "/cooperation/agreements/memorandum/milestones/{promise}/done"): only("staff", ok=302),
    ("GET", "/cooperation/seasons/"): OPEN,
    ("GET", "/cooperation/seasons/new/"): only("staff"),
    ("GET", "/cooperation/seasons/first/"): OPEN,
    ("POST", "/cooperation/seasons/first/tracks"): only("staff", ok=302),
    ("POST", "/cooperation/seasons/first/enter"): only("member", ok=302, others=404),
    ("POST", "/cooperation/seasons/first/leave"): only("member", ok=302, others=404),
}  # fmt: skip
BODY |= {
    "/cooperation/conflicts/kota-bandung": {"other": "rice-labs"},
    "/cooperation/matching/needs/{need}/introduce": {"offer": "{other_offer}", "step": "introduce"},
    "/cooperation/projects/{project}/stage": {"stage": "running"},
    "/cooperation/projects/{introduction}/stage": {"stage": "agreed"},
    "/cooperation/projects/{project}/notes": {"note": "called"},
    "/cooperation/projects/{project}/milestones": {"title": "Pilot", "due": "2099-01-01"},
    "/cooperation/projects/{project}/publications": {
        "title": "Paper", "address": "https://example.org/p", "on": "2026-01-02",
    },
    "/cooperation/projects/{project}/adoptions": {"adoption": "{adoption}"},
    "/cooperation/projects/{project}/challenge": {"challenge": "toy"},
    "/cooperation/projects/{project}/incentives": {"rule": "{rule}"},
    "/cooperation/facilities/bench/book": {
        "token": "tttttttttttt", "organisation": "kota-bandung", "day": "2099-01-05", "start": "10:00", "hours": "1",
        "units": "1",
    },
    "/cooperation/facilities/bench/closures": {"first": "2099-02-01", "last": "2099-02-02"},
    "/cooperation/grants/award": {
        "organisation": "kota-bandung", "resource": "gpu", "hours": "5", "expires": "2099-01-01",
    },
    "/cooperation/grants/{grant}/report": {"report": "done"},
    "/cooperation/agreements/memorandum/milestones": {
        "title_en": "Office", "title_id": "Kantor", "title_zh": "办公室", "due": "2099-01-01",
    },
    "/cooperation/seasons/first/tracks": {
        "title_en": "More", "title_id": "Lagi", "title_zh": "更多", "challenges": "toy",
    },
    "/cooperation/seasons/first/enter": {"team": "rice-rocket"},
    "/cooperation/seasons/first/leave": {"team": "rice-rocket"},
}  # fmt: skip

WEIGHTS = "sha256:" + 64 * "5"
API: dict[tuple[str, str], dict[str, Any]] = {
    ("GET", "/me"): {"visitor": 401},
    ("GET", "/organisations"): OPEN,
    ("GET", "/cooperation/needs"): OPEN,
    ("GET", "/cooperation/offers?q=signal"): OPEN,
    ("GET", "/search?q=signal"): OPEN,
    ("GET", "/teams"): {"visitor": 401},
    ("GET", "/notices"): {"visitor": 401},
    ("POST", "/notices/read"): dict.fromkeys(WHO, 204) | {"visitor": 401},
    ("GET", "/challenges"): OPEN,
    ("GET", "/challenges/toy"): OPEN,
    ("GET", "/challenges/toy?version=2"): only(
        "owner", "staff", "auditor", "admin", others=404, visitor=404
    ),
    ("GET", "/challenges/toy/archive"): OPEN,
    ("GET", "/challenges/toy/croissant"): OPEN,
    ("GET", "/challenges/toy/phases/practice/leaderboard"): OPEN,
    ("GET", "/submissions"): {"visitor": 401},
    ("GET", "/submissions/{submission}"): only("member", "staff", "auditor", others=404, visitor=401),
    ("GET", "/runs"): {"visitor": 401},
    ("GET", "/runs/{run}"): only("member", "owner", "admin", "staff", "auditor", others=404, visitor=401),
    ("GET", "/runs/{run}/log"): only("member", others=404, visitor=401),
    ("GET", "/runs/{run}/evidence"): OPEN,
    ("GET", "/runs/{final_run}/evidence"): NOBODY_KNOWS,
    ("GET", "/runs/{run}/inclusion"): OPEN,
    ("GET", "/runs/{final_run}/inclusion"): NOBODY_KNOWS,
    ("GET", "/nodes"): OPEN,
    ("GET", "/keys"): OPEN,
    ("POST", "/nodes/node-a/revoke"): only("admin", "operator", "staff", visitor=401),
    # None has fallen here; what comes of it otherwise: tests/centre/test_keys.py.
    ("POST", "/challenges/toy/1/fallen"): only("owner", "admin", "staff", ok=400, visitor=401),
    ("GET", "/openapi.json"): OPEN,
    ("GET", "/test/next"): only("admin", others=404, visitor=401),
    ("GET", "/test/result"): only("member", "stranger", others=404, visitor=401),
    ("POST", "/submissions/{submission}/withdraw"): only("member", "staff", others=404, visitor=401)
    | {"auditor": 403},
    ("POST", "/runs/{run}/rejudge"): only("owner", "admin", "staff", others=404, ok=201, visitor=401)
    | {"member": 403, "auditor": 403},
    ("POST", "/runs/{run}/again"): only("owner", "admin", "staff", others=404, ok=400, visitor=401)
    | {"member": 403, "auditor": 403},
    ("POST", "/organisations/kota-bandung/enrol-node"): only("admin", "operator", ok=201, visitor=401),
    ("POST", "/teams/rice-rocket/invitations"): only("member", others=404, ok=201, visitor=401),
    # The one person of a team leads it: refused with a reason. What comes of it otherwise: tests/centre/test_teams.py.
    ("POST", "/teams/rice-rocket/leave"): only("member", others=404, ok=400, visitor=401),
    ("POST", "/teams/rice-rocket/captain"): only("member", others=404, ok=400, visitor=401),
    ("POST", "/teams/rice-rocket/merge"): only("member", others=404, ok=201, visitor=401),
    ("POST", "/teams/rice-rocket/mergers/others"): dict.fromkeys(WHO, 404) | {"visitor": 401},
    ("POST", "/adoptions/{adoption}/answer"): only("member", others=404, visitor=401),
    ("POST", "/challenges/toy/1/state"): only("owner", "admin", "staff", visitor=401),
    ("GET", "/challenges/toy/1/nodes"): OPEN,
    ("POST", "/challenges/toy/1/nodes"): only("owner", "admin", ok=400, visitor=401),
    ("DELETE", "/challenges/toy/1/nodes/node-a"): only("owner", "admin", ok=400, visitor=401),
    ("GET", "/challenges/toy/guests"): only("owner", "admin", "staff", visitor=401),
    ("PUT", "/challenges/toy/guests"): only("owner", "admin", "staff", ok=204, visitor=401),
    ("POST", "/challenges/toy/guests"): only("owner", "admin", "staff", ok=201, visitor=401),
    ("DELETE", "/challenges/toy/guests/{guest}"): only("owner", "admin", "staff", ok=204, visitor=401),
    ("POST", "/challenges/toy/guests/links"): only("owner", "admin", "staff", ok=201, visitor=401),
    ("DELETE", "/challenges/toy/guests/links/{link}"): only("owner", "admin", "staff", ok=204, visitor=401),
    ("PATCH", "/challenges/toy/1"): only("owner", "admin", "staff", visitor=401),
    ("GET", "/challenges/toy/1/amendments"): OPEN,
    ("GET", "/challenges/toy/1/told"): only("owner", "admin", "staff", "auditor", visitor=401),
    ("GET", "/challenges/toy/phases/final/share?team=rice-rocket"): only("member", others=404, visitor=401),
    ("DELETE", "/tokens/{token}"): only("member", others=404, ok=204, visitor=401),
    ("GET", "/weights?team=rice-rocket"): only("member", others=404, visitor=401),
    ("POST", "/weights"): only("member", others=404, ok=201, visitor=401),
    ("PUT", "/weights/uploads/{upload}?offset=0"): only("member", others=404, visitor=401),
    # Nothing has come of it yet: what comes of it otherwise is in tests/centre/test_weights.py.
    ("POST", "/weights/uploads/{upload}/finish"): only("member", others=404, ok=400, visitor=401),
    ("DELETE", f"/weights/{WEIGHTS}?team=rice-rocket"): dict.fromkeys(WHO, 404) | {"visitor": 401},
}  # fmt: skip
API_BODY: dict[str, Any] = {
    "/notices/read": {"newest": 0},
    "/runs/{run}/rejudge": {"node": "node-b"},
    "/teams/rice-rocket/invitations": {"email": "new@example.org"},
    "/teams/rice-rocket/captain": {"email": "new@example.org"},
    "/teams/rice-rocket/merge": {"into": "others"},
    "/teams/rice-rocket/mergers/others": {"agree": True},
    "/adoptions/{adoption}/answer": {"agree": True},
    "/challenges/toy/1/state": {"state": "open"},
    "/challenges/toy/guests": {"by_invitation": True, "kind": "team", "name": "others"},
    "/challenges/toy/guests/links": {"places": 2},
    "/challenges/toy/1/nodes": {"node": "node-a"},
    "/nodes/node-a/revoke": {"since": "2026-01-01T00:00:00Z"},
    "/challenges/toy/1": {"phases": {"practice": {"daily_limit": 7}}},
    "/weights": {"team": "rice-rocket", "digest": WEIGHTS, "size": 10, "name": "model.onnx"},
}
# Asked with a body of their own elsewhere: uploads, what only nodes call, what makes something of one's own.
API_ELSEWHERE = {
    "POST /organisations", "POST /organisations/{slug}/join", "POST /teams", "POST /invitations/accept", "POST /tokens",
    "POST /challenges", "POST /guests", "POST /submissions", "POST /adoptions", "POST /node/join", "POST /node/lease",
    "POST /node/runs/{token}/renew", "POST /node/runs/{token}/held", "POST /node/runs/{token}/result", "GET /node/blobs/{digest}", "POST /node/pictures",
    "POST /node/key", "POST /node/ledger", "GET /node/log", "POST /node/log/cosignatures",
    "POST /test/start", "POST /test/answer",
    "POST /node/adoptions/{adoption_id}/deliverable", "GET /adoptions/{adoption_id}/deliverable",
    "GET /adoptions/{adoption_id}/solution",
}  # fmt: skip


@dataclass
class Stage:
    """A league with everything an address may name, and a browser for each role."""

    league: League
    names: dict[str, Any]
    users: dict[str, User]

    def browser(self, who: str) -> Client:
        client = Client()
        if who != "visitor":
            client.force_login(self.users[who])
        return client


@pytest.fixture
def stage(league: League, tmp_path: Any) -> Stage:
    """The stage inside one transaction."""
    return build_stage(league, tmp_path)


def build_stage(league: League, tmp_path: Any) -> Stage:
    """Furnish a league with everything an address may name."""
    city = league.organisation
    users = {
        "member": league.member, "stranger": league.stranger, "staff": league.staff,
        "admin": league.owner, "owner": person("poser@example.org"), "operator": person("operator@example.org"),
        "auditor": person("auditor@example.org", is_auditor=True),
    }  # fmt: skip
    join(users["owner"], city, "challenge_owner")
    join(users["operator"], city, "node_operator")
    asked = Membership.objects.create(
        user=person("asks@example.org"), organisation=city, role="member", created=NOW
    )
    Organisation.objects.create(slug="waiting", name="Waiting", country="VN", kind="company", created=NOW)
    node = league.node("node-a")
    ranked = league.submit().json()["submission"]
    job = node.lease()
    assert job is not None
    assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]})).status_code == 200
    league.submit(phase="final")
    final = node.lease()
    assert final is not None
    enough = evidence_of({"all": [1.0, 2, 3, 4, 5]}, egress=_aggregate(), metric="mae")
    piece = node.evidence(final, {}, rows=(), aggregates=enough.aggregates, case_count=5, finished_count=5)
    assert node.deliver(final, piece).status_code == 200
    told = [
        [scope, name, 1, 1, 40.2]
        for scope, name in (("challenge", ""), ("team", final.team), ("person", final.person))
    ]
    assert node.tell_ledger(told).json() == {"kept": True}
    league.node("node-b")
    waiting = league.submit().json()["submission"]
    offer = {"organisation": city.slug, "run": job.run, "terms": "CC-BY-4.0", "contact": "a@b.org"}
    assert league.api["owner"]("POST", "/adoptions", offer).status_code == 201
    draft = {"challenge.toml": _version_two(tmp_path), **_files(tmp_path)}
    posed = league.api["owner"].upload(
        "/challenges", {"organisation": city.slug, "archive": archive_of(draft)}
    )
    assert posed.status_code == 201, posed.content
    names = {
        "submission": waiting, "ranked": ranked, "run": job.run, "final_run": final.run, "asked": asked.pk,
        "staff_person": users["staff"].pk, "notice": Notice.objects.filter(person=league.member)[0].pk,
        "adoption": Adoption.objects.get().pk, "token": league.member.api_tokens.get().pk,
        "operator_role": users["operator"].memberships.get().pk,
        "invitation": invite(league.member, league.team, league.stranger.email, now=NOW).token,
        **talent_of(league.member, league.stranger, league.owner, city),
    }  # fmt: skip
    toy = Challenge.objects.get(slug="toy", version=1)
    guest, _new = let_in(league.owner, toy, "team", league.team.slug, now=NOW)
    link, secret = make_link(league.owner, toy, places=1, now=datetime.now(UTC))
    names |= {"guest": guest.pk, "link": link.pk, "secret": secret}
    names["upload"] = begin(league.member, league.team, "sha256:" + 64 * "6", 10, "other.onnx", now=NOW).token
    asked_by_a_team = ask(league.member, toy, "4711?", now=NOW)
    report(league.stranger, asked_by_a_team, now=NOW)
    names |= furnish(league, users["staff"]) | {"post": asked_by_a_team.pk}
    User.objects.update(name="Sari Wu")  # a name that is a word in no language of ours
    return Stage(league, names, users)


def _aggregate() -> Any:
    from lumbung.proving.challenge import Egress

    return Egress("aggregate", 5)


def _version_two(tmp_path: Any) -> str:
    return (tmp_path / "toy" / "challenge.toml").read_text().replace("version = 1", "version = 2", 1)


def _files(tmp_path: Any) -> dict[str, str]:
    return {name: (tmp_path / "toy" / name).read_text() for name in ("inputs.csv", "truth.csv")}
