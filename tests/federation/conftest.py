"""The federation's tests share a small league whose centre answers on any host name."""

from __future__ import annotations

import pytest

from small_league import build_league


@pytest.fixture(autouse=True)
def hosts(settings):
    settings.ALLOWED_HOSTS = ["*"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def league(transactional_db, tmp_path, hosts):
    """A small league in a database that several threads share, as in life."""
    return build_league(tmp_path)


@pytest.fixture
def busy_league(transactional_db, tmp_path, hosts):
    """The same with one case a run and no daily limit to speak of, for tests of many runs."""
    return build_league(tmp_path, blocks=1, daily_limit=10_000)
