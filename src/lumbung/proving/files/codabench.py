"""A Codabench bundle becomes a challenge of files: each task an item, its scoring program the challenge's own metric.

A bundle (version 2) is a folder or zip with ``competition.yaml``; its programs expect folders below ``/app``. Here they find
them below ``/tmp/app``, the only place in a box that can be written; their text is edited so, and the edits are told.
"""

from __future__ import annotations

import json
import re
import shlex
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Required, TypedDict

import msgspec
import yaml

from lumbung.proving.challenge import ChallengeError
from lumbung.sandbox import ParcelError, unpack

PROGRAMS = Path(__file__).parent / "codabench_programs"
APP = re.compile(r"(?<![\w./-])/app(?=/|\b)")
MOVED = "/tmp/app"  # noqa: S108 - inside the box, where nothing else can be written
_COMPUTED = ("avg", "sum", "min", "max")
_CLOCKED = re.compile(r"duration|time|runtime|elapsed", re.IGNORECASE)
_KEYLIKE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}")


class _Column(TypedDict, total=False):
    key: Required[str | int]
    index: int
    computation_indexes: list[int] | None


class _Board(TypedDict, total=False):
    columns: list[_Column] | None


class _Phase(TypedDict, total=False):
    execution_time_limit: Annotated[float, msgspec.Meta(gt=0, le=1e7)] | None


class _Page(TypedDict, total=False):
    file: str


class _Solution(TypedDict, total=False):
    path: str
    tasks: list[int] | None


class _Told(TypedDict, total=False):
    """What is read of ``competition.yaml`` beside its tasks."""

    tasks: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1)]
    leaderboards: list[_Board] | None
    phases: list[_Phase] | None
    pages: list[_Page] | None
    solutions: list[_Solution] | None


@dataclass(frozen=True)
class Imported:
    """A bundle, read.

    Attributes
    ----------
    files : dict of str to str or bytes
        As `lumbung.proving.judge.Poses.pose` returns them. Tasks after the first lie in ``private/``, which never leaves.
    edits : list of str
        What was changed, in sentences.
    """

    files: dict[str, str | bytes]
    edits: list[str]


@dataclass(frozen=True)
class _Task:
    number: int
    name: str
    input: dict[str, bytes]
    reference: dict[str, bytes]
    scoring: dict[str, bytes]
    ingestion: dict[str, bytes]


def read_bundle(bundle: Path, sample: Path | None = None) -> Imported:
    """Return the challenge that a bundle describes.

    Parameters
    ----------
    bundle : Path
        A zip, or a folder with ``competition.yaml``.
    sample : Path, optional
        A submission that is known to score, zip or folder; by default the first of the bundle's solutions.

    Raises
    ------
    ChallengeError
        Names the field of ``competition.yaml``.
    """
    with _unpacked(bundle) as folder:
        return _Bundle(folder).read(sample)


@contextmanager
def _unpacked(bundle: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="lumbung-bundle-") as scratch:
        folder = bundle
        if not bundle.is_dir():
            try:
                folder = unpack(bundle, Path(scratch) / "bundle")
            except (ParcelError, OSError) as error:
                raise ChallengeError(
                    str(bundle), str(error), "a Codabench bundle: a zip or a folder"
                ) from None
        yield folder


