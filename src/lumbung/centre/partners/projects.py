"""From an introduction to a project, step by step; what may follow what is cooperation's to say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lumbung.centre.members.access import NotFound, Role, is_staff, known, may_audit, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import User
from lumbung.centre.members.services import Refused
from lumbung.centre.partners.matching import need_record, offer_record
from lumbung.centre.partners.models import Need, Note, Offer, Project, challenge_named, plain
from lumbung.centre.standings.models import Adoption
from lumbung.cooperation import projects
from lumbung.cooperation.matching.names import name_of
from lumbung.proving.text import Text

if TYPE_CHECKING:
    from lumbung.centre.members.access import Visitor

PUBLIC = ("agreed", "running", "finished")
_AND = Text("{sector}: {one} and {other}", "{sector}: {one} dan {other}", "{sector}：{one}与{other}")


def visible_projects(person: Visitor) -> QuerySet[Project]:
    """Return projects under agreement, those of one's organisations from their introduction on, and all for staff."""
    found = Project.objects.select_related("need__organisation", "offer__organisation").prefetch_related(
        "partners"
    )
    if may_audit(person):
        return found
    shown = Q(stage__in=PUBLIC)
    if known(person):
        own = person.memberships.filter(accepted=True).values("organisation")
        shown |= Q(partners__in=own) & ~Q(stage="proposed")
    return found.filter(shown).distinct()


def projects_together() -> int:
    """Return how many projects have come as far as an agreement."""
    return Project.objects.filter(stage__in=PUBLIC).count()


def find_project(person: Visitor, token: str) -> Project:
    """Return a project one may see.

    Raises
    ------
    NotFound
    """
    found = visible_projects(person).filter(token=token).first()
    if found is None:
        raise NotFound
    return found


def works_on(person: Visitor, project: Project) -> bool:
    """Whether *person* keeps the project's record: administrators of its partners, and staff."""
    if is_staff(person):
        return True
    return (
        known(person)
        and person.memberships.filter(
            organisation__in=project.partners.all(), organisation__approved=True, accepted=True,
            role=Role.ADMINISTRATOR,
        ).exists()
    )  # fmt: skip


def title_of(need: Need, offer: Offer) -> Text:
    """Name a project by its sector and its partners."""
    one, other = need.organisation.name, offer.organisation.name
    said = {
        language: getattr(_AND, language).format(sector=name_of(need.sector, language), one=one, other=other)
        for language in ("en", "id", "zh")
    }  # fmt: skip
    return Text(**{language: text[:1].upper() + text[1:] for language, text in said.items()})


def propose_project(user: User, need: Need, offer: Offer, *, now: datetime) -> Project:
    """Keep a proposal; proposing the same pair again returns the same project."""
    require(is_staff(user))
    with transaction.atomic():
        known_one = Project.objects.filter(need=need, offer=offer).first()
        if known_one is not None:
            return known_one
        record = projects.project_from_match(
            need_record(need), offer_record(offer), title_of(need, offer), now.date()
        )
        project = Project.objects.create(
            need=need, offer=offer, stage=record.stage, content=plain(record), changed=now
        )
        project.partners.set([need.organisation, offer.organisation])
        append("project.proposed", project.token, actor=user, now=now, need=need.pk, offer=offer.pk)
    return project


def introduce(user: User, project: Project, *, now: datetime) -> None:
    """Introduce the two sides to each other; whoever sends the letters is told by the caller's page."""
    require(is_staff(user))
    _move(user, project, "introduced", now)


def advance(user: User, project: Project, stage: str, *, now: datetime) -> None:
    """Move a project on. Staff may take every step; a partner may end it before an agreement is signed."""
    leaves = stage == "ended" and project.stage == "introduced" and works_on(user, project)
    require(is_staff(user) or leaves)
    if stage not in projects.STAGES or stage == "introduced":
        raise Refused(_("There is no such stage."))
    _move(user, project, stage, now)


