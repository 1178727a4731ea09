"""The centre's tests share a small league."""

import pytest

from small_league import league  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A slow hash protects people, not tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
