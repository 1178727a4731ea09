"""The line to the centre: everything the node asks, over connections that break.

Every request may be repeated without harm: a lease that nobody uses runs out, a blob is fetched on from where it
broke off and checked against its digest, a result delivered twice changes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import Any

import httpx
import msgspec

from lumbung.proving.evidence import Digest
from lumbung.proving.job import (
    Delivery,
    Held,
    Job,
    KeyChange,
    KeyTaken,
    LedgerTold,
    NodeCard,
    Renewal,
    Renewed,
    Wanted,
)
from lumbung.proving.transparency import Countersigned, HeadOffer
from lumbung.proving.unreadable import UNREADABLE
from lumbung.sandbox.legible import legible

_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
BLOB_LIMIT = 512 * 2**20
ANSWER_LIMIT = 4 * 2**20
"""The largest answer that is not a blob [bytes]."""
DETAIL_LIMIT = 200
"""What is taken of a refusal's words [characters]."""


class NoLine(ValueError):
    """The address of the centre, or what is shown to it, can be none; says what to do."""


class LineDown(Exception):
    """The centre cannot be reached now, or answers with an error of its own: try again later.

    `answered` tells the two apart.
    """

    def __init__(self, message: str, *, answered: bool = False) -> None:
        self.answered = answered
        super().__init__(message)


class CentreRefused(Exception):
    """The centre understood and said no."""

    def __init__(self, status: int, detail: str) -> None:
        self.status, self.detail = status, detail
        super().__init__(f"the centre answered {status}: {detail}")


class NodeRefused(CentreRefused):
    """The centre knows this node no more, whatever it asks: nothing is said of what it asked."""


class CentreLied(Exception):
    """What came is not what its digest promises."""


class _Joined(msgspec.Struct, frozen=True):
    token: str


class _Kept(msgspec.Struct, frozen=True):
    digest: Digest


