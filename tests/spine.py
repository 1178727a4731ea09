"""The spine at work: pieces of known end, handed in at a real centre, judged by real nodes, followed to what is shown.

A piece is a submission with the end it must come to. The shipped challenges bring theirs along (``submissions/VERDICT``),
found through the catalogue, so that a challenge joins by being shipped. The shelf ``tests/failing`` brings the rest:
``judges/`` are judges named by what is broken in them, each with the end it must come to in its first lines, and
``guess/`` is a challenge whose submissions fail while they load.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sqlite3
import tarfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from click.testing import CliRunner, Result
from wasmtime import wat2wasm

from foreign_programs import (
    ELSEWHERE,
    EXAMPLES,
    GUESS_IN_WEBASSEMBLY,
    NO_FRAMES_IN_WEBASSEMBLY,
    NoCompiler,
    executable_for,
)
from live_league import LiveLeague, wait_for
from lumbung.cli import main
from lumbung.node.folder import Accepted, NodeFolder
from lumbung.proving.catalogue import shipped_challenges
from lumbung.proving.challenge import ChallengeFolder, read_challenge
from lumbung.proving.evidence import reopen_evidence
from lumbung.proving.known_verdicts import known_submissions

TESTS = Path(__file__).parent
SHELF = TESTS / "failing"
TEAM = "spine"
LANGUAGES = {"en": "en", "id": "id", "zh": "zh-hans"}
OVER = ("scored", "faulted", "withdrawn")
# The longest that anything on the shelf may compute, and the most it may hold: small, so that hangs are soon over.
JUDGING_S = 10.0
JUDGING = f"[judging]\ncase_s = {JUDGING_S}\nmemory_mb = 384\n"


@dataclass(frozen=True)
class Piece:
    """A submission and the end it must come to.

    Attributes
    ----------
    challenge, name : str
    path : Path
        Of the submission.
    owner, code : str
        Of the fault; both empty for a score.
    finding : str
        The code of what the challenge's owner hears though the run is scored.
    says : tuple of str
        What the challenge's owner must find in the words about it.
    """

    challenge: str
    name: str
    path: Path
    owner: str = ""
    code: str = ""
    finding: str = ""
    says: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.challenge}/{self.name}"


@dataclass
class End:
    """How a piece ended, as its team and the challenge's owner see it.

    Attributes
    ----------
    state : str
        ``scored``, ``faulted``, ``refused`` (at the counter), or what it was when the patience ended.
    owner, code : str
    reasons : dict of str to str
        Language to the sentence shown.
    words : str
        What the challenge's owner reads besides.
    finding : str
    signed : bool
        Whether there is evidence.
    verified : bool
        Whether ``lumbung verify`` says that it holds.
    isolation : str
    machine : str
        Of the environment in the evidence.
    figures : str
        What the evidence tells of each case.
    after_fault_s, after_lease_s : float
        Seconds to the shown end, since the node noted the fault, and since it took the run.
    """

    piece: Piece
    state: str
    owner: str = ""
    code: str = ""
    reasons: dict[str, str] = field(default_factory=dict)
    words: str = ""
    finding: str = ""
    signed: bool = False
    verified: bool = False
    verdict: str = ""
    isolation: str = ""
    machine: str = ""
    figures: str = ""
    after_fault_s: float = 0.0
    after_lease_s: float = 0.0

    @property
    def waited_s(self) -> float:
        """What a time-out on the shelf had to wait for before it was one [s]."""
        if self.code == "judge_timed_out":
            return JUDGING_S
        return 2.0 if self.code == "timed_out" and self.piece.challenge == "guess" else 0.0

    def wrong(self) -> list[str]:
        """Return what is not as it must be, in words."""
        piece, found = self.piece, []
        expected = ("faulted" if piece.code else "scored", piece.owner, piece.code)
        looked_at = ("no_entry_point", "not_readable", "program_unusable")
        at_the_counter = self.state == "refused" and piece.code in looked_at
        if not at_the_counter and (self.state, self.owner, self.code) != expected:
            found.append(f"ended {self.state} {self.owner} {self.code}, expected {' '.join(expected)}")
        if piece.code and (len(set(self.reasons.values())) < 3 or any(map(_wanting, self.reasons.values()))):
            found.append(f"reasons in three languages: {self.reasons}")
        if self.finding != piece.finding:
            found.append(f"finding {self.finding!r}, expected {piece.finding!r}")
        missing = [word for word in piece.says if word not in self.words]
        if missing:
            found.append(f"the owner's words lack {missing}: {self.words[:300]!r}")
        if "Traceback" in self.words:
            found.append(f"a traceback for the owner: {self.words[:300]!r}")
        if self.signed and not self.verified:
            found.append(f"signed, and does not verify: {self.verdict}")
        if self.signed and self.isolation == "none":
            found.append("judged without a sandbox, says the evidence")
        if self.state == "scored" and not self.signed:
            found.append("a score without evidence")
        return found


def _wanting(reason: str) -> bool:
    return not reason.strip() or "?" in reason or "{" in reason or "no words for" in reason


def shipped_pieces() -> list[Piece]:
    """List every submission of known verdict of every shipped challenge."""
    found = []
    for name, folder in shipped_challenges().items():
        for known in known_submissions(read_challenge(folder)):
            fault = "" if known.verdict == "accepted" else known.verdict
            found.append(Piece(name, known.name, known.path, "submission" if fault else "", fault))
    return found


def loading_pieces() -> list[Piece]:
    """List the shelf's submissions that fail while they load."""
    found = []
    for known in known_submissions(read_challenge(SHELF / "guess")):
        fault = "" if known.verdict == "accepted" else known.verdict
        found.append(Piece("guess", known.name, known.path, "submission" if fault else "", fault))
    return found


