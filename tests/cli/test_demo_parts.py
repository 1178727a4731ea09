"""What the season of ``lumbung demo`` plays, without playing it."""

from __future__ import annotations

from lumbung.cli.demo_plays import SEASON_PARTS, short_part
from lumbung.cli.demo_season import PARTS
from lumbung.cli.words import WORDS
from lumbung.proving.catalogue import find_challenge, shipped_challenges


def test_every_shipped_challenge_is_played_and_none_other_is_named():
    assert set(SEASON_PARTS) <= set(shipped_challenges())
    for name in shipped_challenges():
        found = find_challenge(name)
        assert short_part(found) == SEASON_PARTS.get(name, found.challenge.demo)


def test_every_part_has_its_words():
    for part in PARTS:
        text = WORDS[f"part_{part}"]
        assert len({text.en, text.id, text.zh}) == 3
