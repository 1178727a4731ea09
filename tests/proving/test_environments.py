"""What a submission may import: declared, pinned, built once, shown in the box, named in evidence, built again."""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from lumbung.cli import main
from lumbung.proving.challenge import read_challenge
from lumbung.proving.environments import shelf as shelves
from lumbung.proving.environments.chosen import environment_of, published_by_packages
from lumbung.proving.environments.locks import LockError, Pin, read_lock
from lumbung.proving.environments.shelf import Shelf
from lumbung.proving.evidence import Evidence, reopen_evidence
from lumbung.proving.faults import ChallengeFault, PlatformFault, RunFault, SubmissionFault
from lumbung.proving.submission import find_submission, read_submission
from lumbung.sandbox import open_box
from making_evidence import evidence_of
from small_wheels import hash_of, index_of, requirement, write_wheel

ANSWERS = "import oracle\ndef solve(problem): return [oracle.ANSWER, oracle.__file__]"
LOCKED = '[environment]\nlock = "requirements.txt"\n'
CARRIED = LOCKED + 'wheels = "wheels"\n'


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setattr("lumbung.cli.judging.home", lambda: tmp_path / "home")
    monkeypatch.delenv("LUMBUNG_INDEX", raising=False)


def submission(folder: Path, declared: str, wheels: Sequence[Path] = (), carried: bool = False) -> Path:
    folder.mkdir(parents=True)
    (folder / "solution.py").write_text(ANSWERS)
    (folder / "submission.toml").write_text(declared)
    (folder / "requirements.txt").write_text("".join(map(requirement, wheels)))
    if carried:
        for wheel in wheels:
            (folder / "wheels").mkdir(exist_ok=True)
            shutil.copy(wheel, folder / "wheels")
    return folder


def test_what_a_lock_pins_is_built_once_from_the_allowed_index_and_is_all_that_is_seen(
    tmp_path: Path,
) -> None:
    wheel = write_wheel(tmp_path / "index", "oracle")
    mine = read_submission(submission(tmp_path / "mine", LOCKED, [wheel]))
    with pytest.raises(
        PlatformFault, match=r"oracle 1\.0 does not come along, and the owner .* allows no index"
    ):
        environment_of(mine, None, Shelf(tmp_path / "shelf"))
    with index_of(tmp_path / "index") as (index, asked):
        first = environment_of(mine, None, Shelf(tmp_path / "shelf", index))
        assert asked
        asked.clear()
        again = environment_of(mine, None, Shelf(tmp_path / "shelf", index))
        assert again == first and not asked
        elsewhere = environment_of(mine, None, Shelf(tmp_path / "another node", index))
    assert elsewhere.mark == first.mark
    assert (first.mark.python, first.mark.machine) == (platform.python_version(), platform.machine())
    code = (
        ANSWERS
        + """
def step(folder):
    import importlib.metadata, os
    try:
        open(oracle.__file__, "a")
    except OSError as error:
        return [dist.name for dist in importlib.metadata.distributions()]
"""
    )
    (mine.folder / "solution.py").write_text(code)
    with open_box(mine.folder, packages=first.packages) as box:
        assert box.ask("solve") == [42, "/packages/oracle.py"]
        assert box.ask("step") == ["oracle"]
    with open_box(mine.folder, packages=first.packages, trust=True) as box:
        assert box.ask("solve")[0] == 42


def test_wheels_that_come_along_need_no_line(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "oracle")
    mine = read_submission(submission(tmp_path / "mine", CARRIED, [wheel], carried=True))
    environment = environment_of(mine, None, Shelf(tmp_path / "shelf"))
    with open_box(mine.folder, packages=environment.packages) as box:
        assert box.ask("solve")[0] == 42
    folder = submission(tmp_path / "from a folder", LOCKED, [wheel])
    (tmp_path / "wheelhouse").mkdir()
    shutil.copy(wheel, tmp_path / "wheelhouse")
    same = environment_of(read_submission(folder), None, Shelf(tmp_path / "b", str(tmp_path / "wheelhouse")))
    assert same.mark == environment.mark


