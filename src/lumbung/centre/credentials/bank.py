"""The item bank as the web process holds it: read once, laid out once, nothing compiled."""

from __future__ import annotations

from functools import cache

from lumbung.talent.adaptive.one_person import Items
from lumbung.talent.adaptive.stopping import StoppingRule
from lumbung.talent.bank import Bank, load_bank
from lumbung.talent.bank.load import Columns, load_acceptance

TEST = "ai-capability/1"
MINUTES = 60
LEAST, MOST = 12, 40
# The next question is drawn by lot among this many best ones, and a question drawn too often is set aside with the
# probability the bank ships with (Sympson and Hetter), so that none is shown to much more than a fifth of the people. It
# costs four questions of length; docs/talent/pages.md has the figures.
LOT = 10
LARGEST_EXPOSURE = 0.2
# The short test is for oneself: about 28 questions. Under supervision it goes on until it is more precise.
SHORT = StoppingRule(0.4, LEAST, MOST, MINUTES * 60.0)
SUPERVISED = StoppingRule(0.3, LEAST, MOST, MINUTES * 60.0)
# Where the levels begin, as in the scenario "competence" of the road.
CUTS = {"foundation": -0.5, "practitioner": 0.5, "specialist": 2.33}


@cache
def bank() -> Bank:
    """The shipped bank."""
    return load_bank()


@cache
def columns() -> Columns:
    """Its parameters."""
    return bank().columns()


@cache
def items() -> Items:
    """Its items, ready for choosing."""
    return Items.of_columns(columns(), load_acceptance())
