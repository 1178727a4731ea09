"""Run pytest with the given words on a PostgreSQL of its own; SQLite is what the other run uses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from live_league import Postgres


def main() -> int:
    server = Postgres().start()
    try:
        environment = {**os.environ, "LUMBUNG_DATABASE_URL": server.url}
        return subprocess.run(
            [sys.executable, "-m", "pytest", *sys.argv[1:]], env=environment, check=False
        ).returncode
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
