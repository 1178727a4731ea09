"""Fetching a public service's answer once and keeping it: later runs, and runs offline, read the kept copy."""

from __future__ import annotations

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import platformdirs

from lumbung.farm.weather.record import WeatherError

TIMEOUT = 30.0  # seconds
Fetch = Callable[[str], bytes]


def over_https(url: str) -> bytes:
    """Return what stands at an https address."""
    if not url.startswith("https://"):
        raise WeatherError(f"only https addresses are fetched, found {url}")
    request = urllib.request.Request(url, headers={"User-Agent": "lumbung"})  # noqa: S310  (https checked above)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        body: bytes = answer.read()
    return body


def kept(url: str, service: str, *, cache: Path | None = None, fetch: Fetch = over_https) -> bytes:
    """Return the answer to a request, from the cache or else from the service.

    Raises
    ------
    WeatherError
        When the service cannot be reached and no copy is kept; says what to do without internet.
    """
    folder = cache or platformdirs.user_cache_path("lumbung") / "weather"
    copy = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"
    if copy.is_file():
        return copy.read_bytes()
    try:
        body = fetch(url)
    except urllib.error.HTTPError as error:
        raise WeatherError(f"{service} refused the request ({error.code} {error.reason}): {url}") from error
    except (OSError, TimeoutError) as error:
        raise WeatherError(
            f"{service} cannot be reached ({error}) and no copy of this request is kept in {folder}. "
            "Without internet, give weather files (--weather FOLDER), or copy that folder from a machine that fetched"
        ) from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial = copy.with_suffix(f".{os.getpid()}")
        partial.write_bytes(body)
        partial.replace(copy)
    except OSError:
        pass  # a cache that cannot be written costs a second request, nothing else
    return body
