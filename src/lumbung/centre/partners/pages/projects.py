"""Projects: what became of a match."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.access import is_staff, require
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.services import Refused
from lumbung.centre.partners import matching, projects
from lumbung.centre.partners.forms import MilestoneForm, NoteForm, PublicationForm, challenge_choices
from lumbung.centre.partners.letters import send_introductions
from lumbung.centre.partners.models import Project, challenge_named
from lumbung.cooperation.projects import STAGES, follow_up, next_stages
from lumbung.cooperation.projects import Project as Record
from lumbung.cooperation.rules.rulebook import shipped_book


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    found = [(each, each.record) for each in projects.visible_projects(request.user)]
    return render(request, "partners/projects.html", {"projects": found})


@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    project = projects.find_project(request.user, token)
    return _page(request, project)


def _page(request: HttpRequest, project: Project, *, status: int = 200, **forms: object) -> HttpResponse:
    record, today = project.record, datetime.now(UTC).date()
    works, staff = projects.works_on(request.user, project), is_staff(request.user)
    step = follow_up(record, today) if works else None
    partners = {each.slug: each for each in project.partners.all()}
    context = {
        "project": project,
        "record": record,
        "partners": [(partners[each.organisation], each.role) for each in record.partners if each.organisation in partners],
        "works": works,
        "staff": staff,
        "step": step and {"says": step.says(house_language()), "overdue": step.overdue},  # type: ignore[arg-type]
        "stages": [
            (stage, STAGES[stage].in_language(house_language())) for stage in next_stages(record) if stage != "introduced"
        ] if staff else [],
        "may_introduce": staff and record.stage == "proposed",
        "may_leave": works and not staff and record.stage == "introduced",
        "notes": project.notes.select_related("author") if staff else [],
        "challenge": challenge_named(record.challenge) if record.challenge else None,
        "challenges": challenge_choices() if staff else [],
        "support": _support(record),
        "rules": _incentives() if staff else [],
        "adoptable": projects.adoptions_to_record(project) if works else [],
        "today": today,
        "note_form": NoteForm(),
        "milestone_form": MilestoneForm(auto_id="milestone_%s"),
        "publication_form": PublicationForm(auto_id="publication_%s"),
        **forms,
    }  # fmt: skip
    return render(request, "partners/project.html", context, status=status)


def _support(record: Record) -> list[tuple[str, str, date]]:
    """Support granted, incentives by their title."""
    rules = shipped_book().rules
    return [
        (
            each.sort,
            rules[each.reference].title.in_language(house_language())
            if each.reference in rules
            else each.reference,
            each.granted,
        )
        for each in record.support
    ]


def _incentives() -> list[tuple[str, str]]:
    return [
        (rule.id, rule.title.in_language(house_language()))
        for rule in shipped_book()
        if rule.sort == "incentive"
    ]


@require_POST
@login_required
def stage(request: HttpRequest, token: str) -> HttpResponse:
    project, now = projects.find_project(request.user, token), datetime.now(UTC)
    wanted = request.POST.get("stage", "")
    if wanted == "introduced":
        projects.introduce(request.user, project, now=now)  # type: ignore[arg-type]
        sent = send_introductions(request, project, matching.desk(now))
        messages.success(request, _("Introduced. Letters sent: %(count)d.") % {"count": sent})
    else:
        projects.advance(request.user, project, wanted, now=now)  # type: ignore[arg-type]
    return redirect("partners:project", token)


@require_POST
@login_required
def note(request: HttpRequest, token: str) -> HttpResponse:
    project = projects.find_project(request.user, token)
    require(is_staff(request.user))
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, project, note_form=form, status=400)
    projects.write_note(request.user, project, form.cleaned_data["note"], now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("partners:project", token)


@require_POST
@login_required
def milestone(request: HttpRequest, token: str) -> HttpResponse:
    project = projects.find_project(request.user, token)
    require(projects.works_on(request.user, project))
    form = MilestoneForm(request.POST, auto_id="milestone_%s")
    if not form.is_valid():
        return _page(request, project, milestone_form=form, status=400)
    projects.promise(request.user, project, **form.cleaned_data, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("partners:project", token)


@require_POST
@login_required
def done(request: HttpRequest, token: str, milestone: str) -> HttpResponse:
    project = projects.find_project(request.user, token)
    projects.complete(request.user, project, milestone, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("partners:project", token)


@require_POST
@login_required
def publication(request: HttpRequest, token: str) -> HttpResponse:
    project = projects.find_project(request.user, token)
    require(projects.works_on(request.user, project))
    form = PublicationForm(request.POST, auto_id="publication_%s")
    if not form.is_valid():
        return _page(request, project, publication_form=form, status=400)
    projects.publish(request.user, project, **form.cleaned_data, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("partners:project", token)


@require_POST
@login_required
def adoption(request: HttpRequest, token: str) -> HttpResponse:
    project = projects.find_project(request.user, token)
    number = request.POST.get("adoption", "")
    projects.record_adoption(
        request.user,  # type: ignore[arg-type]
        project,
        int(number) if number.isdecimal() and len(number) < 18 else 0,
        now=datetime.now(UTC),
    )
    return redirect("partners:project", token)


@require_POST
@login_required
def challenge(request: HttpRequest, token: str) -> HttpResponse:
    project = projects.find_project(request.user, token)
    projects.share_challenge(request.user, project, request.POST.get("challenge", ""), now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("partners:project", token)


@require_POST
@login_required
def incentive(request: HttpRequest, token: str) -> HttpResponse:
    """Record an incentive that was granted, by its rule of the book."""
    project = projects.find_project(request.user, token)
    require(is_staff(request.user))
    rule = request.POST.get("rule", "")
    if rule not in shipped_book().rules:
        raise Refused(_("There is no such rule."))
    projects.support(request.user, project, "incentive", rule, now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("partners:project", token)
