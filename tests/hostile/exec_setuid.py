"""Runs set-uid programs of the system to become another user."""

import os
import subprocess

CANDIDATES = (
    "/usr/bin/su",
    "/usr/bin/passwd",
    "/usr/bin/mount",
    "/usr/bin/newgrp",
    "/usr/bin/chsh",
    "/usr/bin/sudo",
)


def honoured(path):
    """Whether the kernel honours a program's set-uid bit: its loader then no longer tells its auxiliary vector."""
    told = subprocess.run([path, "--version"], env={"LD_SHOW_AUXV": "1"}, capture_output=True, text=True)
    return "AT_EUID" not in told.stdout


def solve(bait):
    got = []
    if not honoured("/usr/bin/env"):  # the loader does tell for an ordinary program
        got = [path for path in CANDIDATES if os.path.exists(path) and honoured(path)]
    for become in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0])):
        try:
            become()
            got.append("became root")
        except OSError:
            pass
    return {"got": got}
