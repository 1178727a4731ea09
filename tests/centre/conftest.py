"""The centre's tests share a small league."""

import pytest
from django.core.cache import cache

from small_league import league  # noqa: F401 - a fixture
from small_stage import stage  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A slow hash protects people, not tests; and no test inherits another's rate limits."""
    cache.clear()  # rate limits of the test before
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