def _move(user: User, project: Project, stage: str, now: datetime) -> None:
    if stage == "finished" and any(each.done is None for each in project.record.milestones):
        raise Refused(_("Milestones are still open: mark them as done first."))
    _change(
        user, project, lambda record: projects.advance(record, stage, now.date()), f"project.{stage}", now  # type: ignore[arg-type]
    )  # fmt: skip


def _change(
    user: User,
    project: Project,
    step: Callable[[projects.Project], projects.Project],
    act: str,
    now: datetime,
) -> None:
    """Take one step on the record as it is now, in one transaction."""
    with transaction.atomic():
        fresh = Project.objects.select_for_update().get(pk=project.pk)
        try:
            record = step(fresh.record)
        except projects.ProjectError as error:
            raise Refused(_("This step does not fit where the project stands now.")) from error
        Project.objects.filter(pk=project.pk).update(content=plain(record), stage=record.stage, changed=now)
        append(act, project.token, actor=user, now=now)
    project.content, project.stage, project.changed = plain(record), record.stage, now


def write_note(user: User, project: Project, text: str, *, now: datetime) -> None:
    """Write down what came of following up."""
    require(is_staff(user))
    Note.objects.create(project=project, author=user, text=text.strip(), created=now)


def promise(user: User, project: Project, title: str, due: date, *, now: datetime) -> None:
    """Add a milestone. Its title is what people wrote, in their language."""
    require(works_on(user, project))
    number = len(project.record.milestones) + 1
    milestone = projects.Milestone(f"m{number}", Text(title, title, title), due)
    _change(user, project, lambda record: projects.record(record, milestone), "project.milestone_set", now)


def complete(user: User, project: Project, milestone: str, *, now: datetime) -> None:
    """Mark a milestone as done."""
    require(works_on(user, project))
    _change(
        user, project, lambda record: projects.complete(record, milestone, now.date()), "project.milestone_done", now
    )  # fmt: skip


def publish(user: User, project: Project, title: str, address: str, on: date, *, now: datetime) -> None:
    """Record a paper, data set or program that came out of it."""
    require(works_on(user, project))
    entry = projects.Publication(title, address, on)
    _change(user, project, lambda record: projects.record(record, entry), "project.published", now)


def support(user: User, project: Project, sort: str, reference: str, *, now: datetime) -> None:
    """Record support granted: an incentive by its rule, or a grant of hours."""
    require(is_staff(user))
    entry = projects.Support(sort, reference, now.date())  # type: ignore[arg-type]
    _change(user, project, lambda record: projects.record(record, entry), "project.supported", now)


def share_challenge(user: User, project: Project, slug: str, *, now: datetime) -> None:
    """Name the challenge of the proving ground that the partners work on together."""
    require(is_staff(user))
    if slug and challenge_named(slug) is None:
        raise Refused(_("There is no such challenge."))
    _change(
        user, project, lambda record: msgspec.structs.replace(record, challenge=slug or None),
        "project.challenge_shared", now,
    )  # fmt: skip


def adoptions_to_record(project: Project) -> list[Adoption]:
    """Return agreed adoptions of the partners' solutions to the shared challenge that the record lacks."""
    record = project.record
    if not record.challenge:
        return []
    recorded = {digest for each in record.adoptions for digest in each.evidence}
    found = Adoption.objects.select_related("evidence", "adopter", "submission__team").filter(
        state__in=(Adoption.State.AGREED, Adoption.State.DELIVERED),
        submission__phase__challenge__slug=record.challenge,
        submission__team__organisations__in=project.partners.all(),
    )
    return [each for each in found.distinct() if each.evidence.digest not in recorded]


def record_adoption(user: User, project: Project, number: int, *, now: datetime) -> None:
    """Take an adoption of the proving ground into the project's record, with the evidence it rests on."""
    require(works_on(user, project))
    adoption = next((each for each in adoptions_to_record(project) if each.pk == number), None)
    if adoption is None:
        raise NotFound
    entry = projects.Adoption(
        adoption.adopter.slug, adoption.submission.name, adoption.created.date(), (adoption.evidence.digest,)
    )
    _change(user, project, lambda record: projects.record(record, entry), "project.adopted", now)