class Line:
    """Calls a centre's node API.

    Parameters
    ----------
    centre : str
        Its address, e.g. ``https://centre.example``; empty before the node joined.
    token : str
        This node's secret; empty before it joined.

    Raises
    ------
    NoLine
    """

    def __init__(self, centre: str, token: str = "", transport: httpx.BaseTransport | None = None) -> None:
        _check_address(centre)
        _check_secret(token, "the token that this node keeps")
        # Nothing packed: a few kilobytes could unpack to more than this machine has.
        headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._http = httpx.Client(
            base_url=centre.rstrip("/") + "/api/node",
            headers=headers,
            timeout=httpx.Timeout(20.0, connect=10.0),
            transport=transport,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def join(self, code: str, card: NodeCard) -> str:
        """Join with an enrolment code; returns the node's secret.

        Raises
        ------
        NoLine, LineDown, CentreRefused, CentreLied
        """
        if not self._http.base_url.host:
            raise NoLine("the address of the centre is missing; expected one such as https://centre.example")
        _check_secret(code, "the enrolment code")
        joined: _Joined = _decode(self._post("/join", card, headers={"X-Enrolment": code}).content, _Joined)
        return joined.token

    def lease(self, wanted: Wanted) -> Job | None:
        """Wait for work; None when there was none in the time asked."""
        answer = self._post("/lease", wanted, timeout=wanted.wait_s + 20.0)
        return None if answer.status_code == 204 else _decode(answer.content, Job)

    def change_key(self, change: KeyChange) -> KeyTaken:
        """Replace this node's key; the same change twice is one."""
        taken: KeyTaken = _decode(self._post("/key", change).content, KeyTaken)
        return taken

    def renew(self, run: str, renewal: Renewal) -> Renewed:
        """Prolong a lease; the answer may say that the run was withdrawn."""
        answer: Renewed = _decode(self._post(f"/runs/{run}/renew", renewal, timeout=10.0).content, Renewed)
        return answer

    def held(self, run: str, held: Held) -> None:
        """Say that a run is judged and waits for the word of the data's owner."""
        self._post(f"/runs/{run}/held", held)

    def deliver(self, run: str, delivery: Delivery) -> None:
        """Deliver a result."""
        self._post(f"/runs/{run}/result", delivery)

    def tell_ledger(self, told: LedgerTold) -> None:
        """Say how much was told of a challenge's private cases."""
        self._post("/ledger", told)

    def newest_head(self, seen: int) -> HeadOffer | None:
        """Ask for the newest head of the centre's log; None where it has no log."""
        answer = self._checked("GET", "/log", params={"seen": seen})
        return None if answer.status_code == 204 else _decode(answer.content, HeadOffer)

    def countersign(self, line: Countersigned) -> None:
        """Put this node's line under a head."""
        self._post("/log/cosignatures", line)

    def picture(self, svg: bytes) -> str:
        """Upload a picture; returns its digest."""
        kept: _Kept = _decode(self._post("/pictures", svg).content, _Kept)
        return kept.digest

    def attach(self, adoption: int, tar: BufferedIOBase) -> None:
        """Attach the deliverable of an adoption, an open file; it goes in pieces, after its digest."""
        tar.seek(0)
        digest = base64.b64encode(hashlib.file_digest(tar, "sha256").digest()).decode()
        tar.seek(0)
        headers = {"Content-Type": "application/x-tar", "Content-Digest": f"sha-256=:{digest}:"}
        self._send(f"/adoptions/{adoption}/deliverable", tar, headers, timeout=120.0)

    def fetch(self, digest: str, folder: Path, limit: int = BLOB_LIMIT) -> Path:
        """Fetch a blob of at most *limit* bytes unless it is here, going on where an earlier try broke off.

        Raises
        ------
        LineDown, CentreRefused
        CentreLied
            The bytes are not those the digest names; nothing of them is kept.
        """
        named = _DIGEST.fullmatch(digest)
        if named is None:
            raise CentreLied(f"{digest[:80]!r} is no digest")
        path = folder / named[1]
        if path.exists():
            return path
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        self._fetch_rest(digest, part, limit)
        with part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != named[1]:
            part.unlink()
            raise CentreLied(f"{digest} was asked for, and sha256:{found} came")
        part.replace(path)
        return path

    def take(self, digest: str, folder: Path, into: Path) -> Path:
        """Copy a blob, fetched where it is not here, to *into*, and check every byte on the way; returns *into*.

        What was checked is what is used, whoever cuts the kept file meanwhile. A kept file that is no longer what its
        name says is fetched again, once.

        Raises
        ------
        LineDown, CentreRefused
        CentreLied
            What comes is not what the digest names, or the kept file is spoilt again as soon as it is here.
        """
        for _ in range(2):
            kept = self.fetch(digest, folder)
            if _copied(kept, into) == digest:
                return into
            kept.unlink(missing_ok=True)
        into.unlink(missing_ok=True)
        raise CentreLied(f"{digest}: the kept file is damaged again and again; look at this node's disk")

    def _fetch_rest(self, digest: str, part: Path, limit: int) -> None:
        have = part.stat().st_size if part.exists() else 0
        try:
            with self._http.stream("GET", f"/blobs/{digest}", headers={"Range": f"bytes={have}-"}) as answer:
                if answer.status_code >= 400:
                    answer.read()
                _check(answer)
                with part.open("ab" if answer.status_code == 206 else "wb") as file:
                    for chunk in _plain(answer):
                        file.write(chunk)
                        if file.tell() > limit:
                            raise CentreLied(f"{digest}: more than {limit} bytes")
                    file.flush()
                    os.fsync(file.fileno())
        except httpx.HTTPError as error:
            raise LineDown(f"{type(error).__name__} while fetching {digest[:23]}…") from error

    def _post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        content = body if isinstance(body, bytes) else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        return self._send(path, content, headers, **options)

    def _send(
        self, path: str, content: bytes | BufferedIOBase, headers: dict[str, str], **options: Any
    ) -> httpx.Response:
        return self._checked("POST", path, content=content, headers=headers, **options)

    def _checked(self, method: str, path: str, **options: Any) -> httpx.Response:
        content = bytearray()
        try:
            with self._http.stream(method, path, **options) as answer:
                for chunk in _plain(answer):
                    content += chunk
                    if len(content) > ANSWER_LIMIT:
                        raise CentreLied(f"an answer of more than {ANSWER_LIMIT} bytes")
        except httpx.HTTPError as error:
            raise LineDown(f"{type(error).__name__} on {path.split('/')[-1]}") from error
        whole = httpx.Response(answer.status_code, content=bytes(content))
        _check(whole)
        return whole


def _check_address(centre: str) -> None:
    try:
        url = httpx.URL(centre)
    except httpx.InvalidURL as error:
        raise NoLine(
            f"{legible(centre)}: {error}; expected an address such as https://centre.example"
        ) from None
    if centre and (url.scheme not in ("http", "https") or not url.host):
        raise NoLine(f"{legible(centre)}: expected an address such as https://centre.example")


def _check_secret(secret: str, what: str) -> None:
    if not secret.isascii() or not secret.isprintable():
        raise NoLine(f"{what} holds characters that none has; copy it anew")


def _plain(answer: httpx.Response) -> Iterator[bytes]:
    """Yield an answer's bytes as they come over the line.

    Raises
    ------
    CentreLied
        They are packed, though nobody asked for that.
    """
    packed = answer.headers.get("Content-Encoding", "identity")
    if packed != "identity":
        raise CentreLied(f"an answer packed as {legible(packed[:20])}")
    return answer.iter_bytes(1 << 16)


def _copied(path: Path, into: Path) -> str:
    """Copy a file and return the digest of what was copied; of a file that is gone, that of nothing."""
    found = hashlib.sha256()
    with into.open("wb") as copy:
        try:
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    found.update(piece)
                    copy.write(piece)
        except FileNotFoundError:
            return ""
    return f"sha256:{found.hexdigest()}"


def _check(answer: httpx.Response) -> None:
    if answer.status_code >= 500 or answer.status_code == 429:
        raise LineDown(f"the centre answered {answer.status_code}", answered=True)
    if answer.status_code >= 400:
        try:
            detail = str(msgspec.json.decode(answer.content).get("detail", ""))
        except (*UNREADABLE, AttributeError):
            detail = answer.text
        refused = NodeRefused if answer.status_code == 401 else CentreRefused
        raise refused(answer.status_code, legible(detail[:DETAIL_LIMIT]))


def _decode(content: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(content, type=kind)
    except UNREADABLE as error:
        raise CentreLied(f"an answer of the wrong form: {error}") from None