def test_the_three_formats_pin_the_same(tmp_path: Path) -> None:
    here, other = f"sys_platform == '{sys.platform}'", "sys_platform == 'plan9'"
    one, two = "sha256:" + "1" * 64, "sha256:" + "2" * 64
    (tmp_path / "requirements.txt").write_text(
        f"# from a tool\nOracle_x==1.0 ; {here} \\\n    --hash={one} \\\n    --hash={two}  # both\n"
        f"elsewhere==2 ; {other} --hash={one}\nhelper==3.0.1 --hash={two}\n"
    )
    (tmp_path / "pylock.toml").write_text(f"""
lock-version = "1.0"
[[packages]]
name = "oracle-x"
version = "1.0"
marker = "{here}"
wheels = [
  {{ url = "https://example.invalid/a.whl", hashes = {{ sha256 = "{"1" * 64}" }} }},
  {{ name = "b.whl", hashes = {{ sha256 = "{"2" * 64}" }} }},
]
[[packages]]
name = "elsewhere"
version = "2"
marker = "{other}"
sdist = {{ url = "https://example.invalid/e.tar.gz", hashes = {{ sha256 = "{"1" * 64}" }} }}
[[packages]]
name = "helper"
version = "3.0.1"
wheels = [{{ url = "x", hashes = {{ sha256 = "{"2" * 64}" }} }}]
""")
    (tmp_path / "uv.lock").write_text(f"""
version = 1
[[package]]
name = "mine"
version = "0.1.0"
source = {{ virtual = "." }}
dependencies = [
  {{ name = "oracle-x", extra = ["more"], marker = "{here}" }},
  {{ name = "elsewhere", marker = "{other}" }},
]
[[package]]
name = "oracle-x"
version = "1.0"
source = {{ registry = "https://example.invalid/simple" }}
wheels = [{{ url = "a", hash = "{one}" }}, {{ url = "b", hash = "{two}" }}]
[package.optional-dependencies]
more = [{{ name = "helper" }}]
[[package]]
name = "helper"
version = "2.0"
source = {{ registry = "https://example.invalid/simple" }}
resolution-markers = ["{other}"]
wheels = [{{ url = "h", hash = "{one}" }}]
[[package]]
name = "helper"
version = "3.0.1"
source = {{ registry = "https://example.invalid/simple" }}
resolution-markers = ["{here}"]
wheels = [{{ url = "h", hash = "{two}" }}]
[[package]]
name = "unused"
version = "1"
source = {{ registry = "https://example.invalid/simple" }}
""")
    pins = (Pin("helper", "3.0.1", (two,)), Pin("oracle-x", "1.0", (one, two)))
    for name in ("requirements.txt", "pylock.toml", "uv.lock"):
        assert read_lock(tmp_path / name) == pins


HASH = "--hash=sha256:" + "1" * 64
SDIST = (
    'lock-version = "1.0"\n[[packages]]\nname = "old"\nversion = "1"\nsdist = {hashes = {sha256 = "00"}}\n'
)
GIT = (
    'version = 1\n[[package]]\nname = "mine"\nsource = {virtual = "."}\ndependencies = [{name = "far"}]\n'
    '[[package]]\nname = "far"\nversion = "1"\nsource = {git = "https://example.invalid/far"}\n'
)


