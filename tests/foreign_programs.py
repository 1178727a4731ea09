"""The examples in other languages as submissions, built where their compilers are, and small programs written as text."""

from __future__ import annotations

import platform
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1] / "examples" / "other-languages"


class NoCompiler(Exception):
    """What builds this example is not on this machine."""


def in_c(folder: Path) -> Path:
    """As README.md there says, a static executable."""
    command = [
        "gcc",
        "-O2",
        "-static",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-o",
        "solution",
        SOURCES / "c" / "forecast.c",
    ]
    return _built(folder, command)


def in_wasi(folder: Path) -> Path:
    """The same source as a module."""
    if not Path("/usr/include/wasm32-wasi").is_dir():
        raise NoCompiler("wasi-libc")
    command = ["clang", "--target=wasm32-wasi", "--sysroot=/usr", "-O2", "-o", "solution.wasm"]
    return _built(folder, [*command, SOURCES / "c" / "forecast.c"])


def in_rust(folder: Path) -> Path:
    """A static executable."""
    command = ["rustc", "--edition", "2021", "-O", "-C", "target-feature=+crt-static", "-C", "strip=symbols"]
    return _built(folder, [*command, "-o", "solution", SOURCES / "rust" / "forecast.rs"])


def in_node(folder: Path) -> Path:
    """Node with its loader and libraries, by the script that stands beside the example."""
    if shutil.which("node") is None:
        raise NoCompiler("node")
    return _built(folder, ["sh", SOURCES / "node" / "collect.sh", folder])


def _built(folder: Path, command: list[object]) -> Path:
    words = [str(word) for word in command]
    if shutil.which(words[0]) is None:
        raise NoCompiler(words[0])
    folder.mkdir(parents=True)
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


EXAMPLES: dict[str, Callable[[Path], Path]] = {"c": in_c, "wasi": in_wasi, "rust": in_rust, "node": in_node}


ELSEWHERE = 183 if platform.machine() == "x86_64" else 62
"""The number of the other machine that has a sandbox."""


def executable_for(machine: int) -> bytes:
    """Return the least executable of a machine, by its number in ELF: one segment of nothing."""
    head = struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 64, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, 4096, 4096, 4096)
    return (b"\x7fELF\2\1\1".ljust(16, b"\0") + head + segment).ljust(4096, b"\0")


_IMPORTS = """
(import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
(memory (export "memory") 1)
"""
# At 0 a vector for the frame [0, "ready", 1] behind its length, at 32 one for [seq, "ok", {"guess": 5}]; the seq of what
# was read, a whole number of one byte, stands behind four bytes of length and one of the list.
GUESS_IN_WEBASSEMBLY = f"""(module {_IMPORTS}
(data (i32.const 0) "\\08\\00\\00\\00\\0d\\00\\00\\00\\09\\00\\00\\00\\93\\00\\a5ready\\01")
(data (i32.const 32) "\\28\\00\\00\\00\\11\\00\\00\\00\\0d\\00\\00\\00\\93\\00\\a2ok\\81\\a5guess\\05")
(data (i32.const 96) "\\00\\04\\00\\00\\00\\10\\00\\00")
(func (export "_start")
  (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 120)))
  (loop
    (drop (call $read (i32.const 0) (i32.const 96) (i32.const 1) (i32.const 120)))
    (if (i32.eqz (i32.load (i32.const 120))) (then return))
    (i32.store8 (i32.const 45) (i32.load8_u (i32.const 1029)))
    (drop (call $write (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 120)))
    br 0)))"""
NO_FRAMES_IN_WEBASSEMBLY = f"""(module {_IMPORTS}
(data (i32.const 0) "\\08\\00\\00\\00\\0e\\00\\00\\00Hello, judge!\\0a")
(func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 120))) (loop br 0)))"""
