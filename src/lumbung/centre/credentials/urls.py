"""Addresses of talent: the test, results, badges, programmes, the national picture, the road."""

from __future__ import annotations

from django.urls import path

from lumbung.centre.credentials.pages import badges, nation, passports, programmes, test, watch

app_name = "credentials"
urlpatterns = [
    path("talent/", test.index, name="talent"),
    path("talent/test/start", test.start, name="start"),
    path("talent/test/", test.question, name="test"),
    path("talent/test/end", test.end, name="end"),
    path("talent/results/<str:token>/", test.result, name="result"),
    path("talent/results/<str:token>/badge/", badges.ask, name="ask_badge"),
    path("talent/programmes/", programmes.index, name="programmes"),
    path("talent/programmes/new/", programmes.create, name="new_programme"),
    path("talent/programmes/join", programmes.join, name="join_cohort"),
    path("talent/programmes/leave/<int:number>", programmes.leave, name="leave_cohort"),
    path("talent/programmes/<slug:slug>/", programmes.show, name="programme"),
    path("talent/programmes/<slug:slug>/cohorts", programmes.cohort, name="new_cohort"),
    path("talent/nation/", nation.dashboard, name="nation"),
    path("talent/road/", nation.road, name="road"),
    path("talent/road/plan/", nation.plan, name="plan"),
    path("talent/proctor/", watch.proctor, name="proctor"),
    path("talent/proctor/seats/<int:number>", watch.judge_seat, name="judge_seat"),
    path("talent/watch/", watch.show, name="watch"),
    path("talent/watch/answers.csv", watch.answers, name="answers"),
    path("badges/", badges.index, name="badges"),
    path("badges/verify/", badges.verify, name="verify"),
    path("badges/standings/<str:token>/", badges.ask_over_standing, name="ask_badge_over_standing"),
    path("badges/<str:token>.json", badges.as_json, name="badge_json"),
    path("badges/<str:token>.pdf", badges.as_pdf, name="badge_pdf"),
    path("badges/<str:token>.svg", badges.as_svg, name="badge_svg"),
    path("badges/<str:token>/", badges.show, name="badge"),
    path("badges/<str:token>/qr.svg", badges.code, name="badge_qr"),
    path("badges/<str:token>/share", badges.share_page, name="share_badge"),
    path("badges/<str:token>/revoke", badges.revoke, name="revoke_badge"),
    path("achievements/<path:name>/picture.svg", badges.achievement_picture, name="achievement_picture"),
    path("achievements/<path:name>", badges.show_achievement, name="achievement"),
    path("passports/<str:token>.json", passports.as_json, name="passport_json"),
    path("passports/<str:token>/", passports.show, name="passport"),
    path("status/<int:number>", badges.status, name="status_list"),
    path(".well-known/did.json", badges.did_json, name="did"),
]
