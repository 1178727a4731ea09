"""Mutation testing of the spine: change one thing in `proving` or `node`, and ask whether a test notices.

    make mutants                              # every mutant
    make mutants ARGS="--sample 600 --seed 1" # so many, each module by its share
    make mutants ARGS="--only lumbung.proving.run"

Mutants are mutmut's: a number one higher, a comparison turned, an argument dropped, a condition forced, a string altered.
Each is tried by the tests that call the changed function, the quickest first, until one fails. Which call it is
noted once, in the worker processes too, and only tests are asked that take little time by themselves: studies and leagues of
real processes are left to CI. A mutant lives in a fork of a process that has collected the tests, so that it costs
little more than the tests it runs.

Not mutated: what a person reads (strings with a blank in them, faults' wording), annotations, defaults of arguments, what runs
inside the box (`table_reader`), and what `proving` hands out to be edited (`first_judge`).

What was found lies in ``lumbung-out/mutants`` and is not tried again: a killed mutant until its function changes, a
survivor until a test does. The whole takes hours of one processor; interrupt it as you like.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import difflib
import gc
import hashlib
import importlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOOK = Path(__file__).with_name("mutation_hook")
OUT = ROOT / "lumbung-out/mutants"
MUTMUT = "mutmut==3.8.1"


def _fetch_mutmut() -> None:
    """Put mutmut where this process alone finds it: in an environment laid over ours no box would open."""
    site = OUT / "site"
    if not (site / "mutmut").is_dir():
        print(f"installing {MUTMUT} into {site}")
        uv = os.environ.get("UV", "uv")
        subprocess.run([uv, "pip", "install", "--quiet", "--target", site, MUTMUT], check=True)
    sys.path.append(str(site))


_fetch_mutmut()
sys.path.insert(0, str(HOOK))

import libcst as cst  # noqa: E402
from libcst.metadata import MetadataWrapper, PositionProvider  # noqa: E402
from mutmut.mutation.mutators import mutation_operators  # noqa: E402
from sitecustomize import HITS, MUTANT, Mutated, trace  # noqa: E402

ROOMS = ("proving", "node")
IN_THE_BOX = "proving/table_reader/solution.py"
TESTS = ("tests/proving", "tests/node")
ASKED = 0.85
ALONE_S = 2.5
"""A test that computes longer than this is not asked [s of processor]."""
LOADED = ("sklearn.metrics", "pyarrow.parquet")
"""What the rooms load at first use: here once for all, or every mutant that plays a case would pay for it."""
PER_MUTANT_S = 8.0
"""No more tests are asked of a mutant once they computed so long [s of processor]."""
PATIENCE_S = 240.0
"""A mutant that has not ended after this and forty times what its tests compute hangs [s]. One that computes without end is
found by its processor's time, however busy the machine."""


# ------------------------------------------------------------------------------------------------ mutants


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One change of one function.

    Attributes
    ----------
    module, function : str
    number : int
        Of the changes of this function.
    line : int
        Where the function begins, as its code object says.
    digest : str
        Of the function as it is.
    within, original, changed : CSTNode
        The function, what is changed in it, and into what.
    """

    module: str
    function: str
    number: int
    line: int
    digest: str
    within: cst.CSTNode
    original: cst.CSTNode
    changed: cst.CSTNode

    def __str__(self) -> str:
        return f"{self.module}.{self.function}#{self.number}"


class Source:
    """A module of the package, and what may be changed in it.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = name_of(path)
        self.text = path.read_text(encoding="utf-8")
        wrapper = MetadataWrapper(cst.parse_module(self.text))
        self.tree = wrapper.module
        self._positions = wrapper.resolve(PositionProvider)
        self.sentences = 0
        self.mutants = [
            mutant for found in self._functions(self.tree.body, "") for mutant in self._of(*found)
        ]

    def _functions(self, body: Sequence[cst.CSTNode], within: str) -> Iterator[tuple[str, cst.FunctionDef]]:
        for statement in body:
            if isinstance(statement, cst.FunctionDef):
                yield within + statement.name.value, statement
            elif isinstance(statement, cst.ClassDef):
                yield from self._functions(statement.body.body, f"{within}{statement.name.value}.")

    def _of(self, name: str, function: cst.FunctionDef) -> Iterator[Mutant]:
        first = function.decorators[0] if function.decorators else function
        line = self._positions[first].start.line
        digest = hashlib.sha256(self.tree.code_for_node(function).encode()).hexdigest()[:16]
        changes = _Changes()
        function.body.visit(changes)
        self.sentences += changes.sentences
        for number, (original, changed) in enumerate(changes.found):
            yield Mutant(self.name, name, number, line, digest, function, original, changed)

    def mutated(self, mutant: Mutant) -> str:
        """Return the whole source with one change."""
        tree = self.tree.visit(_Replacing(mutant.within, mutant.original, mutant.changed))
        assert isinstance(tree, cst.Module)
        return tree.code

    def difference(self, mutant: Mutant) -> str:
        """Return what a mutant changes, line by line."""
        before, after = self.text.splitlines(), self.mutated(mutant).splitlines()
        lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
        return "\n".join(
            f"    {line[0]} {line[1:].strip()}" if line[0] in "+-" else f"    line {line.split()[1][1:]}"
            for line in lines
        )


