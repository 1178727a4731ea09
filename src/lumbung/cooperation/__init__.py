"""Cooperation: the right partners find each other across languages, and see what support they can count on.

Everything here is state in, decision out: frozen records and functions, no clock, no Django.

- `matching`: needs and offers in different languages, ranked by margins, with reasons
- `assignment`: stable assignments, with mentors, or of greatest worth within a budget
- `rules`: support by policy as dated rules in exact arithmetic
- `facilities`: usage from evidence, fair share, grants, bookings, plans
- `projects` and `league`: what becomes of a match; seasons, tracks and their table
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbung.faces import face

if TYPE_CHECKING:
    from lumbung.cooperation.assignment.budget import BudgetedAssignment, assign_within_budget
    from lumbung.cooperation.assignment.deferred_acceptance import Assignment, assign
    from lumbung.cooperation.assignment.many_to_many import assign_many
    from lumbung.cooperation.assignment.preferences import (
        PreferenceError,
        Preferences,
        preferences_from_lists,
        preferences_from_scores,
    )
    from lumbung.cooperation.assignment.supervision import Supervision, allocate
    from lumbung.cooperation.matching.candidates import Pool, compare
    from lumbung.cooperation.matching.desk import Proposal, propose
    from lumbung.cooperation.matching.listings import Need, Offer, Organisation, Written
    from lumbung.cooperation.matching.reading import Directory, DirectoryError, read_directory
    from lumbung.cooperation.rules.answer import Answer, ask
    from lumbung.cooperation.rules.rulebook import Rulebook, read_book, shipped_book

__all__ = [
    "Answer",
    "Assignment",
    "BudgetedAssignment",
    "Directory",
    "DirectoryError",
    "Need",
    "Offer",
    "Organisation",
    "Pool",
    "PreferenceError",
    "Preferences",
    "Proposal",
    "Rulebook",
    "Supervision",
    "Written",
    "allocate",
    "ask",
    "assign",
    "assign_many",
    "assign_within_budget",
    "compare",
    "preferences_from_lists",
    "preferences_from_scores",
    "propose",
    "read_book",
    "read_directory",
    "shipped_book",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "assignment.budget": (
            "BudgetedAssignment",
            "assign_within_budget",
        ),
        "assignment.deferred_acceptance": (
            "Assignment",
            "assign",
        ),
        "assignment.many_to_many": ("assign_many",),
        "assignment.preferences": (
            "PreferenceError",
            "Preferences",
            "preferences_from_lists",
            "preferences_from_scores",
        ),
        "assignment.supervision": (
            "Supervision",
            "allocate",
        ),
        "matching.candidates": (
            "Pool",
            "compare",
        ),
        "matching.desk": (
            "Proposal",
            "propose",
        ),
        "matching.listings": (
            "Need",
            "Offer",
            "Organisation",
            "Written",
        ),
        "matching.reading": (
            "Directory",
            "DirectoryError",
            "read_directory",
        ),
        "rules.answer": (
            "Answer",
            "ask",
        ),
        "rules.rulebook": (
            "Rulebook",
            "read_book",
            "shipped_book",
        ),
    },
)
