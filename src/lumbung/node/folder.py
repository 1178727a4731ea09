"""A node's folder: who it is, which challenges its owner lets it judge, and on which cases.

node.toml             name, country, centre, and the challenges with their rules
keys/                 the signing key; never leaves
token                 the secret the centre gave (mode 600)
cases/<challenge>/    private cases; only this node reads them
blobs/                what was fetched, by digest
weights/              large files that submissions name, by digest
environments/         what submissions declared to import, built
outbox/               results that are not delivered yet
held/                 results that wait for the owner's word
inbox/                private cases put here are taken in (see `lumbung.node.arrivals`)
ledger/               what was told of each challenge's private cases, and to whom
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.proving.challenge import Country, Egress, Identifier
from lumbung.proving.evidence import Digest
from lumbung.proving.job import Scope
from lumbung.proving.keys import load_or_make_key
from lumbung.proving.run_folder import write_whole
from lumbung.proving.unreadable import UNREADABLE
from lumbung.proving.weights import WeightStore

KEPT_RUNS = 500
_STRICTNESS = ("aggregate", "per-case", "pictures")


Bits = Annotated[float, msgspec.Meta(gt=0)]


class NodeError(ValueError):
    """The node's own folder or settings cannot be used; says what to do."""


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How much may be told of a challenge's private cases, for as long as they are the same [bit].

    Attributes
    ----------
    challenge : float, optional
        In all, whoever asks and under whatever name: the one bound that does not rest on the centre's word.
    organisation, team, person : float, optional
        To each of them, as the centre names them.

    By default a team and a person have 0.6 bit for each private row, at least 128 and at most 512; an organisation has twice
    that, and the challenge 32 times, at most 8192 (docs/federation/egress.md says why).
    """

    challenge: Bits | None = None
    organisation: Bits | None = None
    team: Bits | None = None
    person: Bits | None = None

    def of(self, scope: Scope, rows: int) -> float:
        """Return an account's budget where the private cases have so many rows [bit]."""
        given: float | None = getattr(self, scope)
        if given is not None:
            return given
        share = min(512.0, max(128.0, 0.6 * rows))
        return {"challenge": min(8192.0, 32 * share), "organisation": 2 * share}.get(scope, share)


class Accepted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A challenge the owner of this node's data accepted, as it was then.

    Attributes
    ----------
    digest : str
        Of the challenge's content: a centre that sends another one under the same name gets nothing.
    most : {"aggregate", "per-case", "pictures"}
        The most that may leave.
    min_cases : int
        The fewest cases an aggregate must cover.
    digits : int
        The most significant digits a figure may have.
    release : {"auto", "hold"}
        Whether results leave at once, or wait for the owner's word.
    private : bool
        Whether this node holds private cases for it (in ``cases/<id>``).
    min_rows : int
        The fewest rows a figure must rest on.
    reveal : {"improvements", "every"}
        Whether a team is told improvements alone, or every result.
    budget : Budget
    """

    digest: Digest
    most: Literal["aggregate", "per-case", "pictures"] = "aggregate"
    min_cases: Annotated[int, msgspec.Meta(ge=1)] = 5
    digits: Annotated[int, msgspec.Meta(ge=2, le=17)] = 4
    release: Literal["auto", "hold"] = "auto"
    private: bool = True
    min_rows: Annotated[int, msgspec.Meta(ge=1)] = 20
    reveal: Literal["improvements", "every"] = "improvements"
    budget: Budget = Budget()

    def objection(self, egress: Egress) -> str:
        """Return why the challenge's egress rule lets out more than the owner accepted, or nothing."""
        if _STRICTNESS.index(egress.rule) > _STRICTNESS.index(self.most):
            return f"the challenge lets out {egress.rule}, the owner at most {self.most}"
        if egress.rule == "aggregate" and egress.min_cases < self.min_cases:
            return (
                f"the challenge averages over {egress.min_cases} cases, the owner asks for {self.min_cases}"
            )
        if egress.digits > self.digits:
            return f"the challenge lets out {egress.digits} digits, the owner at most {self.digits}"
        if egress.min_rows < self.min_rows:
            return (
                f"the challenge lets out figures over {egress.min_rows} rows, the owner over {self.min_rows}"
            )
        if egress.reveal == "every" and self.reveal != "every":
            return "the challenge lets out every result, the owner improvements alone"
        return ""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``node.toml``.

    Attributes
    ----------
    index : str
        From where wheels may come that submissions pin: an address, an absolute folder, or nowhere.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=40)]
    country: Country
    centre: str = ""
    workers: Annotated[int, msgspec.Meta(ge=0)] = 0
    challenges: dict[Identifier, Accepted] = {}
    index: str = ""


