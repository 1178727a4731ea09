"""Running an adopted solution, and attaching what came of it, as jobs."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lumbung.desk.jobs.folder import Job
from lumbung.desk.jobs.progress import JobError, Progress

if TYPE_CHECKING:
    from lumbung.proving.challenge import ChallengeFolder
    from lumbung.proving.environments.shelf import Shelf
    from lumbung.proving.judge import Applies
    from lumbung.proving.submission import Submission

LANGUAGES = ("en", "id", "zh")
NOT_HERE = ("environment_unavailable", "weights_missing")
TABLES = (".csv", ".xlsx", ".tsv", ".txt")
PREVIEWED = 40
"""Rows of a table that the page shows."""


def run(job: Job, progress: Progress) -> None:
    """Let a solution work on a person's data in its sandbox, and today's practice on the same.

    Writes ``deliverable/`` (what ``lumbung run`` writes), ``today/`` where practice is a solution of its own, and ``compared.json``.

    Raises
    ------
    JobError
        ``solution``, ``data``, ``environment``, ``weights``, ``no_sandbox``; ``fault.json`` says why in every language where the solution is at
        fault, or what it needs is not here.
    """
    from lumbung.desk.adopted.practice import PRACTICES
    from lumbung.proving.catalogue import find_challenge
    from lumbung.proving.challenge import ChallengeError
    from lumbung.proving.faults import PlatformFault, RunFault
    from lumbung.proving.judge import Applies, find_judge
    from lumbung.proving.submission import find_submission
    from lumbung.sandbox import SandboxUnavailable, ensure_sandbox

    progress.stage("reading")
    (job.result / "fault.json").unlink(missing_ok=True)
    try:
        ensure_sandbox()
        challenge = find_challenge(job.order().options["challenge"])
        judge = find_judge(challenge.challenge.judge)
        if not isinstance(judge, Applies):
            raise JobError("not_applicable", challenge.challenge.id)
        theirs = _solution(job)
        data = _data(job, judge.name)
        practice = PRACTICES.get(judge.name)
        progress.stage("adopted")
        _apply(job, "deliverable", challenge, judge, theirs, data)
        if practice is not None and practice.solution:
            progress.stage("practice")
            _apply(job, "today", challenge, judge, find_submission(practice.solution), data)
    except SandboxUnavailable as error:
        raise JobError("no_sandbox", str(error)) from None
    except ChallengeError as error:
        raise JobError("data", _plain(str(error), job)) from None
    except RunFault as error:
        if error.fault.code not in NOT_HERE and isinstance(error, PlatformFault):
            raise  # the disk
        said = {language: _plain(error.fault.reason(language), job) for language in LANGUAGES}
        job.write_result("fault.json", said)
        raise JobError("environment" if error.fault.code in NOT_HERE else "solution") from None
    progress.stage("writing")
    if practice is not None:
        done, today = practice.compare(job.result / "deliverable", job.result / "today")
        job.write_result(
            "compared.json",
            {"judge": judge.name, "done": done, "today": today, "better": dict(practice.better)},
        )
    progress.ready()


def _plain(text: str, job: Job) -> str:
    """Return what was found without the desk's own folders."""
    for folder in (job.work / "data", job.work / "solution", job.input, job.work):
        text = text.replace(f"{folder}/", "")
    return text.replace(str(job.folder), "")


def _unpacked(archive: Path, into: Path) -> Path:
    from lumbung.sandbox.parcels import ParcelError, ParcelLimits, unpack

    if not into.exists():
        try:
            unpack(archive, into, ParcelLimits(total_bytes=4 * 2**30))
        except ParcelError as error:
            raise JobError("archive", str(error).replace(f"{archive.parent}/", "")) from None
    return into


def _solution(job: Job) -> Submission:
    from lumbung.proving.submission import find_submission, read_content

    shipped = job.order().options.get("solution")
    if shipped:
        return find_submission(shipped)
    return read_content(_unpacked(next(iter(sorted(job.input.glob("solution.*")))), job.work / "solution"))


