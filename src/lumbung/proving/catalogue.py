"""Where challenges are found: shipped with this package, shipped by others (entry-point group
``lumbung.challenges``, whose values name a package of challenge folders), or any folder."""

from __future__ import annotations

import importlib.util
from importlib.metadata import entry_points
from pathlib import Path

import lumbung
from lumbung.proving.challenge import ChallengeError, ChallengeFolder, read_challenge

GROUP = "lumbung.challenges"


def shipped_challenges() -> dict[str, Path]:
    """Return the folders of installed challenges by id (which is the folder's name)."""
    package = Path(lumbung.__file__).parent
    # In a wheel they lie inside the package; in a checkout beside src/.
    bases = [package / "challenges", package.parents[1] / "challenges"]
    for point in entry_points(group=GROUP):
        spec = importlib.util.find_spec(point.value)
        bases.extend(map(Path, (spec.submodule_search_locations or ()) if spec else ()))
    found: dict[str, Path] = {}
    for base in bases:
        if base.is_dir():
            for folder in sorted(base.iterdir()):
                if (folder / "challenge.toml").is_file():
                    found.setdefault(folder.name, folder)
    return found


def find_challenge(name: str) -> ChallengeFolder:
    """Read the challenge called *name*: a shipped id or a folder.

    Raises
    ------
    ChallengeError
        Nothing of that name, or it is broken.

    Examples
    --------
    >>> from lumbung import proving
    >>> proving.find_challenge("resco").challenge
    <Challenge resco 1, judged by city.signals 2 on delay>
    """
    shipped = shipped_challenges()
    if name in shipped:
        return read_challenge(shipped[name])
    if Path(name).is_dir():
        return read_challenge(Path(name).resolve())
    raise ChallengeError(
        "challenge",
        repr(name),
        f"a folder with challenge.toml, or one of the shipped: {', '.join(shipped) or 'none'}",
    )