class NodeFolder:
    """The folder of one node."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    def signing_key(self) -> Ed25519PrivateKey:
        """Return the key, read each time it signs: its owner may replace it while the node is at work.

        Raises
        ------
        KeyUnusable
        """
        return load_or_make_key(self.keys)

    @property
    def blobs(self) -> Path:
        return self.path / "blobs"

    @property
    def environments(self) -> Path:
        return self.path / "environments"

    @property
    def weights(self) -> Path:
        return self.path / "weights"

    @property
    def runs(self) -> Path:
        return self.path / "runs"

    def forget_old_runs(self) -> None:
        """Keep the newest runs only, and weights that something used lately."""
        found = (
            sorted(self.runs.glob("*"), key=lambda path: path.stat().st_mtime) if self.runs.is_dir() else []
        )
        for path in found[:-KEPT_RUNS]:
            shutil.rmtree(path, ignore_errors=True)
        WeightStore(self.weights).forget_unused()

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the node's lock: settings are changed, and results leave, one after the other."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path / ".lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def cases(self, challenge: str) -> Path:
        """Return where the private cases of a challenge lie."""
        return self.path / "cases" / challenge

    def secret(self, challenge: str) -> Path:
        """Return where the secret lies under which the private cases of a challenge are digested."""
        return self.path / "secrets" / challenge

    def ledger(self, challenge: str) -> Path:
        """Return where it is booked what was told of a challenge's private cases."""
        return self.path / "ledger" / f"{challenge}.jsonl"

    def settings(self) -> Settings:
        """Read ``node.toml``.

        Raises
        ------
        NodeError
        """
        path = self.path / "node.toml"
        try:
            return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8-sig")), Settings)
        except FileNotFoundError:
            raise NodeError(f"{self.path}: no node here; start with 'lumbung node init'") from None
        except (OSError, *UNREADABLE) as error:
            raise NodeError(f"{path}: {error}") from None

    def write_settings(self, settings: Settings) -> None:
        """Write ``node.toml``, whole or not at all."""
        write_whole(self.path / "node.toml", _toml(settings).encode())

    def token(self) -> str:
        """Return the secret the centre gave.

        Raises
        ------
        NodeError
            The node has not joined yet.
        """
        try:
            return (self.path / "token").read_text().strip()
        except FileNotFoundError:
            raise NodeError(
                f"{self.path}: this node has not joined a centre; 'lumbung node join URL CODE'"
            ) from None

    def write_token(self, token: str) -> None:
        """Keep the secret the centre gave, mode 600."""
        path = self.path / "token"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token)


def _toml(settings: Settings) -> str:
    """Write the few settings there are; values are restricted to plain words and numbers, but for the centre's address."""
    lines = [
        "# One node of the league. See docs/federation/node.md.",
        f'name = "{settings.name}"',
        f'country = "{settings.country}"',
        f"centre = {msgspec.json.encode(settings.centre).decode()}",  # a string of JSON is one of TOML
        f"workers = {settings.workers}   # 0: all processors",
        f"index = {msgspec.json.encode(settings.index).decode()}   # from where submissions' wheels may come; empty: nowhere",
    ]
    for name, accepted in settings.challenges.items():
        lines += [
            "",
            f'[challenges."{name}"]',
            f'digest = "{accepted.digest}"',
            f'most = "{accepted.most}"',
            f"min_cases = {accepted.min_cases}",
            f"digits = {accepted.digits}",
            f'release = "{accepted.release}"',
            f"private = {'true' if accepted.private else 'false'}",
            f"min_rows = {accepted.min_rows}",
            f'reveal = "{accepted.reveal}"',
            f"budget = {{ {', '.join(f'{name} = {bits}' for name, bits in msgspec.to_builtins(accepted.budget).items())} }}",
        ]
    return "\n".join(lines) + "\n"
