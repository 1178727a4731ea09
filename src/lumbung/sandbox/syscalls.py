"""Which system calls a stranger's program may make: a seccomp filter assembled here, an allowlist.

What is not listed is refused, so that a call added to Linux next year is refused too. A call we know by number and
do not allow fails with EPERM; a number beyond our tables with ENOSYS, which C libraries take as "not in this kernel"
and fall back. Another architecture's calls (32-bit, x32) kill the program, since their numbers mean other things.

Numbers: ``arch/x86/entry/syscalls/syscall_64.tbl`` and ``include/uapi/asm-generic/unistd.h`` of Linux; the test suite
compares them with the machine's own headers. Filter language: ``include/uapi/linux/filter.h``, ``seccomp(2)``.
"""

from __future__ import annotations

import errno
import functools
import platform
import struct
from dataclasses import dataclass

# name -> (x86_64, aarch64); -1 where the architecture has no such call.
ALLOWED: dict[str, tuple[int, int]] = {
    # files, as far as the mounts allow
    "read": (0, 63), "write": (1, 64), "open": (2, -1), "close": (3, 57), "stat": (4, -1), "fstat": (5, 80),
    "lstat": (6, -1), "lseek": (8, 62), "pread64": (17, 67), "pwrite64": (18, 68), "readv": (19, 65),
    "writev": (20, 66), "access": (21, -1), "sendfile": (40, 71), "fcntl": (72, 25), "flock": (73, 32),
    "fsync": (74, 82), "fdatasync": (75, 83), "truncate": (76, 45), "ftruncate": (77, 46), "getdents": (78, -1),
    "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50), "rename": (82, -1), "mkdir": (83, -1),
    "rmdir": (84, -1), "creat": (85, -1), "link": (86, -1), "unlink": (87, -1), "symlink": (88, -1),
    "readlink": (89, -1), "chmod": (90, -1), "fchmod": (91, 52), "umask": (95, 166), "statfs": (137, 43),
    "fstatfs": (138, 44), "mknod": (133, -1), "utime": (132, -1), "utimes": (235, -1), "getdents64": (217, 61),
    "fadvise64": (221, 223), "openat": (257, 56), "mkdirat": (258, 34), "mknodat": (259, 33),
    "futimesat": (261, -1), "newfstatat": (262, 79), "unlinkat": (263, 35), "renameat": (264, 38),
    "linkat": (265, 37), "symlinkat": (266, 36), "readlinkat": (267, 78), "fchmodat": (268, 53),
    "faccessat": (269, 48), "utimensat": (280, 88), "fallocate": (285, 47), "preadv": (295, 69),
    "pwritev": (296, 70), "renameat2": (316, 276), "copy_file_range": (326, 285), "preadv2": (327, 286),
    "pwritev2": (328, 287), "statx": (332, 291), "close_range": (436, 436), "openat2": (437, 437),
    "faccessat2": (439, 439), "fchmodat2": (452, 452), "getxattr": (191, 8), "lgetxattr": (192, 9),
    "fgetxattr": (193, 10), "listxattr": (194, 11), "llistxattr": (195, 12), "flistxattr": (196, 13),
    "readahead": (187, 213), "sync_file_range": (277, 84), "splice": (275, 76), "tee": (276, 77),
    # descriptors and waiting
    "poll": (7, -1), "pipe": (22, -1), "select": (23, -1), "dup": (32, 23), "dup2": (33, -1), "dup3": (292, 24),
    "pipe2": (293, 59), "pselect6": (270, 72), "ppoll": (271, 73), "epoll_create": (213, -1),
    "epoll_wait": (232, -1), "epoll_ctl": (233, 21), "epoll_pwait": (281, 22), "epoll_create1": (291, 20),
    "epoll_pwait2": (441, 441), "eventfd": (284, -1), "eventfd2": (290, 19), "signalfd": (282, -1),
    "signalfd4": (289, 74), "timerfd_create": (283, 85), "timerfd_settime": (286, 86),
    "timerfd_gettime": (287, 87), "memfd_create": (319, 279),
    # the connected pair it was given, and pairs of its own; no new sockets
    "sendto": (44, 206), "recvfrom": (45, 207), "sendmsg": (46, 211), "recvmsg": (47, 212),
    "sendmmsg": (307, 269), "recvmmsg": (299, 243), "shutdown": (48, 210), "getsockname": (51, 204),
    "getpeername": (52, 205), "getsockopt": (55, 209),
    # memory
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "mremap": (25, 216),
    "msync": (26, 227), "madvise": (28, 233), "mlock": (149, 228), "munlock": (150, 229), "mlock2": (325, 284),
    "get_mempolicy": (239, 236), "pkey_mprotect": (329, 288), "pkey_alloc": (330, 289), "pkey_free": (331, 290),
    "membarrier": (324, 283),
    # signals
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "pause": (34, -1),
    "kill": (62, 129), "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigqueueinfo": (129, 138),
    "rt_sigsuspend": (130, 133), "sigaltstack": (131, 132), "tkill": (200, 130), "tgkill": (234, 131),
    "rt_tgsigqueueinfo": (297, 240), "pidfd_send_signal": (424, 424), "pidfd_open": (434, 434),
    "restart_syscall": (219, 128),
    # processes and threads, within the process limit
    "fork": (57, -1), "vfork": (58, -1), "execve": (59, 221), "execveat": (322, 281), "exit": (60, 93),
    "exit_group": (231, 94), "wait4": (61, 260), "waitid": (247, 95), "getpid": (39, 172), "getppid": (110, 173),
    "gettid": (186, 178), "getpgrp": (111, -1), "setpgid": (109, 154), "getpgid": (121, 155),
    "setsid": (112, 157), "getsid": (124, 156), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getresuid": (118, 148), "getresgid": (120, 150),
    "getgroups": (115, 158), "capget": (125, 90), "prctl": (157, 167), "arch_prctl": (158, -1),
    "set_tid_address": (218, 96), "futex": (202, 98), "futex_waitv": (449, 449), "set_robust_list": (273, 99),
    "get_robust_list": (274, 100), "rseq": (334, 293), "sched_yield": (24, 124), "sched_setparam": (142, 118),
    "sched_getparam": (143, 121), "sched_setscheduler": (144, 119), "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125), "sched_get_priority_min": (147, 126),
    "sched_rr_get_interval": (148, 127), "sched_setaffinity": (203, 122), "sched_getaffinity": (204, 123),
    "getpriority": (140, 141), "setpriority": (141, 140), "getrlimit": (97, 163), "setrlimit": (160, 164),
    "prlimit64": (302, 261), "getrusage": (98, 165), "getcpu": (309, 168),
    # time and facts
    "nanosleep": (35, 101), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115), "gettimeofday": (96, 169), "time": (201, -1), "times": (100, 153),
    "getitimer": (36, 102), "setitimer": (38, 103), "alarm": (37, -1), "timer_create": (222, 107),
    "timer_settime": (223, 110), "timer_gettime": (224, 108), "timer_getoverrun": (225, 109),
    "timer_delete": (226, 111), "uname": (63, 160), "sysinfo": (99, 179), "getrandom": (318, 278),
}  # fmt: skip

