"""A challenge: a folder with ``challenge.toml``, public cases, and submissions whose verdict is known.

Reading one is strict: an unknown field, a missing language or a phase that closes before it opens is an error that
names the file, the field, what was found and what was expected.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

import msgspec

from lumbung.proving.contents import check_contents
from lumbung.proving.declaration import Lock
from lumbung.proving.digest import digest_data, digest_file
from lumbung.proving.packing import PROOFS, Undeclarable, declared
from lumbung.proving.text import Text
from lumbung.proving.unreadable import UNREADABLE

SCHEMA = 1

Identifier = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(?:[-.][a-z0-9]+)*$", max_length=64)]
Country = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")]
Metric = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Seconds = Annotated[
    float, msgspec.Meta(gt=0, le=1e7)
]  # four months; nothing waits for ever, and infinity is no time
Whole = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]  # what every database keeps


EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""When a phase may open or close: at the ends of the calendar, times in other zones are no times any more."""


class ChallengeError(ValueError):
    """A challenge that cannot be used: the challenge owner's fault. Names the place, the found, the expected.

    Examples
    --------
    >>> from lumbung import proving
    >>> try:
    ...     proving.find_challenge("rice-windows")
    ... except proving.ChallengeError as error:
    ...     print(error)
    ...
    challenge: found 'rice-windows', expected a folder with challenge.toml, or one of the shipped: bahasa, connected-villages, fertiliser-and-water, motorbikes, remote-villages, resco, rice-window, traffic-counts
    """

    def __init__(self, where: str, found: str, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found}, expected {expected}")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.where, self.found, self.expected))


class JudgeMissing(ChallengeError):
    """The judge is not installed here, or in another version: this machine must be mended, not the challenge."""


