"""Takes away from Python what Windows has not, then runs what it is told: ``python without_posix.py COMMAND ...``.

What lies outside our own code is imported first: it looks at the system's name, which stays what it is.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import traceback
import warnings

MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "readline")
OF_OS = (
    "fork", "geteuid", "getegid", "setsid", "killpg", "getpgid", "memfd_create", "sched_getaffinity", "pidfd_open", "fchmod",
    "O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "chown", "setuid", "wait4",
)  # fmt: skip
OF_SIGNAL = ("SIGKILL", "SIGXCPU", "SIGCHLD", "SIGSTOP", "SIGHUP", "SIGQUIT", "SIGALRM", "pidfd_send_signal")
OF_SOCKET = ("AF_UNIX", "SOCK_SEQPACKET")
# Rooms that need a Linux machine: a centre serves, a node judges in boxes.
ON_LINUX = (
    "lumbung.centre",
    "lumbung.node",
    "lumbung.cli.serve",
    "lumbung.cli.node",
    "lumbung.cli.demo_league",
)


def take_away() -> None:
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for module, names in ((os, OF_OS), (signal, OF_SIGNAL), (socket, OF_SOCKET)):
        for name in names:
            if hasattr(module, name):
                delattr(module, name)


def import_everything() -> dict[str, str]:
    """Import every module that should not need them; return what failed, and where."""
    import lumbung

    failed = {}
    for module in pkgutil.walk_packages(lumbung.__path__, "lumbung.", onerror=lambda name: None):
        if module.name.startswith(ON_LINUX) or ".solutions." in module.name or ".hostile" in module.name:
            continue
        try:
            importlib.import_module(module.name)
        except BaseException as error:
            own = [
                frame for frame in traceback.extract_tb(error.__traceback__) if "lumbung" in frame.filename
            ]
            failed[module.name] = f"{own[-1].filename}:{own[-1].lineno} {error!r}"
    return failed


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    take_away()
    if sys.argv[1:] == ["import everything"]:
        print(json.dumps(import_everything()))
    else:
        from lumbung.cli import main

        sys.argv = ["lumbung", *sys.argv[1:]]
        main()
