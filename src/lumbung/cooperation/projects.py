"""From a match to a project: partners, milestones, support, results, and what must happen next.

A project is a frozen record; every step returns a new one and is refused when it does not fit the state. Time is passed
in. What was promised (milestones, support) stands beside what was done, so that following up is reading, not asking.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

from lumbung.cooperation.matching.listings import Need, Offer
from lumbung.cooperation.sentences import said
from lumbung.proving.text import Language, Text

Stage = Literal["proposed", "introduced", "agreed", "running", "finished", "ended"]
Role = Literal["seeker", "giver", "owner-of-data", "mentor"]

_FOLLOWS: dict[Stage, tuple[Stage, ...]] = {
    "proposed": ("introduced", "ended"),
    "introduced": ("agreed", "ended"),
    "agreed": ("running", "ended"),
    "running": ("finished", "ended"),
    "finished": (),
    "ended": (),
}
STAGES: dict[Stage, Text] = {
    "proposed": Text("proposed", "diusulkan", "已提议"),
    "introduced": Text("partners introduced", "mitra diperkenalkan", "已引荐双方"),
    "agreed": Text("agreement signed", "perjanjian ditandatangani", "已签协议"),
    "running": Text("running", "berjalan", "进行中"),
    "finished": Text("finished", "selesai", "已完成"),
    "ended": Text("ended early", "dihentikan", "提前终止"),
}
_ASKS: dict[Stage, Text] = {
    "proposed": Text("introduce the partners", "perkenalkan para mitra", "引荐双方"),
    "introduced": Text(
        "ask whether the agreement is signed",
        "tanyakan apakah perjanjian sudah ditandatangani",
        "询问协议是否已签",
    ),
    "agreed": Text("start the work", "mulai pekerjaan", "启动项目"),
    "running": Text(
        "no milestone is open: finish or add one",
        "tidak ada tonggak terbuka: selesaikan atau tambahkan",
        "没有未完成的里程碑：请结项或新增",
    ),
}
_MILESTONE = Text("{title}: due {day}", "{title}: tenggat {day}", "{title}：截止{day}")
_OVERDUE = Text(
    "{title}: overdue since {day}", "{title}: lewat tenggat sejak {day}", "{title}：已于{day}逾期"
)


class ProjectError(ValueError):
    """A step that does not fit the state of a project; says which would."""


class Partner(msgspec.Struct, frozen=True):
    """An organisation and its part."""

    organisation: str
    role: Role


class Milestone(msgspec.Struct, frozen=True):
    """Something promised, by when, and when it was done."""

    id: str
    title: Text
    due: date
    done: date | None = None


class Support(msgspec.Struct, frozen=True):
    """Support granted: a rule of the book (an incentive) or a grant of hours, and its reference."""

    sort: Literal["incentive", "grant"]
    reference: str
    granted: date


class Publication(msgspec.Struct, frozen=True):
    """A paper, data set or program that came out of it."""

    title: str
    address: str
    published: date


class Adoption(msgspec.Struct, frozen=True):
    """A solution put to work by an owner.

    Attributes
    ----------
    evidence
        Digests of the evidence the decision rested on.
    """

    organisation: str
    solution: str
    since: date
    evidence: tuple[str, ...]


class Project(msgspec.Struct, frozen=True):
    """A match at work."""

    id: str
    title: Text
    partners: tuple[Partner, ...]
    begun: date
    stage: Stage = "proposed"
    need: str | None = None
    offer: str | None = None
    challenge: str | None = None
    milestones: tuple[Milestone, ...] = ()
    support: tuple[Support, ...] = ()
    publications: tuple[Publication, ...] = ()
    adoptions: tuple[Adoption, ...] = ()
    history: tuple[tuple[Stage, date], ...] = ()


def project_from_match(need: Need, offer: Offer, title: Text, on: date) -> Project:
    """Open a project for a need and the offer proposed for it."""
    partners = (Partner(need.organisation, "seeker"), Partner(offer.organisation, "giver"))
    return Project(
        f"{need.id}+{offer.id}",
        title,
        partners,
        on,
        need=need.id,
        offer=offer.id,
        challenge=need.challenge,
        history=(("proposed", on),),
    )


def next_stages(project: Project) -> tuple[Stage, ...]:
    """Return the stages that may follow."""
    return _FOLLOWS[project.stage]


def advance(project: Project, stage: Stage, on: date) -> Project:
    """Move a project to its next stage.

    Raises
    ------
    ProjectError
        When the stage does not follow, the day is before the last step, or milestones are open at the finish.
    """
    allowed = _FOLLOWS[project.stage]
    if stage not in allowed:
        may = " or ".join(allowed) or "nothing: it is over"
        raise ProjectError(f"project {project.id} is {project.stage}; what may follow is {may}, not {stage}")
    last = project.history[-1][1] if project.history else project.begun
    if on < last:
        raise ProjectError(f"project {project.id}: {stage} on {on} would come before the last step on {last}")
    waiting = [each.id for each in project.milestones if each.done is None]
    if stage == "finished" and waiting:
        raise ProjectError(f"project {project.id} has open milestones: {', '.join(waiting)}")
    return msgspec.structs.replace(project, stage=stage, history=(*project.history, (stage, on)))


def complete(project: Project, milestone: str, on: date) -> Project:
    """Mark a milestone as done.

    Raises
    ------
    ProjectError
        When there is no such milestone, it is done already, or the project is not under agreement.
    """
    if project.stage not in ("agreed", "running"):
        raise ProjectError(
            f"project {project.id} is {project.stage}: milestones count once an agreement is signed"
        )
    known = {each.id: each for each in project.milestones}
    if milestone not in known:
        raise ProjectError(
            f"project {project.id} has no milestone {milestone!r}; it has: {', '.join(known) or 'none'}"
        )
    if known[milestone].done is not None:
        raise ProjectError(f"milestone {milestone!r} was done on {known[milestone].done}")
    milestones = tuple(
        msgspec.structs.replace(each, done=on) if each.id == milestone else each
        for each in project.milestones
    )
    return msgspec.structs.replace(project, milestones=milestones)


def record(project: Project, entry: Milestone | Support | Publication | Adoption) -> Project:
    """Add something promised, granted, published or adopted.

    Raises
    ------
    ProjectError
        When the project is over (adoptions and publications may still follow), or an adoption names no evidence.
    """
    if isinstance(entry, Adoption) and not entry.evidence:
        raise ProjectError("an adoption rests on evidence: name at least one digest")
    if isinstance(entry, (Milestone, Support)) and project.stage in ("finished", "ended"):
        raise ProjectError(
            f"project {project.id} is {project.stage}: nothing more can be promised or granted"
        )
    if isinstance(entry, Milestone):
        if any(each.id == entry.id for each in project.milestones):
            raise ProjectError(f"project {project.id} has a milestone {entry.id!r} already")
        return msgspec.structs.replace(project, milestones=(*project.milestones, entry))
    if isinstance(entry, Support):
        return msgspec.structs.replace(project, support=(*project.support, entry))
    if isinstance(entry, Publication):
        return msgspec.structs.replace(project, publications=(*project.publications, entry))
    return msgspec.structs.replace(project, adoptions=(*project.adoptions, entry))


class FollowUp(msgspec.Struct, frozen=True):
    """What staff should do about a project, and since when it waits."""

    project: str
    text: Text
    due: date
    overdue: bool

    def says(self, language: Language) -> str:
        """Return what to do as a phrase."""
        return self.text.in_language(language)


def follow_up(project: Project, today: date, patience_days: int = 14) -> FollowUp | None:
    """Return the next thing to do, or None when the project is over.

    Before an agreement, whoever does not hear for `patience_days` is asked; after it, the earliest open milestone
    comes first.
    """
    if project.stage in ("finished", "ended"):
        return None
    waiting = sorted((each for each in project.milestones if each.done is None), key=lambda each: each.due)
    if waiting and project.stage in ("agreed", "running"):
        first = waiting[0]
        late = first.due < today
        form = _OVERDUE if late else _MILESTONE
        titles = {language: getattr(first.title, language) for language in ("en", "id", "zh")}
        text = Text(
            *(said(form, language, title=titles[language], day=first.due) for language in ("en", "id", "zh"))
        )
        return FollowUp(project.id, text, first.due, late)
    last = project.history[-1][1] if project.history else project.begun
    due = date.fromordinal(last.toordinal() + patience_days)
    return FollowUp(project.id, _ASKS[project.stage], due, due < today)


def stuck(projects: Iterable[Project], today: date, patience_days: int = 14) -> list[FollowUp]:
    """Return what is overdue in any project, the longest first: staff see that nothing is stuck, or what is."""
    found = [follow_up(each, today, patience_days) for each in projects]
    return sorted((each for each in found if each is not None and each.overdue), key=lambda each: each.due)