class ShortRun(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the cases, for when all would take too long.

    Attributes
    ----------
    cases : str
        Glob of case ids; several joined by commas.
    seeds : int, optional
        Keep cases whose seed is below this.
    solutions : tuple of str
        Shipped solutions to run; empty for all of the sector.
    """

    cases: str = "*"
    seeds: Whole | None = None
    solutions: tuple[str, ...] = ()


class Together(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which accounts are counted together besides each team's and each person's, and how much they may in all.

    Attributes
    ----------
    by : {"organisation", "domain"}
        ``organisation``: everybody of one organisation that the centre approved. ``domain``: everybody whose verified
        address is at one registered domain. Who shows none cannot take part.
    daily_limit : int
        Submissions a day of all of them.
    teams : int, optional
        How many of their teams may take part where cases are private.
    """

    by: Literal["organisation", "domain"]
    daily_limit: Whole
    teams: Whole | None = None


class Phase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A time in which submissions are taken.

    Attributes
    ----------
    id : str
        E.g. ``practice`` or ``final``.
    title : Text
    cases : {"public", "private"}
        Which cases are judged on; private ones are known to their node alone.
    opens, closes : datetime, optional
        With time zone; an absent one means no bound on that side.
    daily_limit : int
        Runs a team may have counted per day (platform faults and withdrawn runs never count).
    embargo : bool, optional
        Scores stay hidden until the phase closes: on private cases unless the owner says otherwise here.
    part : ShortRun
        The part of the cases the phase is judged on; all of them by default.
    together : Together, optional
        Which accounts are counted together; by default those of one person or team alone.
    """

    id: Identifier
    title: Text
    cases: Literal["public", "private"] = "public"
    opens: datetime | None = None
    closes: datetime | None = None
    daily_limit: Whole = 10
    embargo: bool | None = None
    part: ShortRun = ShortRun()
    together: Together | None = None

    @property
    def hides_scores(self) -> bool:
        """Whether scores stay hidden until it closes."""
        return self.cases == "private" if self.embargo is None else self.embargo

    def is_open(self, now: datetime) -> bool:
        """Tell whether the phase takes submissions at *now*."""
        return (self.opens is None or self.opens <= now) and (self.closes is None or now < self.closes)

    def is_closed(self, now: datetime) -> bool:
        """Tell whether the phase is over at *now*."""
        return self.closes is not None and now >= self.closes


class ResourceLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a submission may use on one case. Seconds, mebibytes, counts."""

    start_s: Seconds = 20.0
    message_s: Seconds = 10.0
    total_s: Seconds = 600.0
    cpu_s: Seconds = 600.0
    memory_mb: Annotated[int, msgspec.Meta(ge=64, lt=2**31)] = 2048
    processes: Whole = 64
    message_mb: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 16


class JudgingLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the judge itself may use on one case, so that one that hangs or grows ends with a reason.

    Attributes
    ----------
    case_s : float, optional
        Wall time from asking for the case until its score is there [s]. By default all that the submission may take
        (``limits.start_s + limits.total_s``) and five minutes.
    memory_mb : int
        Memory of the judge's process and what it started, beside the submission's own `limits.memory_mb` [MiB].
    """

    case_s: Seconds | None = None
    memory_mb: Annotated[int, msgspec.Meta(ge=256, lt=2**31)] = 8192


class Ranking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How standings are computed.

    Attributes
    ----------
    metric : str
        The judge's metric that ranks.
    better : {"lower", "higher"}
    mean : {"arithmetic", "geometric"}
        Geometric where groups differ in scale (a network with ten times the delay must not outweigh the rest).
    confidence : float
        Of intervals and rank ranges.

    Examples
    --------
    >>> from lumbung import proving
    >>> proving.Ranking("delay", "lower", mean="geometric").confidence
    0.95
    """

    metric: Metric
    better: Literal["lower", "higher"]
    mean: Literal["arithmetic", "geometric"] = "arithmetic"
    confidence: Annotated[float, msgspec.Meta(gt=0.5, lt=1)] = 0.95


class Egress(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may leave a node of this challenge: the owner's rule.

    Attributes
    ----------
    rule : {"aggregate", "per-case", "pictures"}
        Means over at least `min_cases` cases; a score per case; or scores and pictures.
    min_cases : int
        Below this many cases an aggregate does not leave either.
    digits : int
        Significant digits of each figure that leaves: fewer digits bound what a figure could smuggle out.
    min_rows : int
        Below this many of the owner's rows no figure leaves (a case may be a block of rows; see `CaseScore.rows`).
    reveal : {"improvements", "every"}
        ``improvements``: a team is told a figure only where it beats the team's best by more than its own standard error,
        no finer than that error, and of the ranking metric alone (see `lumbung.proving.steps`). ``every``: each result.
    legal_basis : str
        The article the owner relies on.
    """

    rule: Literal["aggregate", "per-case", "pictures"] = "aggregate"
    min_cases: Whole = 5
    digits: Annotated[int, msgspec.Meta(ge=2, le=17)] = 4
    min_rows: Whole = 20
    reveal: Literal["improvements", "every"] = "improvements"
    legal_basis: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Challenge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A problem posed with data, judge and rules. The fields are those of ``challenge.toml``.

    Attributes
    ----------
    schema : int
        Version of this format.
    id, version
        The version rises whenever scores before and after could not be compared.
    title, summary, description : Text
        In three languages; the description is Markdown.
    offer, terms : Text
        What a winner gets, and what a team agrees to when it hands in; none where they are empty.
    sector : str
        ``city``, ``farm``, ``connectivity`` or a new one.
    judge, judge_version
        The judge's registered name and the version the scores belong to.
    home : str
        Country where the private cases stay.
    licence : str
        SPDX expression, or a sentence, of the public data.
    options : dict
        The judge's own options, checked by it.
    data : tuple of str
        Public files besides those that `options` name, by path or glob (``networks/**``); see
        `lumbung.proving.packing.declared`.
    limits, judging, ranking, egress, phases
        See there.
    demo : ShortRun
        What ``lumbung demo`` runs when the whole would take too long.
    check : ShortRun
        What ``lumbung check`` runs each submission of known verdict on.
    environments : dict of str to Lock
        Packages it publishes, which a submission may use by name.

    Examples
    --------
    >>> from lumbung import proving
    >>> challenge = proving.find_challenge("rice-window").challenge
    >>> challenge
    <Challenge rice-window 2, judged by farm.planting 2 on regret>
    >>> challenge.home, challenge.title.zh
    ('ID', '水稻何时播种')
    """

    schema: Literal[1]
    id: Identifier
    version: Whole
    title: Text
    summary: Text
    sector: Identifier
    judge: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$", max_length=64)]
    judge_version: Whole
    home: Country
    licence: str
    ranking: Ranking
    description: Text = Text("", "", "")
    offer: Text = Text("", "", "")
    terms: Text = Text("", "", "")
    options: dict[str, Any] = {}
    data: tuple[str, ...] = ()
    limits: ResourceLimits = ResourceLimits()
    judging: JudgingLimits = JudgingLimits()
    egress: Egress = Egress()
    phases: tuple[Phase, ...] = ()
    demo: ShortRun = ShortRun()
    check: ShortRun = ShortRun()
    environments: dict[Identifier, Lock] = {}

    def __repr__(self) -> str:
        return f"<Challenge {self.id} {self.version}, judged by {self.judge} {self.judge_version} on {self.ranking.metric}>"


class ChallengeFolder(msgspec.Struct, frozen=True):
    """A challenge as it lies on disk.

    Attributes
    ----------
    challenge : Challenge
    folder : Path
    digest : str
        ``sha256:…`` over the files the challenge declares without ``submissions/``, which only prove the rest.
    files : tuple of PurePosixPath
        The files it declares, ``submissions/`` among them: all that may leave.
    """

    challenge: Challenge
    folder: Path
    digest: str
    files: tuple[PurePosixPath, ...] = ()


def read_challenge(folder: Path) -> ChallengeFolder:
    """Read and check a challenge folder.

    Raises
    ------
    ChallengeError
        With file, field, what was found and what was expected.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> from lumbung.proving.scaffold import new_challenge
    >>> _ = new_challenge(Path("toy"))
    >>> proving.read_challenge(Path("toy")).challenge
    <Challenge toy 1, judged by tables.predictions 2 on mae>
    """
    path = folder / "challenge.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise ChallengeError(
            str(folder), "no challenge.toml", "a challenge folder (lumbung new challenge)"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ChallengeError(str(path), str(error), "a readable UTF-8 text file") from None
    except UNREADABLE as error:
        raise ChallengeError(str(path), str(error), "valid TOML") from None
    try:
        challenge = msgspec.convert(raw, Challenge)
    except UNREADABLE as error:
        raise ChallengeError(str(path), str(error), "the fields of docs/proving/challenge.md") from None
    _check_phases(path, challenge)
    try:
        published = msgspec.to_builtins(challenge.environments)
        files = declared(folder, {"judge": challenge.options, "environments": published}, challenge.data)
        content = {str(name): digest_file(folder / name) for name in files if name.parts[0] != PROOFS}
    except Undeclarable as error:
        raise ChallengeError(error.where, error.found, error.expected) from None
    except OSError as error:
        raise ChallengeError(str(error.filename or folder), str(error.strerror), "readable files") from None
    return ChallengeFolder(challenge, folder, digest_data(content), files)


def fit_to_be_seen(challenge: ChallengeFolder) -> ChallengeFolder:
    """Return a challenge that may leave its author: nothing that it declares holds a secret or a private row.

    Raises
    ------
    ChallengeError
        With the file, what was found, what was expected.
    """
    try:
        check_contents(challenge.folder, challenge.files)
    except Undeclarable as error:
        raise ChallengeError(error.where, error.found, error.expected) from None
    except OSError as error:
        raise ChallengeError(
            str(error.filename or challenge.folder), str(error.strerror), "readable files"
        ) from None
    return challenge


def _check_phases(path: Path, challenge: Challenge) -> None:
    seen: set[str] = set()
    for number, phase in enumerate(challenge.phases):
        where = f"{path}: phases[{number}]"
        if phase.id in seen:
            raise ChallengeError(f"{where}.id", repr(phase.id) + " twice", "each phase once")
        seen.add(phase.id)
        for name, moment in (("opens", phase.opens), ("closes", phase.closes)):
            if moment is not None and moment.tzinfo is None:
                raise ChallengeError(
                    f"{where}.{name}", moment.isoformat(), "a time with its zone, e.g. …T00:00:00Z"
                )
            if moment is not None and not EARLIEST <= moment < LATEST:
                raise ChallengeError(
                    f"{where}.{name}", moment.isoformat(), f"from {EARLIEST.year} on and before {LATEST.year}"
                )
        if phase.opens and phase.closes and phase.closes <= phase.opens:
            raise ChallengeError(
                f"{where}.closes", phase.closes.isoformat(), f"later than {phase.opens.isoformat()}"
            )


def phase_part(challenge: Challenge, phase: str) -> ShortRun:
    """Return the part of the cases a phase is judged on: everything where the challenge does not say otherwise."""
    return next((found.part for found in challenge.phases if found.id == phase), ShortRun())


def challenge_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``challenge.toml``."""
    schema = msgspec.json.schema(Challenge)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
