"""The centre's tests share a small league."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import translation

from small_league import league  # noqa: F401 - a fixture
from small_stage import stage  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def nobody_left_a_language() -> Iterator[None]:
    """A page answered in somebody's language leaves it to the thread: what is asked next begins with the centre's own."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A slow hash protects people, not tests; and no test inherits another's rate limits."""
    cache.clear()  # rate limits of the test before
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


# No page may ask another host for anything, and Chromium itself shall not either.
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless Chromium for the tests of one file."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs Chromium on the path (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, which some tests also ask the database from.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as play:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = play.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()
