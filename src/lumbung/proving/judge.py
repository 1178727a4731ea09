"""The judge protocol, and the door by which judges enter.

A judge knows one kind of problem. It lists the cases of a challenge, plays one case against a solution it can only
ask, and draws what a person would rather look at than read. Judges are found by the entry-point group
``lumbung.judges``: ours come in by the same door as a stranger's.

    [project.entry-points."lumbung.judges"]
    "fisheries.quota" = "fisheries.judge:QuotaJudge"
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import msgspec

from lumbung.proving.case import Case, CaseScore
from lumbung.proving.challenge import Challenge, ChallengeError, JudgeMissing
from lumbung.proving.measure import Measure
from lumbung.proving.text import Text

GROUP = "lumbung.judges"


class Solution(Protocol):
    """What a judge sees of a submission: something it can ask.

    One message carries all decisions of that moment. Every method raises `SubmissionFault` when the solution
    crashes, hangs, sends nonsense or breaks a limit; a judge lets that pass through.
    Payloads and answers are plain data: None, bool, int, float, str, bytes, list, dict with str keys, numpy arrays.
    """

    def start(self, problem: Any) -> Any:
        """Open a sequential case: tell the solution what stays the same until the end."""
        ...

    def step(self, observation: Any) -> Any:
        """Ask for the action that answers *observation*."""
        ...

    def solve(self, problem: Any) -> Any:
        """Ask for the answer of a one-shot case."""
        ...


class Picture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A drawing for the report: SVG text that needs nothing from outside.

    Attributes
    ----------
    title : Text
        What it shows, in three languages.
    svg : str
        The drawing, beginning with ``<svg``.
    group : str
        The group of cases it belongs to, or empty for all.
    """

    title: Text
    svg: str
    group: str = ""


class ScoredRun(msgspec.Struct, frozen=True):
    """The scores of one submission, as a judge's ``pictures`` receives them."""

    submission: str
    scores: tuple[CaseScore, ...]


@runtime_checkable
class Judge(Protocol):
    """A program that scores; never a person.

    Attributes
    ----------
    name : str
        As registered, e.g. ``city.signals``.
    version : int
        Rises whenever a score could change, or what a case's digest covers.
    metrics : mapping of str to Text or Measure
        Every metric with its unit, for people: ``{"delay": Text("mean delay [s]", …)}``. A `Measure` says also which
        way is better and between what bounds every case lies, so that intervals lie there too:
        ``{"served": Measure(Text("people served [%]", …), "higher", 0, 100)}``.

    Examples
    --------
    >>> from lumbung import proving
    >>> from lumbung.proving.case import make_case, score_case
    >>> from lumbung.proving.text import Text
    >>> class Halves:
    ...     name, version, metrics = (
    ...         "toy.halves",
    ...         1,
    ...         {"off": Text("distance from half", "jarak dari setengah", "与一半的差")},
    ...     )
    ...     def check_options(self, options):
    ...         return {"seeds": 5, **options}
    ...     def cases(self, challenge, folder):
    ...         return [make_case(f"n/{seed}", "n", seed, {"n": 2 * seed}) for seed in range(5)]
    ...     def play(self, case, solution, options):
    ...         return score_case(case, {"off": abs(solution.solve(case.inputs["n"]) - case.inputs["n"] / 2)}, "halves 1")
    ...     def pictures(self, runs):
    ...         return []
    ...
    >>> isinstance(Halves(), proving.Judge)
    True
    """

    name: str
    version: int
    metrics: Mapping[str, Text | Measure]

    def check_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return *options* completed with defaults.

        Raises
        ------
        ChallengeError
            Names the option, what was found and what was expected.
        """
        ...

    def cases(self, challenge: Challenge, folder: Path) -> Sequence[Case]:
        """List the cases: the public ones when *folder* is the challenge's own, a node's private ones else.

        Raises
        ------
        ChallengeError
            A missing or damaged file, a wrong digest: names the file, the field, and what to do.
        """
        ...

    def play(self, case: Case, solution: Solution, options: dict[str, Any]) -> CaseScore:
        """Drive the engine through one case, asking *solution* for decisions.

        The truth of a case never enters a message to the solution.

        Raises
        ------
        SubmissionFault
            The solution broke the rules (``illegal_action``, ``wrong_format``) or failed.
        ChallengeFault
            The case cannot be played.
        """
        ...

    def pictures(self, runs: Sequence[ScoredRun]) -> Sequence[Picture]:
        """Draw the runs of one challenge side by side."""
        ...


@runtime_checkable
class PlayedApart(Protocol):
    """A judge whose engine leaves traces in its process: each case is played in a copy of the process, then gone."""

    def prepare(self, case: Case, options: dict[str, Any]) -> None:
        """Load, before the copy is made, what the next cases need as well. Must not run the engine.

        What it raises is left for `play` to find again.
        """
        ...


@runtime_checkable
class MeasuresByOptions(Protocol):
    """A judge whose challenges choose, or declare themselves, what is measured."""

    def metrics_of(self, options: dict[str, Any]) -> Mapping[str, Text | Measure]:
        """Return the metrics of a challenge with these options, in place of all that the judge knows."""
        ...


@runtime_checkable
class ReadsTheChallenge(Protocol):
    """A judge that reads files of the challenge itself, such as a metric, also where cases are private."""

    def cases_beside(self, challenge: Challenge, folder: Path, own: Path) -> Sequence[Case]:
        """List the cases in *folder*, as `Judge.cases` does, with the challenge's own folder at hand."""
        ...


