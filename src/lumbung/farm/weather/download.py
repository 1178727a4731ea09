"""Fetching a public service's answer once and keeping it: later runs, and runs offline, read the kept copy."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

from lumbung.farm.weather.record import Weather, WeatherError

TIMEOUT = 30.0  # seconds
Fetch = Callable[[str], bytes]


def over_https(url: str) -> bytes:
    """Return what stands at an https address; one that leads away from https is refused."""
    import urllib.request  # not needed where weather comes from files

    if not url.startswith("https://"):
        raise WeatherError(f"only https addresses are fetched, found {url}")
    request = urllib.request.Request(url, headers={"User-Agent": "lumbung"})  # noqa: S310  (https checked above)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        final, body = str(answer.geturl()), bytes(answer.read())
    if not final.startswith("https://"):
        raise WeatherError(f"{url} led away from https to {final}")
    return body


def answered(
    url: str,
    service: str,
    read: Callable[[bytes], Weather],
    *,
    cache: Path | None = None,
    fetch: Fetch = over_https,
) -> Weather:
    """Return the weather of a request, from the kept copy or else from the service.

    An answer is kept once it could be read: neither a network's sign-in page nor half an answer is weather ever after.

    Parameters
    ----------
    url
    service
        What errors call it.
    read
        Makes a record of an answer; KeyError, IndexError, TypeError and ValueError say that it is none.
    cache
        Folder of the copies; the user's by default.
    fetch
        Returns what stands at an address.

    Raises
    ------
    WeatherError
        When the service cannot be reached and no copy is kept, saying what to do without internet; when it answers something
        else; what `read` finds wrong with the weather.
    """
    folder = cache or platformdirs.user_cache_path("lumbung") / "weather"
    copy = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"
    try:
        return read(copy.read_bytes())
    except (OSError, KeyError, IndexError, TypeError, ValueError):
        body = _fetched(url, service, folder, fetch)
    try:
        weather = read(body)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        if isinstance(error, WeatherError):
            raise
        raise WeatherError(
            f"{service} answered something else than a daily record ({error!r}): {url}"
        ) from error
    _keep(copy, body)
    return weather


def _fetched(url: str, service: str, folder: Path, fetch: Fetch) -> bytes:
    from http.client import HTTPException
    from urllib.error import HTTPError

    try:
        return fetch(url)
    except HTTPError as error:
        raise WeatherError(f"{service} refused the request ({error.code} {error.reason}): {url}") from error
    except (OSError, HTTPException) as error:
        raise WeatherError(
            f"{service} cannot be reached ({error}) and no copy of this request is kept in {folder}. "
            "Without internet, give weather files (--weather FOLDER), or copy that folder from a machine that fetched"
        ) from error


def _keep(copy: Path, body: bytes) -> None:
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        partial = copy.with_suffix(f".{os.getpid()}")
        partial.write_bytes(body)
        partial.replace(copy)
    except OSError:
        pass  # a cache that cannot be written costs a second request, nothing else
