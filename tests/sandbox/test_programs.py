"""Programs in other languages: what their headers say, how they speak, and whose fault each of their ends is."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lumbung.sandbox import BoxFault, Limits, Program, box, open_box
from lumbung.sandbox.modules import NotAModule, check_module
from lumbung.sandbox.programs import check_program, find_program

EXAMPLES = Path(__file__).parents[2] / "examples" / "other-languages"
ECHO = EXAMPLES.parent.parent / "docs" / "sandbox" / "solution.c"
COMPILER = shutil.which("cc") or shutil.which("gcc")
EXECUTABLE, MODULE = Program("executable", "solution"), Program("module", "solution.wasm")
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="needs a C compiler")

# One C program with all the misbehaviours, chosen by its argument: one compilation.
MISBEHAVES = r"""
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void send_frame(const void *bytes, uint32_t length) {
    write(1, &length, 4);
    write(1, bytes, length);
}
static const char ready[] = "\x93\x00\xa5ready\x01", one[] = "\x93\x01\xa2ok\x01", two[] = "\x93\x02\xa2ok\x01";

int main(int count, char **words) {
    const char *how = count > 1 ? words[1] : "";
    static char question[1 << 16];
    if (!strcmp(how, "prints")) { puts("Hello, judge"); fflush(stdout); pause(); }
    if (!strcmp(how, "noise")) { uint32_t length = 9; write(1, &length, 4); write(1, "\xc1\xc1\xc1\xc1\xc1\xc1\xc1\xc1\xc1", 9); pause(); }
    if (!strcmp(how, "long")) { uint32_t length = 0xfffffff0; write(1, &length, 4); pause(); }
    if (!strcmp(how, "later version")) { send_frame("\x93\x00\xa5ready\x02", 9); pause(); }
    if (!strcmp(how, "half a frame")) { uint32_t length = 100; write(1, &length, 4); write(1, ready, 9); return 3; }
    if (!strcmp(how, "silent")) pause();
    if (!strcmp(how, "leaves")) return 7;
    if (!strcmp(how, "closes")) { close(0); close(1); pause(); }
    if (!strcmp(how, "shuts down")) { shutdown(0, SHUT_RDWR); pause(); }
    if (!strcmp(how, "drips")) for (send_frame(ready, 9), write(1, "\xff\xff\0\0", 4);; usleep(100000)) write(1, "\x93", 1);
    send_frame(ready, 9);
    if (!strcmp(how, "answers at once")) { send_frame(one, 6); send_frame(one, 6); pause(); }
    if (!strcmp(how, "never reads")) pause();
    for (int asked = 1;; asked++) {
        if (read(0, question, 4) < 4) return 0;
        uint32_t length;
        memcpy(&length, question, 4);
        for (uint32_t have = 0; have < length;) have += (uint32_t)read(0, question, length - have < sizeof question ? length - have : sizeof question);
        if (!strcmp(how, "crashes")) raise(SIGSEGV);
        if (!strcmp(how, "hangs")) pause();
        if (!strcmp(how, "spins")) for (volatile int i = 0;; i++) {}
        if (!strcmp(how, "hoards")) for (;;) memset(malloc(1 << 20), 1, 1 << 20);
        if (!strcmp(how, "forks")) while (fork() || pause()) {}
        if (!strcmp(how, "floods")) for (;;) fprintf(stderr, "%01000d", 1);
        if (!strcmp(how, "other number")) send_frame(two, 6);
        if (!strcmp(how, "raises")) send_frame("\x93\x01\xa6raised\xa8no water", 18);
        if (!strcmp(how, "lacks the verb")) send_frame("\x93\x01\xa7missing\xa4step", 15);
        if (!strcmp(how, "memory file")) send_frame("\x93\x01\xa5memfd\x64", 9);
        if (!strcmp(how, "looks around")) return system(NULL) ? 1 : access("/usr", F_OK) && access("/lib64", F_OK) && access("/packages", F_OK) ? 42 : 2;
        send_frame(asked == 1 ? one : two, 6);
    }
}
"""


def compiled(source: Path, target: Path, *flags: str) -> Path:
    assert COMPILER
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([COMPILER, "-O1", "-static", "-w", *flags, "-o", target, source], check=True)
    return target


@pytest.fixture(scope="module")
def misbehaving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("misbehaves")
    (folder / "source.c").write_text(MISBEHAVES)
    compiled(folder / "source.c", folder / "submission" / "solution")
    return folder / "submission"


@pytest.fixture
def strict() -> Limits:
    return Limits(
        start_s=1.5, message_s=1.0, total_s=8, cpu_s=2, memory_bytes=64 * 2**20, processes=8, log_bytes=4096
    )


def fault_of(
    folder: Path, limits: Limits, program: Program | None = None, payload: object = None
) -> BoxFault:
    with pytest.raises(BoxFault) as caught, open_box(folder, limits, program=program) as opened:
        opened.ask("solve", payload)
        opened.ask("solve", payload)
    return caught.value


# ------------------------------------------------------------------------------------------- executables


@needs_compiler
@pytest.mark.parametrize("trust", [False, True])
def test_an_executable_gets_back_what_it_sends(trust: bool, tmp_path: Path) -> None:
    compiled(ECHO, tmp_path / "solution", "-Wall", "-Werror")
    with open_box(tmp_path, trust=trust) as opened:
        for payload in ({"a": [1, 2.5, "x"]}, None, "y" * 400_000, list(range(300)), b"\0" * 15_000_000):
            assert opened.ask("step", payload) == payload
        array = np.random.default_rng(1).random((3, 1000))
        assert np.array_equal(opened.ask("step", array), array)


@needs_compiler
@pytest.mark.parametrize(
    ("how", "code", "says"),
    [
        ("prints", "malformed_message", "'Hell'"),
        ("noise", "malformed_message", "cannot be read"),
        ("long", "message_too_long", "4,294,967,280"),
        ("later version", "malformed_message", "speaks version 2"),
        ("half a frame", "exited", "exit code 3"),
        ("silent", "timed_out", "(start)"),
        ("leaves", "exited", "exit code 7"),
        ("closes", "timed_out", "(start)"),
        ("shuts down", "exited", "closed the message socket"),
        ("drips", "timed_out", "(message)"),
        ("answers at once", "malformed_message", "question 2 was asked"),
        ("never reads", "timed_out", "(message)"),
        ("crashes", "crashed", "SIGSEGV"),
        ("hangs", "timed_out", "(message)"),
        ("spins", "timed_out", ""),
        ("hoards", "out_of_memory", ""),
        ("forks", "timed_out", ""),
        ("floods", "log_flood", ""),
        ("other number", "malformed_message", "question 2"),
        ("raises", "raised", "no water"),
        ("lacks the verb", "no_entry_point", "no function step"),
        ("memory file", "malformed_message", "memfd"),
        ("looks around", "exited", "exit code 42"),
    ],
)
def test_each_end_of_an_executable_has_its_name(
    how: str, code: str, says: str, misbehaving: Path, strict: Limits
) -> None:
    program = replace(EXECUTABLE, arguments=(how,))
    payload = b"\0" * 2**22 if how == "never reads" else None
    fault = fault_of(misbehaving, strict, program, payload)
    assert fault.code == code and says in str(fault), str(fault)


def test_what_is_no_executable_says_what_it_is(tmp_path: Path, strict: Limits) -> None:
    path = tmp_path / "solution"
    elf = b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack(
        "<HHIQQQIHHHHHH", 2, 62, 1, 1, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, 4096, 4096, 4096)
    loader = struct.pack("<IIQQQQQQ", 3, 4, 2**63, 0, 0, 40, 40, 1)
    for content, says in (
        (b"", "an empty file"),
        (b"this is no program", "no executable file"),
        (b"#!/usr/bin/env node\n1", "a script that /usr/bin/env node would have to read"),
        (b"MZ\x90\0", "a program for Windows"),
        (b"\xcf\xfa\xed\xfe", "a program for macOS"),
        (b"\0asm\1\0\0\0", "which goes by module ="),
        (elf[:40], "cut off in its header"),
        (elf, "nothing stands at byte 64"),
        (elf + segment, "cut off after 120 of at least 4096 bytes"),
        (elf + loader, "nothing stands at byte 9223372036854775808"),
        (
            elf[:18] + b"\xb7\0" + elf[20:] + segment + bytes(4096),
            "an executable for aarch64, expected one for x86_64",
        ),
        (elf[:4] + b"\1\1" + elf[6:18] + b"\3\0" + elf[20:], "an executable for i386"),
        (elf[:16] + b"\1\0" + elf[18:], "an object file"),
        (elf[:24] + bytes(8) + elf[32:] + segment, "a shared library"),
        (elf[:56] + b"\xff\xff" + elf[58:], "65535 program headers"),
        (elf + segment + bytes(4096), "chmod +x"),
    ):
        path.write_bytes(content)
        with pytest.raises(BoxFault) as caught:
            check_program(tmp_path, EXECUTABLE, "x86_64")
        assert caught.value.code == "program_unusable" and says in str(caught.value), str(caught.value)
    assert fault_of(tmp_path, strict).code == "program_unusable"
    path.write_bytes(elf[:18] + b"\xb7\0" + elf[20:] + segment + bytes(4096))
    path.chmod(0o755)
    assert check_program(tmp_path, EXECUTABLE) == "aarch64", (
        "where nobody knows yet on which machine it will run"
    )
    with pytest.raises(BoxFault, match="no such file"):
        check_program(tmp_path, Program("executable", "bin/solution"))


@needs_compiler
def test_a_dynamic_executable_names_what_it_asks_of_the_machine_or_brings_it(
    tmp_path: Path, strict: Limits
) -> None:
    subprocess.run([COMPILER, "-O1", "-w", "-o", tmp_path / "solution", ECHO], check=True)
    fault = fault_of(tmp_path, strict)
    assert fault.code == "program_unusable" and "ld-linux" in str(fault) and "libc.so.6" in str(fault)

    told = subprocess.run(["ldd", tmp_path / "solution"], capture_output=True, text=True, check=True).stdout
    brought = [Path(word) for word in told.split() if word.startswith("/")]
    (tmp_path / "lib").mkdir()
    for library in brought:
        shutil.copy(library, tmp_path / "lib")
    (loader,) = (one for one in brought if one.name.startswith("ld-"))
    program = Program("executable", f"lib/{loader.name}", ("--library-path", "lib", "./solution"))
    with open_box(tmp_path, strict, program=program) as opened:
        assert opened.ask("step", "with its loader") == "with its loader"
    (tmp_path / "lib" / "libc.so.6").unlink()
    fault = fault_of(tmp_path, strict, program)
    assert fault.code == "program_unusable" and "does not find libc.so.6" in str(fault)


@needs_compiler
def test_limits_hold_without_a_control_group(
    misbehaving: Path, strict: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(box, "own_ground", lambda: None)
    for how in ("hoards", "spins", "forks"):
        fault = fault_of(misbehaving, strict, replace(EXECUTABLE, arguments=(how,)))
        assert fault.code in ("out_of_memory", "crashed", "timed_out"), str(fault)


# ----------------------------------------------------------------------------------------------- modules

IMPORTS = """
(import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
(memory (export "memory") 2)
(data (i32.const 0) "\\08\\00\\00\\00\\0d\\00\\00\\00\\09\\00\\00\\00\\93\\00\\a5ready\\01")
"""
# [8, 13]: a vector at 0 for the frame "ready" at 8; at 64 one for what is read.
READY = "(drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 48)))"
ASKED = """(i32.store (i32.const 64) (i32.const 1024)) (i32.store (i32.const 68) (i32.const 60000))
(drop (call $read (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 48)))"""


@pytest.fixture
def module(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a module whose program is some WebAssembly text."""
    wat2wasm = pytest.importorskip("wasmtime").wat2wasm

    def write(body: str, imports: str = IMPORTS) -> Path:
        (tmp_path / "solution.wasm").write_bytes(
            wat2wasm(f'(module {imports} (func (export "_start") {body}))')
        )
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (f"{READY} {ASKED} unreachable", "crashed", "SIGILL"),
        (f"{READY} {ASKED} (drop (i32.div_s (i32.const 1) (i32.const 0)))", "crashed", "SIGFPE"),
        (f"{READY} {ASKED} (drop (i32.load (i32.const 0x7fffffff)))", "crashed", "SIGSEGV"),
        (f"{READY} {ASKED} (call $exit (i32.const 5))", "exited", "exit code 5"),
        (f"{READY} {ASKED} (loop br 0)", "timed_out", "(message)"),
        (f"{READY}", "exited", "exit code 0"),
        ("(loop br 0)", "timed_out", "(start)"),
    ],
)
def test_each_end_of_a_module_has_its_name(
    body: str, code: str, says: str, module: Callable[[str], Path], strict: Limits
) -> None:
    fault = fault_of(module(body), replace(strict, memory_bytes=128 * 2**20))
    assert fault.code == code and says in str(fault), (str(fault), fault.log)


