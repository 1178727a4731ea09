"""Tasks that leave their process in disorder, each in its own way; in a module of its own, so that workers can import it."""

from __future__ import annotations

import atexit
import os
import resource
import signal
import socket
import sys
import threading
import time


def nothing() -> None:
    pass


def adds_to_the_environment() -> None:
    os.environ["AN_ENGINES_FOLDER"] = "/opt/engine"


def changes_folder() -> None:
    os.chdir("/")


def changes_umask() -> None:
    os.umask(0o777)


def empties_the_environment() -> None:
    os.environ.clear()


def points_home_elsewhere() -> None:
    os.environ["PATH"] = "/nowhere"


def leaves_a_thread() -> None:
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


def ignores_children() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def hurries_sockets() -> None:
    socket.setdefaulttimeout(1e-9)


def forbids_large_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def leaves_a_daemon() -> int:
    """In a session of its own, its parent gone; returns its process id."""
    told, tells = os.pipe()
    if os.fork() == 0:
        os.setsid()
        daemon = os.fork()
        if daemon == 0:
            time.sleep(3600)
        os.write(tells, str(daemon).encode())
        os._exit(0)
    os.wait()
    return int(os.read(told, 20))


def is_slow_to_end() -> None:
    atexit.register(_linger)


def _linger() -> None:
    for _ in range(20):
        time.sleep(0.01)


def in_worker(name: str) -> int:
    return getattr(sys.modules[__name__], name)() or os.getpid()
