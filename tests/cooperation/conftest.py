"""A PostgreSQL server of the tests' own, on a Unix socket in a temporary folder."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def _programs():
    """Folders that hold PostgreSQL's server programs, newest first."""
    found = [Path(shutil.which("initdb")).resolve().parent] if shutil.which("initdb") else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return [folder for folder in found if (folder / "initdb").exists() and (folder / "pg_ctl").exists()]


def _server_user():
    """PostgreSQL refuses to run as root: then the server runs as somebody else."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    pytest.skip("runs as root and there is no user postgres or nobody for the server")


@pytest.fixture(scope="session")
def postgresql():
    """Return the address of a running server; skips only where no server program is installed."""
    programs = _programs()
    if not programs:
        pytest.skip("no PostgreSQL server is installed (apt install postgresql)")
    user = _server_user()
    folder = Path(tempfile.mkdtemp(prefix="lumbung-pg-"))
    try:
        if user:
            os.chown(folder, user["user"], user["group"])
        run = {
            "check": True,
            "stdout": subprocess.DEVNULL,
            "cwd": "/",
            "env": {"PATH": os.environ["PATH"]},
            **user,
        }
        data = str(folder / "data")
        subprocess.run(
            [programs[0] / "initdb", "-D", data, "-U", "lumbung", "-A", "trust", "-E", "UTF8", "--no-sync",
             "--locale=C"], **run
        )  # fmt: skip
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c max_connections=100"
        )
        control = [programs[0] / "pg_ctl", "-D", data, "-w", "-s", "-l", str(folder / "log")]
        subprocess.run([*control, "-o", options, "start"], **run)
        try:
            yield f"host={folder} user=lumbung dbname=postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
