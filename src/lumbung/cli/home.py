"""Where a person's keys and state live: LUMBUNG_HOME, else the platform's data folder."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """Return the folder; it is made by whoever writes there."""
    named = os.environ.get("LUMBUNG_HOME")
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_data_path("lumbung")


def keys_folder() -> Path:
    """Return where the signing key is."""
    return home() / "keys"


def trusted_folder() -> Path:
    """Return where public keys of others lie that this person trusts (``*.pub``, PEM)."""
    return home() / "trusted"
