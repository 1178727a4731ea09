"""The centre's tests share a small league."""

from small_league import league  # noqa: F401 - a fixture