def name_of(path: Path) -> str:
    """Return a module's name."""
    return ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")


class _Changes(cst.CSTVisitor):
    """Collects (node, changed node) of what may be changed below a node."""

    def __init__(self) -> None:
        self.found: list[tuple[cst.CSTNode, cst.CSTNode]] = []
        self.sentences = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(
            node, cst.Annotation | cst.Decorator | cst.Import | cst.ImportFrom | cst.Global | cst.Nonlocal
        ):
            return False
        if isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString | cst.ConcatenatedString):
            return False  # a docstring
        if (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Name)
            and node.func.value in ("len", "isinstance", "cast")
        ):
            return False
        if isinstance(node, cst.SimpleString) and " " in node.raw_value.strip():
            self.sentences += 1
            return False
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                self.found += [
                    (node, changed) for changed in operator(node) if isinstance(changed, cst.CSTNode)
                ]
        return True


class _Replacing(cst.CSTTransformer):
    def __init__(self, within: cst.CSTNode, old: cst.CSTNode, new: cst.CSTNode) -> None:
        self._within, self._old, self._new, self._inside = within, old, new, False

    def on_visit(self, node: cst.CSTNode) -> bool:
        if node is self._within:
            self._inside = True
        return node is not self._old and (
            self._inside or isinstance(node, cst.Module | cst.ClassDef | cst.IndentedBlock)
        )

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:
        if original_node is self._within:
            self._inside = False
        return self._new if original_node is self._old else updated_node


def sources(only: str) -> list[Source]:
    """Read the modules of both rooms."""
    package = ROOT / "src/lumbung"
    found = []
    for path in sorted(path for room in ROOMS for path in (package / room).rglob("*.py")):
        if "first_judge" in path.parts or str(path.relative_to(package)) == IN_THE_BOX:
            continue
        if name_of(path).startswith(only):
            found.append(Source(path))
    return found


def sampled(found: Sequence[Source], size: int, seed: int) -> list[Mutant]:
    """Draw mutants, of each module as many as its share of all (by largest remainders); all where *size* is 0.

    A larger sample of the same seed holds a smaller one but for roundings, so that it can go on from there.
    """
    total = sum(len(source.mutants) for source in found)
    if not 0 < size < total:
        return [mutant for source in found for mutant in source.mutants]
    shares = [len(source.mutants) * size / total for source in found]
    counts = [int(share) for share in shares]
    by_remainder = sorted(range(len(found)), key=lambda index: counts[index] - shares[index])
    for index in by_remainder[: size - sum(counts)]:
        counts[index] += 1
    drawn = []
    for source, count in zip(found, counts, strict=True):
        order = list(source.mutants)
        random.Random(f"{seed} {source.name}").shuffle(order)
        drawn += order[:count]
    return drawn


# --------------------------------------------------------------------------------------------- trying them


def _code_of(code: CodeType, function: str, line: int) -> CodeType | None:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_qualname == function and constant.co_firstlineno == line:
                return constant
            inner = _code_of(constant, function, line)
            if inner is not None:
                return inner
    return None


def living() -> dict[tuple[str, str, int], list[FunctionType]]:
    """Find the functions of this process, by file, name and line: the same one may be held under many names."""
    found = defaultdict(list)
    for held in gc.get_objects():
        if isinstance(held, FunctionType):
            code = held.__code__
            found[code.co_filename, code.co_qualname, code.co_firstlineno].append(held)
    return found


