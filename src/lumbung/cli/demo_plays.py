"""What ``lumbung demo`` plays: which challenges, which part of each, by which solutions."""

from __future__ import annotations

from pathlib import Path

import msgspec

from lumbung.proving.challenge import ChallengeFolder, ShortRun
from lumbung.proving.submission import Submission, find_submission, solutions_for


class Play(msgspec.Struct, frozen=True):
    """A challenge that is played: which part of it, by whom, and where its evidence lands."""

    found: ChallengeFolder
    part: ShortRun
    out: Path

    @property
    def submissions(self) -> dict[str, Submission]:
        """The solutions that are shipped for it."""
        return {name: find_submission(name) for name in solutions_for(self.found.challenge)}


# In a season every challenge is played on fewer cases than alone, so that all of them take minutes.
SEASON_PARTS = {
    "resco": ShortRun("cologne1/*,cologne3/*,ingolstadt1/*", 2),
    "remote-villages": ShortRun("flores/*,papua/*,phongsaly/*,baise/*", 1),
    "connected-villages": ShortRun("timor/*,samar/*", 1),
    "rice-window": ShortRun("*", 2),
    "fertiliser-and-water": ShortRun("*", 1),
}


def short_part(found: ChallengeFolder) -> ShortRun:
    """Return what of a challenge is played in a season; of one that is not named here, what it says itself."""
    return SEASON_PARTS.get(found.challenge.id, found.challenge.demo)