def _data(job: Job, judge: str) -> Path:
    """Return what the judge applies a solution to: a folder, or the table of sites in it."""
    given = sorted((job.input / "data").iterdir())
    folder = job.input / "data"
    if len(given) == 1 and given[0].suffix.lower() not in TABLES:
        folder = _unpacked(given[0], job.work / "data")
    if judge != "farm.planting":
        return folder
    tables = sorted(path for path in folder.iterdir() if path.suffix.lower() in TABLES)
    named = [path for path in tables if path.stem.lower() in ("sites", "lokasi", "desa", "kabupaten")]
    if not tables:
        raise JobError("data")
    return (named or tables)[0]


def _apply(
    job: Job, name: str, challenge: ChallengeFolder, judge: Applies, theirs: Submission, data: Path
) -> None:
    """Let a solution work, aside, and put what it wrote in its place when it is whole."""
    from lumbung.proving.environments.chosen import environment_of
    from lumbung.proving.guest import open_guest
    from lumbung.proving.judge import find_judge

    target = job.result / name
    if target.exists():
        return
    draft = job.work / f"draft-{name}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    options = find_judge(challenge.challenge.judge).check_options(challenge.challenge.options)
    environment = environment_of(theirs, challenge, _shelf(job, theirs))
    with open_guest(theirs.folder, challenge.challenge.limits, environment) as (guest, _box):
        judge.apply(data, guest, options, draft)
    draft.replace(target)


def _shelf(job: Job, theirs: Submission) -> Shelf:
    """Return where the solution's environment is built, and the weights that it names: given with it, kept here, or the node's.

    Wheels come from where the owner of this machine lets them: the index that the node was given, or LUMBUNG_INDEX.

    Raises
    ------
    JobError
        ``weights``: a file that was given is none.
    """
    from lumbung.desk.place import home
    from lumbung.desk.releases.node import beside
    from lumbung.proving.declaration import read_declaration
    from lumbung.proving.environments.shelf import Shelf
    from lumbung.proving.weights import WeightsError, WeightStore

    node, kept = beside(), WeightStore(home() / "weights")
    try:
        for path in sorted((job.input / "weights").glob("*")):
            kept.keep(path)
        for digest in () if theirs.is_table else read_declaration(theirs.folder).weights.values():
            of_node = WeightStore(node.weights).path(digest) if node is not None else None
            if of_node is not None and of_node.is_file() and not kept.path(digest).is_file():
                kept.keep(of_node)
    except WeightsError as error:
        raise JobError("weights", _plain(str(error), job)) from None
    index = os.environ.get("LUMBUNG_INDEX", "") or (node.settings().index if node is not None else "")
    return Shelf(home() / "environments", index, kept)


def attach(job: Job, progress: Progress) -> None:
    """Send a deliverable to the centre, as its owner asked: the files named in the order, to the adoption named there.

    Raises
    ------
    JobError
        ``no_node``, ``line``, ``refused``.
    """
    from lumbung.desk.releases.node import beside
    from lumbung.node.folder import NodeFolder
    from lumbung.node.line import CentreLied, CentreRefused, Line, LineDown, NoLine

    options = job.order().options
    folder = job.folder.parent / options["job"] / "result" / "deliverable"
    progress.stage("reading")
    node: NodeFolder | None = beside()
    if node is None or not folder.is_dir():
        raise JobError("no_node")
    progress.stage("attaching")
    with tempfile.TemporaryFile(dir=job.work) as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(folder, arcname="deliverable")
        size = packed.tell()
        packed.seek(0)
        digest = hashlib.file_digest(packed, "sha256").hexdigest()
        try:
            Line(node.settings().centre, node.token()).attach(options["adoption"], packed)
        except (LineDown, NoLine) as error:
            raise JobError("line", str(error)) from None
        except (CentreRefused, CentreLied) as error:
            raise JobError("refused", str(error)) from None
    job.write_result("attached.json", {"bytes": size, "digest": f"sha256:{digest}"})
    progress.ready()


def files_of(folder: Path) -> Sequence[dict[str, Any]]:
    """Return a deliverable's files, by name and size [bytes]."""
    return [
        {"name": str(path.relative_to(folder)), "bytes": path.stat().st_size}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
