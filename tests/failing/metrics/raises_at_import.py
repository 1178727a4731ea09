# expected: challenge judge_raised
"""Fails before it is asked."""

import no_such_package  # noqa: F401
