"""What a submission says of its program in submission.toml, and what is said of it before anything runs."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from wasmtime import wat2wasm

from foreign_programs import ELSEWHERE, GUESS_IN_WEBASSEMBLY, executable_for
from lumbung.cli import main
from lumbung.proving.declaration import Entry, program_of, read_declaration
from lumbung.proving.environments.chosen import check_declared, environment_of
from lumbung.proving.faults import PlatformFault, SubmissionFault
from lumbung.proving.submission import read_submission
from lumbung.sandbox import Program, packages


def declare(folder: Path, text: str, **files: bytes) -> Path:
    (folder / "submission.toml").write_text(text)
    for name, content in files.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("said", "program"),
    [
        ('command = "bin/forecast"', Program("executable", "bin/forecast")),
        ('command = ["./forecast", "--quick", ""]', Program("executable", "forecast", ("--quick", ""))),
        ('module = "a.wasm"', Program("module", "a.wasm")),
        ('module = ["a.wasm", "x"]', Program("module", "a.wasm", ("x",))),
    ],
)
def test_a_program_is_named_with_its_arguments(said: str, program: Program, tmp_path: Path) -> None:
    declared = read_declaration(declare(tmp_path, f"[run]\n{said}\n"))
    assert program_of(tmp_path, declared) == program
    named = Entry.of(program)
    assert named is not None and named.program == program, "as the centre keeps it"
    assert msgspec.convert(msgspec.to_builtins(named), Entry) == named


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("[run]", "both or neither"),
        ('[run]\ncommand = "a"\nmodule = "b"', "both or neither"),
        ('[run]\ncommand = "/bin/sh"', "'/bin/sh', which lies not below"),
        ('[run]\ncommand = "../a"', "'../a', which lies not below"),
        ('[run]\ncommand = "."', "'.', which lies not below"),
        ('[run]\ncommand = ""', "which lies not below"),
        ("[run]\ncommand = []", "length >= 1"),
        ("[run]\ncommand = 7", "str"),
        ('[run]\ncommand = ["a", "\\u0000"]', "a zero byte"),
        ('[run]\ncomand = "a"', "unknown field `comand`"),
        ('[run]\ncommand = "a"\n[environment]\nuse = "siting"', "packages of Python for a"),
    ],
)
def test_what_names_no_program_says_where(said: str, found: str, tmp_path: Path) -> None:
    declare(tmp_path, said, a=b"")
    with pytest.raises(SubmissionFault, match=r"submission\.toml") as caught:
        program_of(tmp_path, read_declaration(tmp_path))
    assert caught.value.fault.code == "program_unusable" and found in str(caught.value), str(caught.value)


def test_two_programs_in_one_folder_are_one_too_many(tmp_path: Path) -> None:
    declare(tmp_path, '[run]\ncommand = "a"', **{"a": b"", "solution.py": b""})
    with pytest.raises(SubmissionFault, match=r"found a, and solution.py besides, expected one of them"):
        check_declared(read_submission(tmp_path))


def test_a_folder_that_declares_weights_alone_has_no_program(tmp_path: Path) -> None:
    with pytest.raises(SubmissionFault) as caught:
        read_submission(declare(tmp_path, "[weights]\n"))
    assert caught.value.fault.code == "no_entry_point"


def test_the_mark_of_an_executable_names_the_architecture_and_no_python(tmp_path: Path) -> None:
    found = read_submission(declare(tmp_path, "", solution=executable_for(ELSEWHERE)))
    environment = environment_of(found)
    assert environment.program == check_declared(found) == Program("executable", "solution")
    assert environment.packages.places == () and environment.mark.python == ""
    shown = CliRunner().invoke(main, ["environment", "build", str(tmp_path)])
    assert shown.exit_code == 0 and f"({environment.mark.machine})" in shown.output, shown.output


def test_a_module_needs_wasmtime_and_its_lack_is_the_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = read_submission(declare(tmp_path, "", **{"solution.wasm": wat2wasm(GUESS_IN_WEBASSEMBLY)}))
    assert environment_of(found).packages.places
    monkeypatch.setattr(packages, "distribution", _nothing)
    monkeypatch.setattr("lumbung.proving.environments.chosen.environment_of_installed", _uncached())
    with pytest.raises(PlatformFault, match="wasmtime is not installed here"):
        environment_of(found)


def _nothing(name: str) -> None:
    raise packages.PackageNotFoundError(name)


def _uncached() -> object:
    from lumbung.proving.environments.chosen import environment_of_installed

    return environment_of_installed.__wrapped__


def test_environment_show_reads_the_program_and_runs_nothing(tmp_path: Path) -> None:
    declare(tmp_path, '[run]\nmodule = ["a.wasm", "x y"]', **{"a.wasm": wat2wasm(GUESS_IN_WEBASSEMBLY)})
    shown = CliRunner().invoke(main, ["environment", "show", str(tmp_path)])
    assert shown.exit_code == 0 and shown.output == "a.wasm 'x y'\n", shown.output
    as_json = CliRunner().invoke(main, ["environment", "show", str(tmp_path), "--json"])
    assert msgspec.json.decode(as_json.output)["program"]["arguments"] == ["x y"]
    (tmp_path / "a.wasm").write_bytes(b"\0asm")
    refused = CliRunner().invoke(main, ["environment", "show", str(tmp_path)])
    assert refused.exit_code == 1 and "a.wasm: found a module cut off" in refused.output, refused.output
