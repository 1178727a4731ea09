"""The addresses of cooperation, all below ``/cooperation/``."""

from __future__ import annotations

from django.urls import path

from lumbung.centre.partners.pages import agreements, desk, directory, facilities, projects, seasons, support

app_name = "partners"
urlpatterns = [
    path("", directory.home, name="home"),
    path("needs/<slug:slug>/new/", directory.new_need, name="new_need"),
    path("offers/<slug:slug>/new/", directory.new_offer, name="new_offer"),
    path("needs/<int:number>/close", directory.close_need, name="close_need"),
    path("offers/<int:number>/close", directory.close_offer, name="close_offer"),
    path("conflicts/<slug:slug>", directory.conflict, name="conflict"),
    path("matching/", desk.show, name="desk"),
    path("matching/fairness/", desk.fair, name="fairness"),
    path("matching/needs/<int:number>/", desk.need, name="candidates"),
    path("matching/needs/<int:number>/introduce", desk.bring_together, name="introduce"),
    path("projects/", projects.index, name="projects"),
    path("projects/<str:token>/", projects.show, name="project"),
    path("projects/<str:token>/stage", projects.stage, name="project_stage"),
    path("projects/<str:token>/notes", projects.note, name="project_note"),
    path("projects/<str:token>/milestones", projects.milestone, name="project_milestone"),
    path("projects/<str:token>/milestones/<slug:milestone>/done", projects.done, name="project_done"),
    path("projects/<str:token>/publications", projects.publication, name="project_publication"),
    path("projects/<str:token>/adoptions", projects.adoption, name="project_adoption"),
    path("projects/<str:token>/challenge", projects.challenge, name="project_challenge"),
    path("projects/<str:token>/incentives", projects.incentive, name="project_incentive"),
    path("agreements/", agreements.index, name="agreements"),
    path("agreements/new/", agreements.new, name="new_agreement"),
    path("agreements/<slug:slug>/", agreements.show, name="agreement"),
    path("agreements/<slug:slug>/milestones", agreements.promise, name="agreement_milestone"),
    path("agreements/<slug:slug>/milestones/<int:number>/done", agreements.done, name="agreement_done"),
    path("support/", support.incentives, name="support"),
    path("support/answer.txt", support.answer_sheet, name="answer_sheet"),
    path("support/coverage/", support.covered, name="coverage"),
    path("support/egress/", support.egress, name="egress"),
    path("facilities/", facilities.index, name="facilities"),
    path("facilities/new/", facilities.new, name="new_facility"),
    path("facilities/<slug:slug>/", facilities.show, name="facility"),
    path("facilities/<slug:slug>/book", facilities.book, name="book"),
    path("facilities/<slug:slug>/closures", facilities.close, name="close_facility"),
    path("facilities/<slug:slug>/line/", facilities.line, name="line"),
    path("bookings/<str:token>/cancel", facilities.cancel, name="cancel_booking"),
    path("grants/", facilities.grants, name="grants"),
    path("grants/award", facilities.award, name="award"),
    path("grants/<int:number>/report", facilities.report, name="report"),
    path("grants/<int:number>/accept", facilities.accept_report, name="accept_report"),
    path("seasons/", seasons.index, name="seasons"),
    path("seasons/new/", seasons.new, name="new_season"),
    path("seasons/<slug:slug>/", seasons.show, name="season"),
    path("seasons/<slug:slug>/tracks", seasons.track, name="track"),
    path("seasons/<slug:slug>/enter", seasons.enter, name="enter"),
    path("seasons/<slug:slug>/leave", seasons.leave, name="leave"),
]
