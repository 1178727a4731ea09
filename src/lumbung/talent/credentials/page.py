"""A page that verifies badges inside the reader's browser: one HTML file, no network, no account.

The file carries the trusted issuers with their keys, the sentences of the verdicts and, where given, the latest lists of
revoked badges. Its content security policy forbids it any connection, so the reader need not believe us about that.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from lumbung.talent.credentials.verdict import NOTES, REASONS
from lumbung.talent.credentials.wording import WORDS


def verification_page(
    trusted: Iterable[str],
    did_documents: Mapping[str, Mapping[str, Any]] | None = None,
    status_lists: Iterable[Mapping[str, Any]] = (),
    *,
    language: str = "id",
) -> str:
    """Write the verification page.

    Parameters
    ----------
    trusted : iterable of str
        DIDs of the issuers the page vouches for. Empty: the page leaves the decision to the reader.
    did_documents : mapping, optional
        Documents of the did:web issuers among them, by DID.
    status_lists : iterable of mapping, optional
        Signed status list credentials to carry along.
    language : str
        The language the page opens in where the browser asks for none of the three.

    Returns
    -------
    str
        The whole page.
    """
    config = {
        "trusted": sorted(trusted),
        "documents": dict(did_documents or {}),
        "lists": list(status_lists),
        "reasons": REASONS,
        "notes": NOTES,
        "words": {
            language: {name: words[name] for name in ("rows", "ability_brief", "standing_brief")}
            for language, words in WORDS.items()
        },
        "language": language,
    }
    # "<" never stands in the data, so no text in it can end the script element.
    data = json.dumps(config, ensure_ascii=False).replace("<", "\\u003c")
    folder = resources.files("lumbung.talent.credentials") / "browser"
    script, style, body = (
        (folder / name).read_text("utf-8") for name in ("verify.js", "verify.css", "verify.html")
    )
    script = f"const CONFIG = {data};\n{script}"
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    for place, text in (("@POLICY@", policy), ("@STYLE@", style), ("@SCRIPT@", script)):
        body = body.replace(place, text)
    return body


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
