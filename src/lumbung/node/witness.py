"""This node as a witness of the centre's log: it countersigns each new head, and works for no centre that cut its log.

What it saw last lies in ``witness.json`` of the node's folder. When a head does not continue it, both heads are kept
in ``log-conflict.json``: two notes signed by the centre that cannot both be true are a proof for anybody.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lumbung.node.folder import NodeFolder
from lumbung.node.line import CentreLied, CentreRefused, Line
from lumbung.proving.run_folder import write_whole
from lumbung.proving.transparency import Countersigned, Fork, NoteError, Witness
from lumbung.proving.unreadable import UNREADABLE


class LogBroken(Exception):
    """The centre's log does not continue what this node saw. It takes no more work until its owner said a word."""


class LogWatch:
    """Watches the log of one centre for one node.

    Parameters
    ----------
    node : NodeFolder
        Countersigns under its name, with its key.
    """

    def __init__(self, node: NodeFolder) -> None:
        self._node, self._folder = node, node.path

    @property
    def conflict(self) -> Path:
        """Where two heads lie that cannot both be true, if there are such."""
        return self._folder / "log-conflict.json"

    def seen(self) -> Witness:
        """Return what this node saw last.

        Raises
        ------
        LogBroken
            The file cannot be read: it is the only memory of what was there.
        """
        path = self._folder / "witness.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=Witness)
        except FileNotFoundError:
            return Witness()
        except (OSError, *UNREADABLE) as error:
            raise LogBroken(
                f"{path}: {error}; restore it, or begin anew with 'lumbung node log --begin-anew'"
            ) from None

    def attend(self, line: Line) -> None:
        """Look at the centre's newest head, check that it continues the last one, countersign it.

        Raises
        ------
        LogBroken
        LineDown
        """
        if self.conflict.exists():
            raise LogBroken(
                f"the centre's log did not continue what this node saw ({self.conflict}); this node takes no work "
                "until its owner looked into it: 'lumbung node log'"
            )
        before = self.seen()
        try:
            offer = line.newest_head(before.size)
            if offer is None:
                if before.seen:
                    raise Fork("the centre shows no log any more", before.seen, "")
                return
            now = before.attend(offer)
        except Fork as fork:
            self._keep_conflict(fork)
            raise LogBroken(f"{fork}; both heads are kept in {self.conflict}") from None
        except (NoteError, CentreRefused, CentreLied) as error:
            raise LogBroken(f"the centre's log cannot be read: {error}") from None
        if now == before:
            return
        write_whole(self._folder / "witness.json", msgspec.json.encode(now))
        try:
            name, key = self._node.settings().name, self._node.signing_key()
            line.countersign(Countersigned(now.seen, now.countersign(name, key, datetime.now(UTC))))
        except CentreRefused as error:
            raise LogBroken(f"the centre does not take this node's cosignature: {error.detail}") from None

    def _keep_conflict(self, fork: Fork) -> None:
        proof = {"why": str(fork), "seen": fork.seen, "offered": fork.offered, "found": datetime.now(UTC)}
        write_whole(self.conflict, msgspec.json.format(msgspec.json.encode(proof)))

    def trust(self, pem: str) -> None:
        """Take the centre's heads from this key on, and go on from the head that was seen: the owner knows the key.

        Raises
        ------
        LogBroken
            What was seen cannot be read.
        """
        known = msgspec.structs.replace(self.seen(), key=pem)
        self._set_aside(self.conflict)
        write_whole(self._folder / "witness.json", msgspec.json.encode(known))

    def _set_aside(self, path: Path) -> None:
        if path.exists():
            path.replace(path.with_name(f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S}.json"))

    def begin_anew(self) -> None:
        """Forget what was seen: the owner knows why the log changed, e.g. the centre was restored from a backup."""
        for path in (self._folder / "witness.json", self.conflict):
            self._set_aside(path)