class _Bundle:
    """Reads one bundle; collects what it had to change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "competition.yaml"
        self.edits: list[str] = []
        try:
            self.told = yaml.safe_load(self.path.read_text(encoding="utf-8-sig"))
        except OSError:
            raise ChallengeError(str(folder), "no competition.yaml", "a Codabench bundle") from None
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            raise ChallengeError(str(self.path), str(error)[:200], "valid YAML in UTF-8") from None
        if not isinstance(self.told, dict) or not isinstance(self.told.get("tasks"), list):
            expected = "a bundle of version 2, with tasks (older ones are CodaLab's: convert them at Codabench first)"
            raise ChallengeError(str(self.path), "no list of tasks", expected)
        try:
            msgspec.convert(self.told, _Told)
        except (msgspec.ValidationError, RecursionError) as error:
            raise ChallengeError(str(self.path), str(error), "what a bundle of version 2 has there") from None

    def read(self, sample: Path | None) -> Imported:
        tasks = [self._task(number, told) for number, told in enumerate(self.told["tasks"])]
        first, later = tasks[0], tasks[1:]
        for task in list(later):
            if task.scoring != first.scoring or task.ingestion != first.ingestion:
                self.edits.append(
                    f"task {task.number} has programs of its own and is left out; import it by itself"
                )
                later.remove(task)
        figures, ranks, better = self._figures()
        asks = any(task.input for task in tasks) and bool(first.ingestion)
        files: dict[str, str | bytes] = {
            "challenge.toml": self._toml(figures, ranks, better, first, asks=asks, private=bool(later)),
            **self._items([first], asks=asks),
            **{f"private/{name}": content for name, content in self._items(later, asks=asks).items()},
            "metric/metric.py": (PROGRAMS / "metric.py").read_bytes(),
            "metric/bundle.json": json.dumps({"command": self._command(first.scoring, "scoring_program"), "figures": figures}, indent=1),
            **{f"metric/program/{name}": content for name, content in self._moved(first.scoring, "scoring_program").items()},
            **{f"pages/{path.name}": path.read_bytes() for path in self._pages()},
        }  # fmt: skip
        team = "submissions/accepted/sample"
        files[f"{team}/solution.py"] = (PROGRAMS / "solution.py").read_bytes()
        files[f"{team}/expected.toml"] = (
            "starter = true   # what a team begins with: put your files into submission/\n"
        )
        files |= {
            f"{team}/submission/{name}": content for name, content in self._sample(sample, first).items()
        }
        if first.ingestion:
            moved = self._moved(first.ingestion, "ingestion_program")
            files |= {f"{team}/ingestion/{name}": content for name, content in moved.items()}
            files[f"{team}/seeded/sitecustomize.py"] = (PROGRAMS / "sitecustomize.py").read_bytes()
            self.edits.append("random and numpy.random start from seed 0: a case must score the same twice")
            command = self._command(first.ingestion, "ingestion_program")
            files[f"{team}/ingestion.json"] = json.dumps({"command": command})
        files["submissions/raised/always-fails/solution.py"] = (
            'def solve(problem):\n    raise RuntimeError("this submission always fails")\n'
        )
        return Imported(files, self.edits)

    # ------------------------------------------------------------------------------------------- tasks

    def _task(self, number: int, told: Any) -> _Task:
        where = f"{self.path}: tasks[{number}]"
        if told.get("ingestion_only_during_scoring"):
            expected = (
                "false: here a scoring program meets what was answered, never the submission while it runs"
            )
            raise ChallengeError(f"{where}.ingestion_only_during_scoring", "true", expected)
        parts = {
            name: self._files(
                f"{where}.{name}", told.get(name), needed=name in ("scoring_program", "reference_data")
            )
            for name in ("input_data", "reference_data", "scoring_program", "ingestion_program")
        }
        return _Task(
            number, str(told.get("name") or f"Task {number}"), parts["input_data"], parts["reference_data"],
            parts["scoring_program"], parts["ingestion_program"],
        )  # fmt: skip

    def _files(self, where: str, named: Any, *, needed: bool) -> dict[str, bytes]:
        """Return the files that a field names: a folder's or an archive's."""
        if named is None and not needed:
            return {}
        if not isinstance(named, str) or _KEYLIKE.fullmatch(named):
            found = "nothing" if named is None else f"{str(named)[:60]!r}, which lies at a server"
            raise ChallengeError(where, found, "a folder or zip in the bundle")
        path = self._inside(named)
        if path is None:
            raise ChallengeError(where, repr(named)[:80], "a path in the bundle")
        # A zip may have been unpacked beside its name, and a folder packed.
        for one in (path, path.with_suffix(""), path.with_name(path.name + ".zip")):
            if one.exists() and one != self.folder.resolve():
                return _content(one, where)
        raise ChallengeError(where, f"{named!r}, which is not there", "a folder or zip in the bundle")

    def _inside(self, named: str) -> Path | None:
        """Return what a path in the bundle leads to; None where it leads out of it, or is none."""
        try:
            path = (self.folder / named).resolve()
            path.exists()
        except (OSError, ValueError):  # longer than a path may be; a zero byte
            return None
        return path if path.is_relative_to(self.folder.resolve()) else None

    def _items(self, tasks: list[_Task], *, asks: bool) -> dict[str, str | bytes]:
        if not tasks:
            return {}
        files: dict[str, str | bytes] = {}
        lines = []
        for task in tasks:
            name = f"task-{task.number}"
            line = {"id": name, "reference": f"{name}/reference"} | (
                {"input": f"{name}/input"} if asks else {}
            )
            lines.append(json.dumps(line))
            files |= {
                f"files/{name}/reference/{inside}": content for inside, content in task.reference.items()
            }
            if asks:
                files |= {f"files/{name}/input/{inside}": content for inside, content in task.input.items()}
        return {"items.jsonl": "\n".join(lines) + "\n", **files}

    # ---------------------------------------------------------------------------------------- programs

    def _command(self, program: Mapping[str, bytes], which: str) -> str:
        """Return a program's command for the box: PYTHON stands for its interpreter."""
        name = next((name for name in ("metadata.yaml", "metadata.yml", "metadata") if name in program), None)
        try:
            told = yaml.safe_load(program[name].decode("utf-8", "replace")) if name is not None else None
            command = str(told["command"]) if isinstance(told, dict) and "command" in told else ""
            words = shlex.split(command)
        except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: a quotation without its end
            words = []
        if not words:
            raise ChallengeError(
                f"{self.folder}: {which}", "no command in its metadata.yaml", "command: python3 score.py"
            )
        data = "input" if which == "scoring_program" else "input_data"
        folders = {
            "$ingestion_program": "program", "$submission_program": "ingested_program", "$program": "program", "$input": data,
            "$output": "output", "$predictions": "input/res", "$tmp": "output",
        }  # fmt: skip
        for variable, place in folders.items():
            command = command.replace(variable, f"{MOVED}/{place}")
        words = shlex.split(APP.sub(MOVED, command))
        if re.fullmatch(r"python[0-9.]*", words[0]):
            words[0] = "PYTHON"
        return shlex.join(words)

    def _moved(self, program: Mapping[str, bytes], which: str) -> dict[str, bytes]:
        """Return a program's files with /app as it is in the box."""
        moved = {}
        for name, content in program.items():
            try:
                text, count = APP.subn(MOVED, content.decode())
            except UnicodeDecodeError:
                count = 0
            if count:
                self.edits.append(f"{which}/{name}: /app became {MOVED} ({count} times)")
            moved[name] = text.encode() if count else content
        return moved

    # -------------------------------------------------------------------------------------- what is told

    def _figures(self) -> tuple[dict[str, dict[str, Any]], str, str]:
        """Return the leaderboard's columns by name, the one that ranks, and which way is better."""
        boards = self.told.get("leaderboards") or []
        columns = boards[0].get("columns") if boards else None
        if not columns:
            raise ChallengeError(f"{self.path}: leaderboards", "no columns", "what the scoring program gives")
        columns = sorted(columns, key=lambda column: column.get("index", 0))
        by_index = {column.get("index", place): str(column["key"]) for place, column in enumerate(columns)}
        figures: dict[str, dict[str, Any]] = {}
        better: dict[str, str] = {}
        for column in columns:
            key = str(column["key"])
            if _CLOCKED.search(key):
                self.edits.append(
                    f"the column {key!r} is left out: a time does not repeat; evidence has its own"
                )
                continue
            name = re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")[:40] or "score"
            name = name if name[0].isalpha() else f"m_{name}"[:40]
            how: dict[str, Any] = {"key": key, "title": str(column.get("title") or key)}
            if column.get("computation") in _COMPUTED:
                of = [
                    by_index[index] for index in column.get("computation_indexes") or [] if index in by_index
                ]
                how |= {"of": of or [k for k in by_index.values() if k != key], "by": column["computation"]}
            figures[name], better[name] = how, "lower" if str(column.get("sorting")) == "asc" else "higher"
        if not figures:
            raise ChallengeError(f"{self.path}: leaderboards", "times alone", "a column that repeats")
        ranks = next(iter(figures))
        return {name: how | {"better": better[name]} for name, how in figures.items()}, ranks, better[ranks]

    def _pages(self) -> Iterator[Path]:
        for page in self.told.get("pages") or []:
            path = self._inside(page.get("file", ""))
            if path is not None and path.is_file():
                yield path

    def _sample(self, sample: Path | None, first: _Task) -> dict[str, bytes]:
        if sample is not None:
            return _content(sample, "--sample")
        for number, solution in enumerate(self.told.get("solutions") or []):
            if first.number in (solution.get("tasks") or [first.number]):
                return self._files(
                    f"{self.path}: solutions[{number}].path", solution.get("path"), needed=True
                )
        raise ChallengeError(
            f"{self.path}: solutions", "none", "a submission that is known to score: --sample FILE"
        )

    def _toml(
        self,
        figures: Mapping[str, Mapping[str, Any]],
        ranks: str,
        better: str,
        first: _Task,
        *,
        asks: bool,
        private: bool,
    ) -> str:
        title, summary = (
            str(self.told.get("title") or "untitled"),
            str(self.told.get("description") or first.name),
        )
        phases = self.told.get("phases") or []
        seconds = max([float(phase.get("execution_time_limit") or 600) for phase in phases] or [600.0])
        declared = "\n".join(
            f'[options.metric.figures.{name}]\nbetter = "{how["better"]}"\n'
            f"text = {{ en = {_text(how['title'])}, id = {_text('kolom ' + how['title'])}, zh = {_text(how['title'] + ' 列')} }}\n"
            for name, how in figures.items()
        )
        return TOML.format(
            en=_text(f"{title} (from Codabench)"), id=_text(f"{title} (dari Codabench)"), zh=_text(f"{title}（来自 Codabench）"),
            summary_en=_text(" ".join(summary.split())[:300]), seconds=seconds,
            data='data = ["pages/**"]\n' if any(True for _ in self._pages()) else "",
            fields='input = "folder"' if asks else "", figures=declared, rank=ranks, better=better,
            final=FINAL if private else "",
        )  # fmt: skip