@pytest.mark.parametrize(
    ("name", "text", "where", "found"),
    [
        ("requirements.txt", "numpy==2.0\n", "line 1: numpy", "no SHA-256"),
        ("requirements.txt", f"\n\nnumpy>=2 {HASH}\n", "line 3: numpy", ">=2"),
        ("requirements.txt", f"numpy==2.* {HASH}\n", "line 1: numpy", "==2.*"),
        ("requirements.txt", f"numpy {HASH}\n", "line 1: numpy", "no version"),
        ("requirements.txt", "a @ https://example.invalid/a.whl\n", "line 1: a", "https://example.invalid/a.whl"),
        ("requirements.txt", "--index-url https://example.invalid\n", "line 1", "--index-url"),
        ("requirements.txt", "-e .\n", "line 1", "-e ."),
        ("requirements.txt", "numpy = 2\n", "line 1", "Expected"),
        ("requirements.txt", f"a==1 {HASH}\na==2 {HASH}\n", "a", "1 and 2"),
        ("requirements.txt", "# nothing\n", "requirements.txt", "no package"),
        ("requirements.txt", b"\xff\xfe", "requirements.txt", "utf-8"),
        ("pylock.toml", SDIST, "pylock.toml: old", "a source distribution alone"),
        ("pylock.toml", SDIST.replace("sdist =", "wheels = [") + "]", "pylock.toml: old", "without SHA-256"),
        ("pylock.toml", SDIST + "x = ", "pylock.toml", "TOML"),
        ("pylock.toml", "x = 1", "pylock.toml", "lock-version"),
        ("pylock.toml", 'lock-version = "1.0"\npackages = 3', "pylock.toml", "no list called packages"),
        ("uv.lock", GIT, "uv.lock: far", "git"),
        ("uv.lock", GIT.replace('"far"}]', '"gone"}]'), "needs gone", "no such package"),
        ("uv.lock", 'version = 1\n[[package]]\nname = "a"\n', "uv.lock", "no project"),
        ("uv.lock", "[[package", "uv.lock", "TOML"),
    ],
)  # fmt: skip
def test_a_lock_that_cannot_be_meant_is_named(
    name: str, text: str | bytes, where: str, found: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(LockError) as caught:
        read_lock(tmp_path / name)
    assert where in caught.value.where
    assert found in str(caught.value)


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("[environment]\nuse = 'no-such'\n", "one of: siting"),
        ("[environment]\nuse = 'siting'\nlock = 'a.txt'\n", "unknown field"),
        ("[environment]\nlock = '../a.txt'\n", "expected a path below the folder"),
        ("[environment]\nlock = 'gone.txt'\n", "no such file"),
        ("[environment]\n", "lock"),
        ("[environ]\n", "environ"),
        ("[environment", "submission.toml"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_named(declared: str, found: str, tmp_path: Path) -> None:
    mine = read_submission(submission(tmp_path / "mine", declared))
    with pytest.raises(SubmissionFault, match=r"declared environment cannot be used") as caught:
        environment_of(mine, None, Shelf(tmp_path / "shelf"))
    assert found in str(caught.value)


def test_odd_wheels_are_refused_with_their_names_and_leave_nothing(tmp_path: Path) -> None:
    def fault(name: str, wheels: list[Path], spoil: object = None) -> RunFault:
        folder = submission(tmp_path / name, CARRIED, wheels, carried=True)
        if callable(spoil):
            spoil(folder / "wheels")
        with pytest.raises(RunFault) as caught:
            environment_of(read_submission(folder), None, Shelf(tmp_path / "shelf"))
        assert not [p for p in (tmp_path / "shelf").glob("*") if p.is_dir()]
        return caught.value

    oracle = write_wheel(tmp_path, "oracle")
    windows = write_wheel(tmp_path, "oracle", tag="cp311-cp311-win_amd64")
    refused = fault("windows", [windows])
    assert refused.fault.params["where"] == f"wheels/{windows.name}"
    assert refused.fault.params["found"] == "a wheel for another platform"
    assert platform.machine() in str(refused.fault.params["expected"])

    def cut(folder: Path) -> None:
        (folder / oracle.name).write_bytes(oracle.read_bytes()[:-40])

    assert "is it cut or damaged?" in str(fault("cut", [oracle], cut))
    assert "a source distribution" in str(
        fault("source", [oracle], lambda folder: (folder / "oracle-1.0.tar.gz").write_bytes(b""))
    )
    assert "no wheel by its name" in str(
        fault("odd", [oracle], lambda folder: (folder / "readme.txt").write_text("hello"))
    )
    assert "other 1.0" in str(fault("other", [oracle], lambda folder: write_wheel(folder, "other")))

    # Of an index, the installer finds out; what it says is told, and nothing stays.
    only_source = tmp_path / "index"
    only_source.mkdir()
    (only_source / "oracle-1.0.tar.gz").write_bytes(b"not looked at")
    (tmp_path / "from index").mkdir()
    pinned = submission(tmp_path / "pinned", LOCKED, [oracle])
    with index_of(only_source) as (index, _), pytest.raises(SubmissionFault, match=r"oracle 1\.0") as caught:
        environment_of(read_submission(pinned), None, Shelf(tmp_path / "shelf", index))
    assert "wheels" in str(caught.value)
    assert not [p for p in (tmp_path / "shelf").glob("*") if p.is_dir()]


BUILDER = """
import sys
from pathlib import Path
from lumbung.proving.environments.chosen import environment_of
from lumbung.proving.environments.shelf import Shelf
from lumbung.proving.submission import read_submission
print(environment_of(read_submission(Path(sys.argv[1])), None, Shelf(Path(sys.argv[2]))).mark.digest)
"""


def test_two_builders_build_once_and_a_killed_one_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = submission(tmp_path / "mine", CARRIED, [write_wheel(tmp_path, "oracle")], carried=True)
    shelf = tmp_path / "shelf"
    # An installer that waits in its workshop, so that the first builder can be killed in the middle of it.
    slow = tmp_path / "bin" / "uv"
    slow.parent.mkdir()
    slow.write_text(f"#!/bin/sh\necho x >>{tmp_path}/begun\nsleep 60\n")
    slow.chmod(0o755)
    env = {**os.environ, "PATH": f"{slow.parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-c", BUILDER, str(mine), str(shelf)]
    killed = subprocess.Popen(command, env=env, start_new_session=True)
    while not (tmp_path / "begun").exists():
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert len(list(shelf.glob(".*.building-*"))) == 1
    assert not [path for path in shelf.glob("*") if path.is_dir() and path.name[0] != "."]

    slow.write_text(f'#!/bin/sh\necho x >>{tmp_path}/begun\nexec {shelves.find_uv()} "$@"\n')
    both = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = {builder.communicate()[0].strip() for builder in both}
    assert len(told) == 1 and told.pop().startswith("sha256:")
    assert (tmp_path / "begun").read_text().count("x") == 2  # the killed one, and one of the two
    assert not list(shelf.glob(".*.building-*"))


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("failed to write: No space left on device (os error 28)", "disk_full"),
        ("Failed to fetch: `https://index.invalid/simple/oracle/`\n  dns error", "environment_unavailable"),
        (None, "environment_unavailable"),
    ],
)
def test_what_the_machine_lacks_is_not_the_teams_fault(
    told: str | None, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = read_submission(
        submission(tmp_path / "mine", CARRIED, [write_wheel(tmp_path, "oracle")], carried=True)
    )
    if told is None:  # no installer at all
        monkeypatch.setenv("PATH", "/nowhere")
    else:
        failing = tmp_path / "uv"
        failing.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{told}\nEND\nexit 2\n")
        failing.chmod(0o755)
        monkeypatch.setattr(shelves, "find_uv", lambda: str(failing))
    with pytest.raises(PlatformFault) as caught:
        environment_of(mine, None, Shelf(tmp_path / "shelf"))
    assert caught.value.fault.code == code
    assert not [path for path in (tmp_path / "shelf").iterdir() if path.is_dir()]


def test_a_challenge_publishes_an_environment_and_the_whole_story_ends_in_evidence_that_verifies_again(
    toy: Path, tmp_path: Path
) -> None:
    """Judge, evidence, verify --rerun: which builds the environment anew where it is gone."""
    wheel = write_wheel(tmp_path, "oracle", code="LINE = (2.0, 1.0)")
    toml = toy / "challenge.toml"
    toml.write_text(
        toml.read_text()
        + '\n[environments.oracle]\nlock = "environments/oracle.txt"\nwheels = "environments/wheels"\n'
    )
    (toy / "environments" / "wheels").mkdir(parents=True)
    (toy / "environments" / "oracle.txt").write_text(requirement(wheel))
    shutil.copy(wheel, toy / "environments" / "wheels")
    accepted = toy / "submissions" / "accepted" / "straight-line"
    code = (accepted / "solution.py").read_text()
    (accepted / "solution.py").write_text("import oracle\n" + code)
    (accepted / "submission.toml").write_text('[environment]\nuse = "oracle"\n')
    names = {str(file) for file in read_challenge(toy).files}
    assert {"environments/oracle.txt", f"environments/wheels/{wheel.name}"} < names

    def command(*words: str) -> str:
        result = CliRunner().invoke(main, list(words))
        assert result.exit_code == 0, result.output
        return result.output

    for verdict in (toy / "submissions").iterdir():
        if verdict.name != "accepted":
            shutil.rmtree(verdict)
    command("check", str(toy))
    home = tmp_path / "home"
    out = tmp_path / "out"
    told = json.loads(command("judge", str(toy), str(accepted), "--out", str(out), "--json"))
    record = reopen_evidence(Path(told["evidence"]).read_bytes())
    shown = json.loads(command("environment", "show", str(accepted), "--challenge", str(toy), "--json"))
    assert record.environment is not None
    assert shown["environment"]["digest"] == record.environment.digest
    assert [package["name"] for package in shown["packages"]] == ["oracle"]
    shutil.rmtree(home / "environments")
    assert "equal bit by bit" in command("verify", told["evidence"], "--rerun")
    rebuilt = json.loads(command("environment", "build", str(accepted), "--challenge", str(toy), "--json"))
    assert rebuilt["environment"]["digest"] == record.environment.digest

    (toy / "environments" / "oracle.txt").write_text("oracle==1.0\n")
    with pytest.raises(ChallengeFault, match=r"environments\.oracle: oracle\.txt: line 1"):
        environment_of(read_submission(accepted), read_challenge(toy), Shelf(home / "environments"))


def test_evidence_without_an_environment_still_reads_and_the_field_changes_no_figure() -> None:
    old = evidence_of({"all": [1.0]})
    assert old.environment is None and "environment" not in msgspec.to_builtins(old)
    mark = environment_of(find_submission("farm/fixed-date")).mark
    new = msgspec.structs.replace(old, environment=mark)
    assert new.figures_digest == old.figures_digest
    assert msgspec.convert(msgspec.to_builtins(new), Evidence) == new


def test_the_shipped_solutions_import_nothing_that_they_do_not_declare() -> None:
    from lumbung.proving.submission import shipped_solutions

    assert set(published_by_packages()) == {"siting"}
    for name in shipped_solutions():
        found = find_submission(name)
        with open_box(found.folder, packages=environment_of(found).packages) as box:
            assert box.isolation.kind == "bubblewrap", name


def test_a_nodes_owner_says_which_index_is_allowed(tmp_path: Path) -> None:
    def node(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["node", *words, "--folder", str(tmp_path / "node")])
        assert result.exit_code == code, result.output
        return result.output

    node("init", "simpul", "--country", "ID")
    assert "no index" in node("index")
    assert "https://pypi.org/simple" in node("index", "https://pypi.org/simple")
    assert "https://pypi.org/simple" in node("index")
    assert "expected an address" in node("index", "pypi", code=2)
    assert "no such folder" in node("index", str(tmp_path / "gone"), code=2)
    assert "no index" in node("index", "--none")


NAMED = """
version = 1
[[package]]
name = "mine"
version = "0"
source = {{ virtual = "." }}
dependencies = {needs}
[[package]]
name = "{name}"
version = "1.0"
source = {{ registry = "x" }}
wheels = [{{ hash = "sha256:{digits}" }}]
{more}
"""


@pytest.mark.parametrize(
    ("name", "needs", "more", "says"),
    [
        (r"a\n-i http://localhost:1/simple\nb", r'[{ name = "a\n-i http://localhost:1/simple\nb" }]', "", "a package's name"),
        ("a", '"a"', "", "Expected `array`"),
        ("a", "[1]", "", "Expected `object`"),
        ("a", '[{ name = "a", extra = 3 }]', "", "Expected `array`"),
        ("a", '[{ name = "a", extra = ["b"] }]', "optional-dependencies = [1]", "Expected `object`"),
        ("a", """[{ name = "a", marker = "os_name ~= 'posix'" }]""", "", "a: marker|mine: marker"),
    ],
)  # fmt: skip
def test_a_lock_that_was_written_to_mislead_is_refused_where_it_does(
    name: str, needs: str, more: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "uv.lock").write_text(NAMED.format(name=name, needs=needs, more=more, digits="1" * 64))
    with pytest.raises(LockError, match=says):
        read_lock(tmp_path / "uv.lock")


@pytest.mark.parametrize("marker", ["os_name ~= 'posix'", "(" * 5000 + "os_name == 'x'" + ")" * 5000])
def test_a_marker_that_means_nothing_is_named(marker: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(f"a==1 ; {marker} --hash=sha256:{'1' * 64}\n")
    with pytest.raises(LockError, match="line 1"):
        read_lock(tmp_path / "requirements.txt")


def test_packages_that_overwrite_each_other_are_refused_whatever_is_cached(tmp_path: Path) -> None:
    # Which of two stayed depended on what lay in the installer's cache: two nodes would have found two digests.
    shared = {
        each: write_wheel(tmp_path / each, each, also={"shared.py": each}) for each in ("first", "second")
    }
    pins = [Pin(name, "1.0", (hash_of(wheel),)) for name, wheel in shared.items()]
    both = tmp_path / "both"
    both.mkdir()
    for wheel in shared.values():
        shutil.copy(wheel, both)
    Shelf(tmp_path / "alone").take(pins[1:], tmp_path / "second")
    with pytest.raises(
        LockError, match=r"shared\.py: found a file that first-1\.0 and second-1\.0 both bring"
    ):
        Shelf(tmp_path / "shelf").take(pins, both)
    alike = {each: write_wheel(tmp_path / "alike", each, also={"shared/__init__.py": ""}) for each in shared}
    pins = [Pin(name, "1.0", (hash_of(wheel),)) for name, wheel in alike.items()]
    assert Shelf(tmp_path / "shelf").take(pins, tmp_path / "alike")


def test_a_wheel_whose_record_lies_is_refused(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path / "w", "oracle", lies=True)
    with pytest.raises(LockError, match=r"oracle\.py: found a file that is another than its RECORD says"):
        Shelf(tmp_path / "shelf").take([Pin("oracle", "1.0", (hash_of(wheel),))], tmp_path / "w")


def test_a_folder_called_like_a_wheel_is_none(tmp_path: Path) -> None:
    (tmp_path / "w/oracle-1.0-py3-none-any.whl").mkdir(parents=True)
    with pytest.raises(LockError, match="a folder, a link or no plain file"):
        Shelf(tmp_path / "shelf").take([Pin("oracle", "1.0", ("sha256:" + "1" * 64,))], tmp_path / "w")


def test_whose_trouble_it_is_the_name_of_a_package_does_not_say(tmp_path: Path) -> None:
    write_wheel(tmp_path / "w", "sql_connector")
    pins = [Pin("sql-connector", "1.0", ("sha256:" + "1" * 64,))]
    with pytest.raises(
        LockError, match="sql-connector"
    ):  # and not the line's, which would be tried again elsewhere
        Shelf(tmp_path / "shelf", str(tmp_path / "w")).take(pins)


def test_no_package_runs_before_the_host_has_seen_the_guest_or_stands_for_the_standard_library(
    tmp_path: Path,
) -> None:
    ends = "import os\nos.write(2, b'too early')\nos._exit(3)"
    names = {"sitecustomize": ends, "usercustomize": ends, "encodings": ends, "json": ends, "msgpack": ends}
    for name, code in names.items():
        write_wheel(tmp_path / "w", name, code=code)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "solution.py").write_text("import json, sys\ndef solve(problem): return json.dumps(sys.path[-1])")
    pins = [Pin(name, "1.0", (hash_of(next((tmp_path / "w").glob(f"{name}-*"))),)) for name in names]
    packages = Shelf(tmp_path / "shelf").take(pins, tmp_path / "w").packages
    with open_box(mine, packages=packages) as box:
        assert box.ask("solve") == '"/packages"'