@runtime_checkable
class Applies(Protocol):
    """A judge that can also put a solution to work on a user's own data (``lumbung run``)."""

    def apply(self, data: Path, solution: Solution, options: dict[str, Any], out: Path) -> Sequence[Path]:
        """Apply *solution* to *data* and write the deliverable (signal programs, a planting calendar, a site list).

        Returns
        -------
        sequence of Path
            The files written below *out*.

        Raises
        ------
        ChallengeError
            The data cannot be used: names the place.
        SubmissionFault
            The solution failed on it.
        """
        ...


@runtime_checkable
class Poses(Protocol):
    """A judge that can begin a challenge on an owner's own data (``lumbung new challenge --judge``)."""

    def pose(self, data: Path) -> Mapping[str, str | bytes]:
        """Make the files of a challenge from *data*.

        Returns
        -------
        mapping of str to str or bytes
            Path below the challenge's folder to content, submissions of known verdict among them; ``challenge.toml`` has
            ``{id}`` where the challenge's id goes.

        Raises
        ------
        ChallengeError
            The data cannot be used: names the place.
        """
        ...


@runtime_checkable
class Draws(Protocol):
    """A judge that can draw the picture of a challenge from its public data (``lumbung picture``)."""

    def draw(self, challenge: Challenge, folder: Path) -> str:
        """Draw what lies in *folder*, the challenge's own.

        Returns
        -------
        str
            SVG as of `lumbung.proving.challenge_picture.sheet`; no words in it, so that it serves every language.

        Raises
        ------
        ChallengeError
            The data cannot be used: names the place.
        """
        ...


def judges() -> dict[str, str]:
    """Return the names of the judges installed here and where each comes from."""
    return {point.name: point.value for point in sorted(entry_points(group=GROUP), key=lambda p: p.name)}


@functools.cache
def find_judge(name: str) -> Judge:
    """Load the judge registered as *name*.

    Raises
    ------
    JudgeMissing
        No such judge is installed, or what it needs is missing; says which extra to install.
    ChallengeError
        What is registered is no judge.

    Examples
    --------
    >>> from lumbung import proving
    >>> judge = proving.find_judge("tables.predictions")
    >>> judge.name, sorted(judge.metrics)[:2]
    ('tables.predictions', ['accuracy', 'average_precision'])
    """
    for point in entry_points(group=GROUP, name=name):
        try:
            judge = point.load()()
        except ModuleNotFoundError as error:
            room = name.split(".")[0]
            raise JudgeMissing(
                "judge", f"{name}, which needs the module {error.name}", f"pip install 'lumbung[{room}]'"
            ) from error
        if not isinstance(judge, Judge):
            raise ChallengeError(
                "judge", f"{name} = {point.value}", "an object with the judge protocol's methods"
            )
        return judge
    raise JudgeMissing(
        "judge", repr(name), "one of " + ", ".join(judges()) + " (or install the package that has it)"
    )