def become(
    mutant: Mutant,
    source: Source,
    functions: Mapping[tuple[str, str, int], list[FunctionType]],
    scratch: Path,
) -> bool:
    """Change the function in this process and in every process that it starts; False where nothing would change."""
    text = source.mutated(mutant)
    before, after = (
        _code_of(compile(one, str(source.path), "exec", dont_inherit=True), mutant.function, mutant.line)
        for one in (source.text, text)
    )
    if after is None:
        raise LookupError(f"{mutant}: no such function at line {mutant.line}")
    if before == after:
        return False
    file = scratch / "mutant.py"
    file.write_text(text, encoding="utf-8")
    os.environ[MUTANT] = f"{mutant.module}={file}"
    if mutant.module not in sys.modules:
        sys.meta_path.insert(0, Mutated(mutant.module, text))
    for function in functions.get((str(source.path), mutant.function, mutant.line), ()):
        function.__code__ = after
    return True


class Trial:
    """A pytest session that tries mutants instead of running its tests once.

    Parameters
    ----------
    found : sequence of Source
    mutants : sequence of Mutant
    folder : Path
        Where it is noted what was found.
    workers : int
    """

    def __init__(
        self, found: Sequence[Source], mutants: Sequence[Mutant], folder: Path, workers: int
    ) -> None:
        self.sources = {source.name: source for source in found}
        self.mutants, self.folder, self.workers = mutants, folder, workers
        self.results: dict[str, dict[str, object]] = {}
        self._failed: str | None = None
        self._note: Callable[[str, str], None] = lambda file, function: None

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed = report.nodeid

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Iterator[None]:
        """What a fixture of a whole file calls is called for all the file's tests."""
        kept, shared = self._note, fixturedef.scope != "function"
        if shared:
            self._note = lambda file, function: self._calls["*"].add((file, function))
        try:
            return (yield)
        finally:
            self._note = kept

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        for module in LOADED:
            importlib.import_module(module)
        self.tests = hashlib.sha256(
            b"".join(path.read_bytes() for path in sorted((ROOT / "tests").rglob("*.py")) if path.is_file())
        ).hexdigest()[:16]
        self.record = self._recorded()
        self.functions = living()
        gc.freeze()
        self._try_all()
        return True

    # ............................................................................. which tests call what

    def _recorded(self) -> dict[str, dict[str, object]]:
        file = self.folder / "record.json"
        known = json.loads(file.read_bytes()) if file.exists() else {}
        stamp = self._stamp()
        fresh = {name: entry for name, entry in known.items() if entry["stamp"] == stamp.get(_file_of(name))}
        missing = [name for name in self.items if name not in fresh]
        if missing:
            print(f"noting what {len(missing)} tests call")
            self._in_a_child(lambda: self._record(missing, file, fresh, stamp))
            fresh = json.loads(file.read_bytes())
        return {name: entry for name, entry in fresh.items() if name in self.items}

    def _stamp(self) -> dict[str, str]:
        return {
            file: hashlib.sha256((ROOT / file).read_bytes()).hexdigest()[:16]
            for file in {_file_of(name) for name in self.items}
        }

    def _record(self, names: list[str], file: Path, known: dict[str, object], stamp: dict[str, str]) -> None:
        hits, of_file = self.folder / "hits.tsv", defaultdict(set)
        items = [self.items[name] for name in names]
        for item, following in zip(items, [*items[1:], None], strict=True):
            self._calls: dict[str, set[tuple[str, ...]]] = defaultdict(set)
            self._failed = None
            hits.write_text("")
            os.environ[HITS] = str(hits)
            self._note = lambda path, function: self._calls[""].add((path, function))
            trace(lambda path, function: self._note(path, function))
            before = os.times()
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            after = os.times()
            sys.settrace(None)
            elsewhere = {tuple(one.split("\t")) for one in hits.read_text().splitlines()}
            of_file[_file_of(item.nodeid)] |= self._calls["*"]
            known[item.nodeid] = {
                "stamp": stamp[_file_of(item.nodeid)],
                "passed": self._failed is None,
                "processor_s": sum(after[:4]) - sum(before[:4]),
                "calls": sorted(self._calls[""] | elsewhere | of_file[_file_of(item.nodeid)]),
            }
        file.write_text(json.dumps(known))

    def _in_a_child(self, work: Callable[[], None]) -> None:
        child = os.fork()
        if child == 0:
            _quiet()
            try:
                work()
            except BaseException:
                import traceback

                (self.folder / "failed.txt").write_text(traceback.format_exc())
                os._exit(1)
            os._exit(0)
        if os.waitpid(child, 0)[1]:
            raise SystemExit(f"see {self.folder / 'failed.txt'}")

    # ................................................................................ one after the other

    def _asked_of(self, mutant: Mutant) -> list[tuple[str, float]]:
        place = [str(self.sources[mutant.module].path), mutant.function]
        found = [
            (name, float(str(entry["processor_s"])))
            for name, entry in self.record.items()
            if entry["passed"] and place in entry["calls"] and entry["processor_s"] <= ALONE_S  # type: ignore
        ]
        chosen, spent = [], 0.0
        for name, seconds in sorted(found, key=lambda one: one[1]):
            spent += seconds
            if spent > PER_MUTANT_S:
                break
            chosen.append((name, seconds))
        return chosen

    def _known(self) -> dict[str, dict[str, object]]:
        file = self.folder / "results.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        known = {result["mutant"]: result for result in map(json.loads, lines)}
        return {
            str(mutant): known[str(mutant)]
            for mutant in self.mutants
            if str(mutant) in known
            and known[str(mutant)]["digest"] == mutant.digest
            and (known[str(mutant)]["end"] in ("killed", "hung") or known[str(mutant)]["tests"] == self.tests)
        }

    def _try_all(self) -> None:
        self.results = self._known()
        left = [mutant for mutant in self.mutants if str(mutant) not in self.results]
        print(f"{len(self.mutants)} mutants, {len(self.results)} known, {len(left)} to try")
        running: dict[int, tuple[Mutant, float, Path]] = {}
        with (self.folder / "results.jsonl").open("a") as notes:

            def end(mutant: Mutant, how: str, by: str = "") -> None:
                result: dict[str, object] = {
                    "mutant": str(mutant),
                    "digest": mutant.digest,
                    "tests": self.tests,
                    "end": how,
                    "by": by,
                }
                self.results[str(mutant)] = result
                if len(self.results) % 25 == 0:
                    _progress(self.results, len(self.mutants))
                notes.write(json.dumps(result) + "\n")
                notes.flush()

            while left or running:
                while left and len(running) < self.workers:
                    mutant = left.pop()
                    tests = self._asked_of(mutant)
                    if not tests:
                        end(mutant, "untested")
                        continue
                    scratch = Path(tempfile.mkdtemp(prefix="mutant-"))
                    seconds = sum(seconds for _, seconds in tests)
                    child = self._start(mutant, [name for name, _ in tests], seconds, scratch)
                    running[child] = mutant, time.monotonic() + PATIENCE_S + 40 * seconds, scratch
                self._look(running, end)
                time.sleep(0.01)

    def _look(self, running: dict[int, tuple[Mutant, float, Path]], end: Callable[..., None]) -> None:
        for child, (mutant, until, scratch) in list(running.items()):
            gone, status = os.waitpid(child, os.WNOHANG)
            late = not gone and time.monotonic() > until
            if not gone and not late:
                continue
            with contextlib.suppress(OSError):
                os.killpg(child, signal.SIGKILL)
            if late:
                status = os.waitpid(child, 0)[1]
            code = os.waitstatus_to_exitcode(status)
            by = (scratch / "by").read_text() if (scratch / "by").exists() else ""
            if late or code in (-signal.SIGXCPU, -signal.SIGKILL):
                end(mutant, "hung")
            elif code == 0:
                end(mutant, "survived")
            elif code == SAME:
                end(mutant, "the same")
            else:
                end(mutant, "killed", by or f"the test's process ended with {code}")
            shutil.rmtree(scratch, ignore_errors=True)
            del running[child]

    def _start(self, mutant: Mutant, tests: list[str], seconds: float, scratch: Path) -> int:
        child = os.fork()
        if child:
            return child
        try:
            os.setpgid(0, 0)
            _quiet()
            limit = int(10 + 4 * seconds)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
            os.environ |= {
                "TMPDIR": str(scratch),
                "PYTEST_DEBUG_TEMPROOT": str(scratch),
                "LUMBUNG_HOME": str(scratch / "home"),
            }
            tempfile.tempdir = None
            if not become(mutant, self.sources[mutant.module], self.functions, scratch):
                os._exit(SAME)
            items = [self.items[name] for name in tests]
            for item, following in zip(items, [*items[1:], None], strict=True):
                item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
                if self._failed is not None:
                    (scratch / "by").write_text(self._failed)
                    os._exit(1)
        except BaseException as error:
            (scratch / "by").write_text(f"{type(error).__name__}: {error}")
            os._exit(1)
        os._exit(0)


