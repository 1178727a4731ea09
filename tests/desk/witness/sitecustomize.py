"""Loaded by every Python process of a desk under test: writes down who it would talk to, other than this machine."""

import os
import sys


def _hear(event, given):
    if (
        event == "socket.connect"
        and isinstance(given[1], tuple)
        and not str(given[1][0]).startswith(("127.", "::1"))
    ):
        said = f"connect {given[1]}\n"
    elif event == "socket.getaddrinfo" and given[0] not in (
        None,
        "",
        "localhost",
        "127.0.0.1",
        "::1",
        b"127.0.0.1",
    ):
        said = f"look up {given[0]}\n"
    else:
        return
    with open(os.environ["LUMBUNG_WITNESS"], "a") as file:
        file.write(said)


if "LUMBUNG_WITNESS" in os.environ:
    sys.addaudithook(_hear)