# Allowed for some arguments only; the rules stand in _checks().
CHECKED: dict[str, tuple[int, int]] = {
    "ioctl": (16, 29),
    "clone": (56, 220),
    "socketpair": (53, 199),
    "setsockopt": (54, 208),
    "personality": (135, 92),
}
# Answered with ENOSYS, so that programs take the older way that can be checked or need not exist.
ABSENT: dict[str, tuple[int, int]] = {
    "clone3": (435, 435),  # its flags lie behind a pointer a filter cannot follow; glibc falls back to clone
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
HIGHEST_KNOWN = 462

_NAMESPACE_FLAGS = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
_IOCTLS = (
    0x5401,
    0x5413,
    0x541B,
    0x5421,
    0x5450,
    0x5451,
)  # TCGETS TIOCGWINSZ FIONREAD FIONBIO FIONCLEX FIOCLEX
_FILTER_OPTIONS = (
    26,
    27,
    50,
    51,
    52,
)  # SO_ATTACH_FILTER, SO_DETACH_FILTER, SO_ATTACH_BPF, the two REUSEPORT ones


@dataclass(frozen=True)
class Architecture:
    """A machine's place in the tables and its AUDIT_ARCH number (``include/uapi/linux/audit.h``)."""

    column: int
    audit: int
    has_x32: bool


ARCHITECTURES = {
    "x86_64": Architecture(0, 0xC000003E, has_x32=True),
    "aarch64": Architecture(1, 0xC00000B7, has_x32=False),
}

# --------------------------------------------------------------------------------------- the assembler

_LD_WORD, _JEQ, _JGT, _JGE, _JSET, _RET = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
_NR, _ARCH = 0, 4
_KILL, _ALLOW = 0x80000000, 0x7FFF0000

Instruction = tuple[int, int, int, int]


def _load(offset: int) -> Instruction:
    return (_LD_WORD, 0, 0, offset)


def _low(argument: int) -> Instruction:
    return _load(16 + 8 * argument)  # little endian: the low half comes first


def _ret(action: int) -> Instruction:
    return (_RET, 0, 0, action)


def _errno(number: int) -> Instruction:
    return _ret(0x00050000 | number)


def _when(jump: int, value: int, then: list[Instruction]) -> list[Instruction]:
    """Run ``then`` (which returns) if the comparison holds, else go on behind it."""
    return [(jump, 0, len(then), value), *then]


def _one_of(values: tuple[int, ...], refusal: Instruction) -> list[Instruction]:
    body: list[Instruction] = []
    for value in values:
        body += _when(_JEQ, value, [_ret(_ALLOW)])
    return [*body, refusal]


def _checks(arch: Architecture) -> dict[str, list[Instruction]]:
    """What is done once the call's number matched; each ends in a return."""
    eperm = _errno(errno.EPERM)
    af_unix = 1
    query_only = 0xFFFFFFFF
    return {
        # TIOCSTI and TIOCLINUX type into the terminal behind us; nothing but these few has a use here.
        "ioctl": [_low(1), *_one_of(_IOCTLS, _errno(errno.ENOTTY))],
        # Threads and forks yes, namespaces no.
        "clone": [_low(0), *_when(_JSET, _NAMESPACE_FLAGS, [eperm]), _ret(_ALLOW)],
        "socketpair": [_low(0), *_one_of((af_unix,), eperm)],
        "setsockopt": [_low(2), *[i for o in _FILTER_OPTIONS for i in _when(_JEQ, o, [eperm])], _ret(_ALLOW)],
        "personality": [_low(0), *_one_of((query_only,), eperm)],
    }


def _intervals(numbers: list[int]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return spans


def _allowed(arch: Architecture) -> list[Instruction]:
    program: list[Instruction] = []
    numbers = [row[arch.column] for row in ALLOWED.values() if row[arch.column] >= 0]
    for first, last in _intervals(numbers):
        if first == last:
            program += _when(_JEQ, first, [_ret(_ALLOW)])
        else:
            program += [(_JGT, 2, 0, last), (_JGE, 0, 1, first), _ret(_ALLOW)]
    return program


@functools.cache
def seccomp_program(machine: str | None = None, *, leave_open: frozenset[str] = frozenset()) -> bytes:
    """Assemble the filter for a machine (default: this one), as ``bwrap --seccomp`` reads it.

    Parameters
    ----------
    machine
        ``"x86_64"`` or ``"aarch64"``.
    leave_open
        Calls as ``"name:number"`` to allow besides: for tests that show what an attack does without the filter.

    Raises
    ------
    KeyError
        There are no tables for this machine.
    """
    arch = ARCHITECTURES[machine or platform.machine()]
    program = [_load(_ARCH), (_JEQ, 1, 0, arch.audit), _ret(_KILL), _load(_NR)]
    if arch.has_x32:
        program += _when(_JGE, 0x40000000, [_ret(_KILL)])
    for call in sorted(leave_open):
        program += _when(_JEQ, int(call.rpartition(":")[2]), [_ret(_ALLOW)])
    checks = _checks(arch)
    for name, row in CHECKED.items():
        program += _when(_JEQ, row[arch.column], checks[name])
    for row in ABSENT.values():
        program += _when(_JEQ, row[arch.column], [_errno(errno.ENOSYS)])
    program += _allowed(arch)
    program += _when(_JGT, HIGHEST_KNOWN, [_errno(errno.ENOSYS)])
    program.append(_errno(errno.EPERM))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in program)
