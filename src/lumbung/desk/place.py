"""Where the desk keeps what it has: one folder, beside the node's.

people/<mark>.json      who may come in, and as what
entrances/<digest>.json one-time links that wait to be used
jobs/<id>/              see `lumbung.desk.jobs.folder`
uploads/                files on their way in
secret                  signs the cookie (mode 600)
"""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return LUMBUNG_HOME, else the platform's data folder."""
    named = os.environ.get("LUMBUNG_HOME")
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_data_path("lumbung")


def desk_folder() -> Path:
    """Return the desk's own folder; it is made by whoever writes there."""
    return home() / "desk"
