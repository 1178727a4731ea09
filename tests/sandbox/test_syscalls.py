"""The filter says what it should for every call, by the machine's own headers and by running its program here."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumbung.sandbox import syscalls

ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS, ENOTTY = (0x00050000 | number for number in (errno.EPERM, errno.ENOSYS, errno.ENOTTY))
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def run(program: bytes, number: int, audit: int, *arguments: int) -> int:
    """Run a classic BPF program over a ``struct seccomp_data``, as the kernel does."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<IIQ6Q", number, audit, 0, *padded)
    instructions = list(struct.iter_unpack("<HBBI", program))
    at, accumulator = 0, 0
    while True:
        code, when, otherwise, value = instructions[at]
        at += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x06:
            return value
        else:
            holds = {
                0x15: accumulator == value,
                0x25: accumulator > value,
                0x35: accumulator >= value,
                0x45: bool(accumulator & value),
            }[code]
            at += when if holds else otherwise


def verdict(machine: str, name_or_number: str | int, *arguments: int) -> int:
    if isinstance(name_or_number, str):
        column = syscalls.ARCHITECTURES[machine].column
        rows = {**syscalls.ALLOWED, **syscalls.CHECKED, **syscalls.ABSENT}
        name_or_number = rows[name_or_number][column]
    return run(syscalls.seccomp_program(machine), name_or_number, MACHINES[machine], *arguments)


def header_numbers(path: Path) -> dict[str, int]:
    text = path.read_text()
    found = {}
    for prefix, name, number in re.findall(r"^#define (__NR|__NR3264)_(\w+)\s+(\d+)\b", text, re.MULTILINE):
        found[name] = int(number)
        if prefix == "__NR3264":
            # The generic table names a 64-bit machine's calls in a second step: __NR_fstat is __NR3264_fstat.
            for alias in re.findall(rf"^#define __NR_(\w+) __NR3264_{name}$", text, re.MULTILINE):
                found.setdefault(alias, int(number))
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_numbers_are_those_of_the_kernel_headers(machine: str) -> None:
    if not HEADERS[machine].exists():
        pytest.skip(f"needs {HEADERS[machine]} (apt-get install linux-libc-dev)")
    numbers = header_numbers(HEADERS[machine])
    column = syscalls.ARCHITECTURES[machine].column
    compared = 0
    for name, row in {**syscalls.ALLOWED, **syscalls.CHECKED, **syscalls.ABSENT}.items():
        known = numbers.get(name)
        if known is None:
            # The 32-bit-era names do not exist on newer machines; and a header may be older than a call.
            assert row[column] == -1 or row[column] > max(numbers.values()), name
        else:
            assert row[column] in (known, -1), name
            compared += 1
    assert compared > 150


@pytest.mark.parametrize("machine", MACHINES)
def test_every_number_is_answered_by_the_tables(machine: str) -> None:
    column = syscalls.ARCHITECTURES[machine].column
    allowed = {row[column] for row in syscalls.ALLOWED.values()}
    checked = {row[column] for row in syscalls.CHECKED.values()}
    absent = {row[column] for row in syscalls.ABSENT.values()}
    for number in range(700):
        if number in checked:
            continue
        expected = ALLOW if number in allowed else ENOSYS if number in absent or number > 462 else EPERM
        assert verdict(machine, number) == expected, number


# By number (x86_64, aarch64), written again here so that a slip in the tables is noticed.
FORBIDDEN = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "mount": (165, 40),
    "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "unshare": (272, 97), "setns": (308, 268),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442), "bpf": (321, 280),
    "userfaultfd": (323, 282), "perf_event_open": (298, 241), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "kexec_load": (246, 104), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "swapon": (167, 224), "reboot": (169, 142), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "socket": (41, 198), "connect": (42, 203), "bind": (49, 200),
    "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242), "acct": (163, 89), "quotactl": (179, 60),
    "settimeofday": (170, 170), "clock_settime": (227, 112), "sethostname": (170, 161), "syslog": (103, 116),
    "kcmp": (312, 272), "fanotify_init": (300, 262), "vmsplice": (278, 75), "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440), "memfd_secret": (447, 447), "seccomp": (317, 277), "setuid": (105, 146),
    "mbind": (237, 235), "move_pages": (279, 239),
}  # fmt: skip


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", FORBIDDEN)
def test_forbidden(name: str, machine: str) -> None:
    assert verdict(machine, FORBIDDEN[name][syscalls.ARCHITECTURES[machine].column]) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_another_architectures_calls_kill(machine: str) -> None:
    program = syscalls.seccomp_program(machine)
    for audit in (0x40000003, 0x40000028, 0xC00000F3, *(set(MACHINES.values()) - {MACHINES[machine]})):
        assert run(program, 0, audit) == KILL
    assert run(program, 0x40000000, MACHINES[machine]) == (KILL if machine == "x86_64" else ENOSYS)


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_and_forks_but_no_namespaces(machine: str) -> None:
    threads = 0x3D0F00  # what glibc asks for in pthread_create
    assert verdict(machine, "clone", threads) == ALLOW
    assert verdict(machine, "clone", 0x1200011) == ALLOW  # fork
    for bit in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(machine, "clone", threads | bit) == EPERM
    assert verdict(machine, "clone3") == ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_that_matter(machine: str) -> None:
    assert verdict(machine, "socketpair", 1) == ALLOW
    for family in (0, 2, 10, 16, 17, 38, 40):
        assert verdict(machine, "socketpair", family) == EPERM
    assert verdict(machine, "ioctl", 1, 0x5401) == ALLOW
    for request in (0x5412, 0x541C, 0x5414, 0xC0045878, 0x1_0000_5412):
        assert verdict(machine, "ioctl", 1, request) == ENOTTY
    assert verdict(machine, "setsockopt", 3, 1, 20) == ALLOW
    assert verdict(machine, "setsockopt", 3, 1, 26) == EPERM
    assert verdict(machine, "personality", 0xFFFFFFFF) == ALLOW
    assert verdict(machine, "personality", 0x0040000) == EPERM


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 2**64 - 1), min_size=6, max_size=6))
@settings(max_examples=300, deadline=None)
def test_whatever_is_called_the_program_ends_in_a_known_answer(number: int, arguments: list[int]) -> None:
    for machine in MACHINES:
        assert verdict(machine, number, *arguments) in (ALLOW, KILL, EPERM, ENOSYS, ENOTTY)


def test_an_unknown_machine_has_no_filter() -> None:
    with pytest.raises(KeyError):
        syscalls.seccomp_program("riscv64")