SAME = 77
"""How the process of a mutant ends that compiles to what was there."""


def _file_of(test: str) -> str:
    return test.partition("::")[0]


def _quiet() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


def _progress(results: dict[str, dict[str, object]], total: int) -> None:
    ends = Counter(result["end"] for result in results.values())
    print(f"\r{len(results)} of {total}: {dict(ends)}   ", end="", flush=True)


# ------------------------------------------------------------------------------------------------ the report


def report(
    found: Sequence[Source], mutants: Sequence[Mutant], results: dict[str, dict[str, object]], folder: Path
) -> float:
    """Print the share killed by module, write the survivors; returns the share."""
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    survivors = []
    for mutant in mutants:
        if str(mutant) not in results:
            continue
        end = str(results[str(mutant)]["end"])
        ends[mutant.module][end] += 1
        if end in ("survived", "untested"):
            survivors.append(f"{mutant} ({end})\n{by_name(found)[mutant.module].difference(mutant)}\n")
    (folder / "survivors.txt").write_text("\n".join(survivors), encoding="utf-8")
    print(
        f"\n{'module':44}{'mutants':>9}{'tried':>7}{'killed':>8}{'hung':>6}{'survived':>10}{'untested':>10}{'share':>8}"
    )
    total: Counter[str] = Counter()
    for source in found:
        if source.mutants:
            total += ends[source.name]
            _line(source.name, len(source.mutants), ends[source.name])
    _line("all", sum(len(source.mutants) for source in found), total)
    tried = sum(total.values()) - total["the same"]
    if not tried:
        return 0.0
    killed = total["killed"] + total["hung"]
    low, high = wilson(killed, tried)
    print(
        f"\nkilled {killed} of {tried} = {killed / tried:.1%} (95 % interval {low:.1%} - {high:.1%}, Wilson); asked {ASKED:.0%}\n"
        f"{total['the same']} more compile to what was there; {sum(source.sentences for source in found)} sentences for people "
        f"are not mutated\nsurvivors: {folder / 'survivors.txt'}"
    )
    return killed / tried


