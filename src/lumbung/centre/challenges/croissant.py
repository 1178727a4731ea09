"""A challenge's public data, described for programs: a Croissant record (MLCommons Croissant Format Specification 1.0).

It names the archive with its digest and size, the files in it, and, where the judge is that of tables, the columns. Private
cases are no part of it. https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

import mimetypes
from typing import Any

from lumbung.centre.challenges.models import Challenge
from lumbung.proving.text import LANGUAGES

CONFORMS = "http://mlcommons.org/croissant/1.0"
# As the specification prints it (appendix 1), less what is not used here.
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "source": "cr:source",
}
_TYPES = {".csv": "text/csv", ".toml": "application/toml", ".parquet": "application/vnd.apache.parquet"}


def described(challenge: Challenge, home: str) -> dict[str, Any]:
    """Return the Croissant record of a challenge, with addresses below *home*."""
    record = challenge.record
    archive = f"{home}/api/challenges/{challenge.slug}/archive?version={challenge.version}"
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "name": challenge.slug,
        "description": _words(record["summary"]),
        "alternateName": _words(record["title"]),
        "license": record["licence"],
        "url": f"{home}/challenges/{challenge.slug}/",
        "version": f"{challenge.version}.0.0",
        "datePublished": challenge.created.date().isoformat(),
        "creator": {"@type": "sc:Organization", "name": challenge.owner.name},
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "archive",
                "name": "archive",
                "contentUrl": archive,
                "contentSize": f"{challenge.blob.size} B",
                "encodingFormat": "application/x-tar",
                "sha256": challenge.blob.digest.removeprefix("sha256:"),
            },
            *(_file(name, size) for name, size in challenge.sample.get("files", ())),
        ],
    }
    columns = _columns(challenge)
    return {**found, "recordSet": [columns]} if columns else found


def _words(text: dict[str, str]) -> str:
    return next((text[code] for code in LANGUAGES if text.get(code)), "")


def _file(name: str, size: int) -> dict[str, Any]:
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{size} B",
        "containedIn": {"@id": "archive"},
        "encodingFormat": _TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream",
    }


def _columns(challenge: Challenge) -> dict[str, Any]:
    """The rows as a team sees them: the key and the inputs, and the target from the table of truth."""
    shown, options = challenge.sample, challenge.record.get("options", {})
    names, rows = shown.get("columns", []), shown.get("rows", [])
    truth, inputs = options.get("truth", "truth.csv"), options.get("inputs", "")
    listed = {name for name, _size in shown.get("files", ())}
    if not rows or truth not in listed or (inputs and inputs not in listed):
        return {}
    return {
        "@type": "cr:RecordSet",
        "@id": "rows",
        "name": "rows",
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"rows/{name}",
                "name": name,
                "dataType": _type_of([row[place] for row in rows]),
                "source": {
                    "fileObject": {"@id": truth if name == shown["target"] or not inputs else inputs},
                    "extract": {"column": name},
                },
                # The two tables are joined by what names a row.
                **(
                    {"references": {"fileObject": {"@id": truth}, "extract": {"column": name}}}
                    if inputs and place == 0
                    else {}
                ),
            }
            for place, name in enumerate(names)
        ],
    }


def _type_of(values: list[str]) -> str:
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return "sc:Text"
    whole = all(number.is_integer() for number in numbers) and not any("." in value for value in values)
    return "sc:Integer" if whole else "sc:Float"