def judges() -> dict[str, str]:
    """Return the shelf's judges and their entry points."""
    found = {}
    for file in sorted((SHELF / "judges").glob("*.py")):
        named = re.search(r"^# entry point: (\S+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        found[file.stem] = named[1] if named else f"failing.judges.{file.stem}:Judge"
    return found


def judge_pieces() -> list[Piece]:
    """List a good submission for each of the shelf's judges; the first lines of the judge's file say how it must end."""
    found = []
    for attack in judges():
        lines = (SHELF / "judges" / f"{attack}.py").read_text(encoding="utf-8").splitlines()
        owner, _, code = lines[0].removeprefix("# expected: ").partition(" ")
        says = tuple(lines[1].removeprefix("# says: ").split("; ")) if lines[1].startswith("# says: ") else ()
        name, good = attack.replace("_", "-"), SHELF / "guess" / "submissions" / "accepted" / "middle"
        if owner == "scored":
            found.append(Piece(name, attack, good, finding=code, says=says))
        else:
            found.append(Piece(name, attack, good, owner, code, says=says))
    return found


def posts(shipped: Sequence[Piece], judged: Sequence[Piece]) -> dict[str, list[str]]:
    """Deal the challenges out: two nodes for the shipped ones, two for the shelf, since much of the time is waited."""
    sectors, shelf = sorted({piece.challenge for piece in shipped}), [piece.challenge for piece in judged]
    dealt = {
        "sector-node-1": sectors[::2],
        "sector-node-2": sectors[1::2],
        "shelf-node-1": ["guess", *shelf[::2]],
        "shelf-node-2": ["guess", *shelf[1::2]],
    }
    return {name: challenges for name, challenges in dealt.items() if challenges}


def program_pieces(folder: Path) -> list[Piece]:
    """Write submissions in other languages into *folder*: the examples as far as their compilers are here, and bad ones."""
    found = []
    for name, make in EXAMPLES.items():
        with contextlib.suppress(NoCompiler):
            found.append(Piece("traffic-counts", f"in-{name}", make(folder / name)))
    for name, code, files in (
        ("in-webassembly", "", {"guess.wasm": wat2wasm(GUESS_IN_WEBASSEMBLY)}),
        ("cut-module", "program_unusable", {"guess.wasm": wat2wasm(GUESS_IN_WEBASSEMBLY)[:-9]}),
        ("speaks-no-frames", "malformed_message", {"guess.wasm": wat2wasm(NO_FRAMES_IN_WEBASSEMBLY)}),
        ("for-another-machine", "program_unusable", {"solution": executable_for(ELSEWHERE)}),
    ):
        (folder / name).mkdir()
        for file, content in files.items():
            (folder / name / file).write_bytes(content)
            (folder / name / file).chmod(0o755)
        if "guess.wasm" in files:
            (folder / name / "submission.toml").write_text('[run]\nmodule = "guess.wasm"\n')
        found.append(Piece("guess", name, folder / name, "submission" if code else "", code))
    return found


def good_piece() -> Piece:
    """The submission that waits behind a bad one."""
    return Piece("guess", "behind", SHELF / "guess" / "submissions" / "accepted" / "middle")


def pack(folder: Path) -> bytes:
    """Return a tar of a folder or of one file, with modes, as a person's tar would make it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(folder, arcname="." if folder.is_dir() else folder.name)
    return packed.getvalue()


class Spine:
    """A centre and its nodes as processes, with the challenges of *pieces* open.

    Parameters
    ----------
    folder : Path
    nodes : dict of str to sequence of str
        Node to the challenges it judges.
    """

    def __init__(self, folder: Path, nodes: dict[str, Sequence[str]]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        installed = installed_judges(folder / "installed")
        self.league = LiveLeague(folder, {"PYTHONPATH": f"{installed}:{TESTS}"})
        posed = dict.fromkeys(name for part in nodes.values() for name in part)
        self.challenges = {name: _short(name, folder / "challenges") for name in posed}
        self.nodes, self.deaths = nodes, dict.fromkeys(nodes, 0)

    def __enter__(self) -> Spine:
        try:
            self.league.start_centre()
            self.league.prepare(TEAM)
            for found in self.challenges.values():
                self.pose(found)
            for name, part in self.nodes.items():
                self._set_up(name, [self.challenges[challenge] for challenge in part])
                self.league.start_node(name)
            for name in self.nodes:
                log = self.league.folder / f"{name}.log"
                wait_for(lambda log=log: log.is_file() and "works for" in log.read_text(), 120)
        except BaseException:
            self.league.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.league.stop()

    def pose(self, found: ChallengeFolder) -> None:
        """Pose and open a challenge by ``lumbung pose``."""
        words = ["pose", str(found.folder), "--organisation", "kota", "--open"]
        done = self._lumbung(*words, "--centre", self.league.url, "--token", self.league.token)
        assert done.exit_code == 0, done.output

    def _lumbung(self, *words: str) -> Result:
        """Run a command in this process, as a person with a home of their own; starting one for each would take minutes."""
        home = str(self.league.folder / "reader")
        return CliRunner().invoke(main, words, env={"LUMBUNG_HOME": home, "LUMBUNG_LANGUAGE": "en"})

    def _set_up(self, name: str, found: Sequence[ChallengeFolder]) -> None:
        """As its operator would; the challenges are accepted in one stroke where there are many."""
        league = self.league
        code = league.call("POST", "/organisations/kota/enrol-node")["code"]
        league.run("node", "init", name, "--country", "ID", "--workers", "1", home=name)
        if len(found) <= 8:
            for one in found:
                league.run("node", "accept", one.folder, home=name)
        else:
            folder = NodeFolder(league.folder / name / "node")
            accepted = {
                one.challenge.id: Accepted(
                    one.digest, one.challenge.egress.rule, one.challenge.egress.min_cases,
                    one.challenge.egress.digits, private=False,
                )
                for one in found
            }  # fmt: skip
            settings = folder.settings()
            folder.write_settings(type(settings)(settings.name, settings.country, "", 1, accepted))
        league.run("node", "join", league.url, code, home=name)

    def play(self, pieces: Sequence[Piece], *, patience_s: float = 420.0) -> list[End]:
        """Hand all *pieces* in, one after the other, and follow each to its end."""
        ends: list[End] = []
        waiting: dict[str, tuple[str, End]] = {}
        for piece in pieces:
            answer = self._hand_in(piece, "en")
            end = End(piece, "queued")
            ends.append(end)
            if answer.status_code >= 400:
                end.state, end.owner, end.code = "refused", piece.owner, piece.code
                end.reasons = {
                    short: self._hand_in(piece, asked).json()["detail"] for short, asked in LANGUAGES.items()
                }
            else:
                body = answer.json()
                waiting[body["runs"][0]["run"]] = (body["submission"], end)
        self._wait(waiting, patience_s)
        with httpx.Client(base_url=self.league.url + "/api", timeout=30) as http:
            for run, (submission, end) in waiting.items():
                self._look(http, run, submission, end)
        return ends

    def _hand_in(self, piece: Piece, language: str) -> httpx.Response:
        return httpx.post(
            f"{self.league.url}/api/submissions",
            headers={"Authorization": f"Bearer {self.league.token}", "Accept-Language": language},
            data={"team": TEAM, "challenge": piece.challenge, "phase": "practice", "name": piece.name[-60:]},
            files={"archive": ("upload.tar.gz", pack(piece.path))},
            timeout=30,
        )

    def _wait(self, waiting: dict[str, tuple[str, End]], patience_s: float) -> None:
        until, open_ = time.monotonic() + patience_s, set(waiting)
        with self._database() as database:
            while open_ and time.monotonic() < until:
                time.sleep(0.2)
                marks = ",".join("?" * len(open_))
                rows = database.execute(
                    f"SELECT token, state, leased, ended FROM runs_run WHERE token IN ({marks})",
                    list(open_),
                ).fetchall()
                for token, state, leased, ended in rows:
                    end = waiting[token][1]
                    end.state = state
                    if state in OVER:
                        open_.discard(token)
                        # From the moment that the centre has the end, its page and its API show it.
                        shown, taken = _moment(ended), _moment(leased)
                        end.after_lease_s = shown - taken
                        end.after_fault_s = max(0.0, shown - max(taken, self._noted(token)))
                self._count_deaths()

    def _noted(self, run: str) -> float:
        """When the node wrote down the last outcome of a run; 0 where it wrote none."""
        files = [
            file.stat().st_mtime
            for name in self.nodes
            for file in (self.league.folder / name / "node" / "runs" / run / "outcomes").glob("*.json")
        ]
        return max(files, default=0.0)

    @contextlib.contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        path = self.league.folder / "centre" / "centre.sqlite3"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
            yield database

    def _count_deaths(self) -> None:
        """A node that died is counted, and started again so that the rest is seen too."""
        for name in self.nodes:
            process = self.league.processes[name]
            if process.poll() is not None:
                self.deaths[name] += 1
                self.league.kill(name)
                self.league.start_node(name)

    def _look(self, http: httpx.Client, run: str, submission: str, end: End) -> None:
        """See what its team and the challenge's owner see, and verify what was signed."""
        for short, asked in LANGUAGES.items():
            headers = {"Authorization": f"Bearer {self.league.token}", "Accept-Language": asked}
            (shown,) = http.get(f"/submissions/{submission}", headers=headers).json()["runs"]
            end.reasons[short] = shown["reason"] or ""
        end.owner, end.code = shown["fault_owner"] or "", shown["fault_code"] or ""
        described = http.get(f"/runs/{run}", headers=headers).json()
        end.words = str(described.get("words") or "")
        end.finding = str(described.get("finding") or "")
        evidence = http.get(f"/runs/{run}/evidence", headers=headers)
        end.signed = evidence.status_code == 200
        if end.signed:
            file = self.league.folder / "evidence" / f"{run}.json"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(evidence.content)
            end.verified, end.verdict, end.isolation = self.verify(file, end.piece)
            told = reopen_evidence(evidence.content)
            end.machine, end.figures = told.environment.machine if told.environment else "", repr(told.rows)

    def verify(self, evidence: Path, piece: Piece) -> tuple[bool, str, str]:
        """Let ``lumbung verify`` say whether *evidence* holds; return that, its words, and the isolation it names."""
        words = ["verify", str(evidence), "--challenge", str(self.challenges[piece.challenge].folder)]
        words += ["--submission", str(piece.path)]
        for name in self.nodes:
            words += ["--key", str(self.league.folder / name / "node" / "keys" / "signing.pub")]
        done = self._lumbung(*words)
        said = done.output + (repr(done.exception) if done.exception and done.exit_code == 1 else "")
        isolation = re.search(r"isolation (\w+)", said)
        return done.exit_code == 0, said, isolation[1] if isolation else ""

    def said(self, name: str) -> str:
        """Return what a node wrote."""
        return (self.league.folder / f"{name}.log").read_text(errors="replace")


def _moment(stored: str) -> float:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC).timestamp()