TOML = """\
schema = 1
id = "{{id}}"
version = 1
sector = "files"
judge = "files.answers"
judge_version = 1
home = "ID"
licence = "as the bundle's authors say"
{data}
[title]
en = {en}
id = {id}
zh = {zh}

[summary]
en = {summary_en}
id = "Diimpor dari bundel Codabench; penjelasannya ada di pages/."
zh = "由 Codabench 竞赛包导入，说明见 pages/。"

[options]
items = "items.jsonl"      # a task is an item; private/ holds later tasks: take it to your node, it never leaves this folder
media = "files"
answer = "files"
target = "reference"
blocks = 1000              # each task is a case

[options.fields]
{fields}

[options.metric]
folder = "metric"
seconds = 300.0
memory_mb = 2048

{figures}
[limits]
message_s = {seconds}
total_s = {seconds}
cpu_s = {seconds}
memory_mb = 4096

[ranking]
metric = "{rank}"
better = "{better}"

[egress]
rule = "aggregate"
min_cases = 1              # a task is one case: think what its one figure tells before private ones are judged
min_rows = 1
legal_basis = ""

[[phases]]
id = "practice"
title = {{ en = "Practice", id = "Latihan", zh = "练习" }}
{final}"""
FINAL = """
[[phases]]
id = "final"
cases = "private"
title = { en = "Final", id = "Babak final", zh = "决赛" }
"""


def _content(path: Path, where: str) -> dict[str, bytes]:
    """Return the files of a folder or an archive, by path; links are left where they are."""
    with tempfile.TemporaryDirectory(prefix="lumbung-part-") as scratch:
        folder = path
        if path.is_file():
            try:
                folder = unpack(path, Path(scratch) / "part")
            except (ParcelError, OSError) as error:
                raise ChallengeError(f"{where}: {path.name}", str(error), "a zip") from None
        if not folder.is_dir():
            raise ChallengeError(where, f"{path.name}, which is not there", "a folder or zip")
        return {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in sorted(folder.rglob("*"))
            if file.is_file()
            and not file.is_symlink()
            and "__MACOSX" not in file.parts
            and file.name != ".DS_Store"
        }


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace(
        "\x7f", "\\u007f"
    )  # the one that JSON has bare and TOML not