def wilson(hits: int, tried: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927)."""
    share, spread = hits / tried, z * z / tried
    middle, half = share + spread / 2, z * (share * (1 - share) / tried + spread / (4 * tried)) ** 0.5
    return (middle - half) / (1 + spread), (middle + half) / (1 + spread)


def by_name(found: Sequence[Source]) -> dict[str, Source]:
    return {source.name: source for source in found}


def _line(name: str, mutants: int, ends: Counter[str]) -> None:
    tried = sum(ends.values()) - ends["the same"]
    killed = ends["killed"] + ends["hung"]
    share = f"{killed / tried:.0%}" if tried else "-"
    print(
        f"{name:44}{mutants:9}{tried:7}{ends['killed']:8}{ends['hung']:6}{ends['survived']:10}{ends['untested']:10}{share:>8}"
    )


def main() -> int:
    """Try mutants, and print what became of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sample", type=int, default=0, metavar="N", help="so many, each module by its share; 0: all"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="lumbung.", metavar="MODULE", help="modules whose name begins so")
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--count", action="store_true", help="print how many there are, and try none")
    options = parser.parse_args()
    found = sources(options.only)
    mutants = sampled(found, options.sample, options.seed)
    if options.count:
        for source in found:
            print(f"{source.name:44}{len(source.mutants):6}")
        print(f"{'all':44}{sum(len(source.mutants) for source in found):6}; drawn {len(mutants)}")
        return 0
    options.out.mkdir(parents=True, exist_ok=True)
    random.Random(options.seed).shuffle(mutants)
    trial = Trial(found, mutants, options.out, options.workers)
    os.environ["PYTHONPATH"] = str(HOOK)
    os.chdir(ROOT)
    switches = ["-q", "-s", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "not slow and not browser"]
    with contextlib.suppress(KeyboardInterrupt):
        pytest.main([*switches, *(test for test in TESTS if (ROOT / test).exists())], plugins=[trial])
    share = report(found, mutants, trial.results, options.out)
    return 0 if share >= ASKED else 1


if __name__ == "__main__":
    sys.exit(main())