def installed_judges(folder: Path) -> Path:
    """Make the shelf's judges known as an installed package would; *folder* and `TESTS` then belong on the path."""
    about = folder / "failing_judges-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: failing-judges\nVersion: 1\n")
    points = "".join(f"failing.{name} = {value}\n" for name, value in judges().items())
    (about / "entry_points.txt").write_text("[lumbung.judges]\n" + points)
    return folder


def shelf_challenge(name: str, folder: Path) -> ChallengeFolder:
    """Write a challenge of the shelf into *folder*/*name*: ``guess``, or the same with one of the judges that fail."""
    target = folder / name
    good = SHELF / "guess" / "submissions" / "accepted"
    shutil.copytree(good, target / "submissions" / "accepted", ignore=shutil.ignore_patterns("__pycache__"))
    text = (SHELF / "guess" / "challenge.toml").read_text(encoding="utf-8")
    if name != "guess":
        judge = f"failing.{name.replace('-', '_')}"
        text = text.replace('id = "guess"', f'id = "{name}"').replace("failing.good", judge)
    text = text.replace("[egress]", JUDGING + "\n[egress]")
    (target / "challenge.toml").write_text(text, encoding="utf-8")
    return read_challenge(target)


def _short(name: str, folder: Path) -> ChallengeFolder:
    """Copy a challenge; its practice is then judged on the cases that ``lumbung check`` uses, its day has no limit."""
    target = folder / name
    shipped = shipped_challenges()
    if name in shipped:
        shutil.copytree(shipped[name], target, ignore=shutil.ignore_patterns("submissions", "__pycache__"))
    else:
        target.mkdir(parents=True)
        text = (SHELF / "guess" / "challenge.toml").read_text(encoding="utf-8")
        if name != "guess":
            judge = f"failing.{name.replace('-', '_')}"
            text = text.replace('id = "guess"', f'id = "{name}"').replace("failing.good", judge)
        (target / "challenge.toml").write_text(
            text.replace("[egress]", JUDGING + "\n[egress]"), encoding="utf-8"
        )
    file = target / "challenge.toml"
    check = read_challenge(target).challenge.check
    seeds = f", seeds = {check.seeds}" if check.seeds else ""
    text = re.sub(r"(?m)^daily_limit = \d+$", "daily_limit = 1000", file.read_text(encoding="utf-8"))
    part = f'id = "practice"\npart = {{ cases = "{check.cases}"{seeds} }}'
    file.write_text(text.replace('id = "practice"', part), encoding="utf-8")
    found = read_challenge(target)
    practice = next(phase for phase in found.challenge.phases if phase.id == "practice")
    assert (practice.part.cases, practice.part.seeds) == (check.cases, check.seeds), file
    assert practice.daily_limit == 1000, file
    return found