def test_a_module_that_counts_for_ever_uses_up_its_fuel(
    module: Callable[[str], Path], strict: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lumbung.sandbox.enclosure.FUEL_PER_S", 1_000_000)
    fault = fault_of(module(f"{READY} {ASKED} (loop br 0)"), strict)
    assert fault.code == "timed_out" and fault.params["which"] == "cpu" and "fuel" in fault.log


def test_a_module_takes_all_memory_that_is_left(module: Callable[[str], Path], strict: Limits) -> None:
    greedy = """(loop (drop (memory.grow (i32.const 128)))
        (memory.fill (i32.const 0) (i32.const 1) (i32.mul (memory.size) (i32.const 65536))) br 0)"""
    fault = fault_of(module(f"{READY} {ASKED} {greedy}"), replace(strict, memory_bytes=128 * 2**20))
    assert fault.code == "out_of_memory"


def test_what_is_no_module_says_why(module: Callable[..., Path], tmp_path: Path) -> None:
    whole = (module(READY) / "solution.wasm").read_bytes()
    check_module(tmp_path / "solution.wasm")
    for content, says in (
        (b"", "an empty file"),
        (b"(module)", "wat2wasm"),
        (b"\x7fELF", "no WebAssembly module"),
        (whole[:6], "cut off"),
        (b"\0asm\x0d\0\1\0", "a component"),
        (whole[:-9], "cut off after"),
        (whole[:8] + b"\x0b\xff", "ends too early at byte 10"),
        (whole[:8] + b"\x63\0", "a section 99 at byte 8"),
        (whole[:8] + b"\2\2\5\xff", "ends too early"),
        (whole[:8] + b"\2\x0c" + b"\xff" * 12, "a number without end"),
        (whole[:8] + b"\0\0" * 5000, "more than 4096 sections"),
    ):
        (tmp_path / "solution.wasm").write_bytes(content)
        with pytest.raises(NotAModule, match=says):
            check_module(tmp_path / "solution.wasm")
    for body, imports, says in (
        ("", '(import "env" "host" (func))', "imports env.host"),
        ("", "", "does not export its memory"),
    ):
        with pytest.raises(NotAModule, match=says):
            check_module(module(body, imports) / "solution.wasm")


def test_what_compiles_nowhere_is_the_modules_own_fault(module: Callable[..., Path], strict: Limits) -> None:
    folder = module(READY)
    whole = bytearray((folder / "solution.wasm").read_bytes())
    whole[whole.index(b"\x10\x01")] = 0xFF  # the call of fd_write becomes an instruction that is none
    (folder / "solution.wasm").write_bytes(whole)
    fault = fault_of(folder, strict)
    assert fault.code == "raised" and "solution" not in fault.log


def test_a_module_finds_its_folder_and_not_the_machine(module: Callable[..., Path], strict: Limits) -> None:
    opens = IMPORTS.replace(
        "(memory",
        '(import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))'
        '(data (i32.const 200) "notes.txt") (data (i32.const 220) "../etc/passwd") (memory',
    )

    def opened(place: int, length: int) -> str:
        return (
            f"(call $open (i32.const 3) (i32.const 0) (i32.const {place}) (i32.const {length}) (i32.const 0) (i64.const 2)"
            " (i64.const 0) (i32.const 0) (i32.const 48))"
        )

    folder = module(
        f"(call $exit (i32.add (i32.mul (i32.const 100) {opened(200, 9)}) {opened(220, 13)}))", opens
    )
    (folder / "notes.txt").write_text("here")
    fault = fault_of(folder, strict)
    assert fault.params["exit_code"] == 63, "0 for the file beside it, 63 (not permitted) for what lies above"


# ------------------------------------------------------------------------------------------------ names


def test_a_program_is_found_by_the_name_of_its_file(tmp_path: Path) -> None:
    with pytest.raises(BoxFault, match=r"expected solution.py, solution or solution.wasm"):
        find_program(tmp_path)
    for name, kind in (("solution.wasm", "module"), ("solution", "executable"), ("solution.py", "python")):
        (tmp_path / name).write_bytes(b"")
        assert find_program(tmp_path) == Program(kind, name)  # type: ignore[arg-type]
