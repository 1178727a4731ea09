"""What a submission declares about itself in ``submission.toml``, and a challenge about the environments it publishes."""

from __future__ import annotations

import tomllib
from pathlib import Path, PurePosixPath
from typing import Annotated

import msgspec

from lumbung.proving.faults import SubmissionFault
from lumbung.proving.unreadable import UNREADABLE

FILE = "submission.toml"

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(?:[-.][a-z0-9]+)*$", max_length=64)]
Relative = Annotated[str, msgspec.Meta(min_length=1, max_length=240)]


class Lock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Packages, pinned by version and hash.

    Attributes
    ----------
    lock : str
        ``requirements.txt`` with hashes, ``pylock.toml`` or ``uv.lock``, below the folder that declares it.
    wheels : str
        A folder of wheels beside it, for nodes without a line; empty for none.
    """

    lock: Relative
    wheels: str = ""

    def __post_init__(self) -> None:
        for field in ("lock", "wheels"):
            path = PurePosixPath(getattr(self, field))
            if path.is_absolute() or ".." in path.parts:
                raise ValueError(f"{field}: found {path}, expected a path below the folder")


class Use(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An environment by name: one that the challenge publishes, or a package of solutions installed on the node."""

    use: Name


WeightName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
WeightDigest = Annotated[str, msgspec.Meta(pattern=r"^sha256:[0-9a-f]{64}$")]
Weights = Annotated[dict[WeightName, WeightDigest], msgspec.Meta(max_length=32)]


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``submission.toml``. Everything in it may be left out.

    Attributes
    ----------
    environment : Lock or Use, optional
        The standard library and numpy where nothing is said.
    weights : dict of str to str
        Files shown at ``/weights``, by the digest of each.
    """

    environment: Lock | Use | None = None
    weights: Weights = {}


class _Raw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    environment: dict[str, str] | None = None
    weights: Weights = {}


def read_declaration(folder: Path) -> Declaration:
    """Read what a submission declares; nothing where it has no ``submission.toml``.

    Raises
    ------
    SubmissionFault
        ``environment_unusable``, with the place.
    """
    path = folder / FILE
    if not path.is_file():
        return Declaration()
    try:
        raw = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8-sig")), _Raw)
        named = raw.environment
        if named is None:
            return Declaration(weights=raw.weights)
        kind: type[Use] | type[Lock] = Use if "use" in named else Lock
        return Declaration(msgspec.convert(named, kind), raw.weights)
    except OSError as error:
        raise SubmissionFault("not_readable", reason=f"{FILE}: {error.strerror}") from None
    except UNREADABLE as error:
        raise SubmissionFault(
            "environment_unusable",
            where=FILE,
            found=str(error)[:200],
            expected='[environment] with use = "NAME", or lock = "FILE" and perhaps wheels = "FOLDER"; [weights] with '
            'lines such as "model.onnx" = "sha256:…"',
        ) from None
