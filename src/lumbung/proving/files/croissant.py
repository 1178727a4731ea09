"""Data sets described in Croissant: read into a challenge of files, and a challenge described for others.

Croissant 1.0 (MLCommons; Akhtar et al. 2024) is JSON-LD over schema.org. Nothing is fetched: what a description names must lie
beside it.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlparse

import mlcroissant

from lumbung.proving.challenge import ChallengeError, ChallengeFolder
from lumbung.proving.digest import digest_file
from lumbung.proving.files.scaffold import DataSet, files_of
from lumbung.proving.files.schema import FileOptions, read_options

ITEMS = "items"
_TYPES = {"whole": "sc:Integer", "number": "sc:Float", "yes_no": "sc:Boolean"}
_TYPE_OF_TARGET = {"number": "sc:Float", "probability": "sc:Integer"}
_KIND_OF_ENDING = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp"), "picture"),
    **dict.fromkeys((".wav", ".flac", ".ogg", ".mp3"), "audio"),
}
CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/", "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
    "citeAs": "cr:citeAs", "column": "cr:column", "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract", "field": "cr:field", "fileProperty": "cr:fileProperty", "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet", "format": "cr:format", "includes": "cr:includes", "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath", "key": "cr:key", "md5": "cr:md5", "parentField": "cr:parentField", "path": "cr:path",
    "recordSet": "cr:recordSet", "references": "cr:references", "regex": "cr:regex", "repeated": "cr:repeated",
    "replace": "cr:replace", "separator": "cr:separator", "source": "cr:source", "subField": "cr:subField", "samplingRate": "cr:samplingRate",
    "equivalentProperty": "cr:equivalentProperty", "transform": "cr:transform",
}  # fmt: skip
"""As appendix 1 of the specification has it."""


def describe(found: ChallengeFolder) -> dict[str, Any]:
    """Return the Croissant description of a challenge of files: its public items, their fields, its licence.

    Parameters
    ----------
    found : ChallengeFolder

    Returns
    -------
    dict
        JSON-LD, to lie in the challenge's folder as ``croissant.json``.

    Raises
    ------
    ChallengeError
        It is no challenge of files.
    """
    record = found.challenge
    if record.judge != "files.answers":
        raise ChallengeError(
            f"{record.id}: judge", record.judge, "files.answers: other cases are no data set of items"
        )
    options = read_options(record.options, FileOptions)
    media = [
        str(name) for name in found.files if options.media and PurePosixPath(options.media) in name.parents
    ]
    names = {options.key: "sc:Text", options.target: _TYPE_OF_TARGET.get(options.answer, "sc:Text")}
    names |= {name: _TYPES.get(kind, "sc:Text") for name, kind in options.fields.items()}
    described = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": record.id,
        "description": record.summary.en,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": record.licence,
        "version": f"{record.version}.0.0",
        "distribution": [_items_file(found, options), *([_media_files(options)] if media else [])],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": ITEMS,
                "name": ITEMS,
                "key": {"@id": f"{ITEMS}/{options.key}"},
                "field": [_field(name, kind, options) for name, kind in names.items()],
            }
        ],
    }
    with _quietly():
        issues = mlcroissant.Dataset(
            described
        ).metadata.ctx.issues.errors  # what the reference reader says of it
    if issues:
        raise ChallengeError(record.id, str(sorted(issues)[0])[:200], "what Croissant can describe")
    return described


def _items_file(found: ChallengeFolder, options: FileOptions) -> dict[str, Any]:
    path = found.folder / options.items
    return {
        "@type": "cr:FileObject",
        "@id": "items-file",
        "name": "items-file",
        "contentUrl": options.items,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "application/jsonlines",
        "sha256": digest_file(path).removeprefix("sha256:"),
    }


def _media_files(options: FileOptions) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": "media-files",
        "name": "media-files",
        "encodingFormat": "application/octet-stream",
        "includes": f"{options.media}/**",
    }


def _field(name: str, kind: str, options: FileOptions) -> dict[str, Any]:
    declared = options.fields.get(name, "")
    said = (
        f"path below {options.media}/ of a {declared}"
        if declared in ("picture", "audio", "file", "folder")
        else declared
    )
    if name == options.target:
        said = f"what is to be answered ({options.answer})"
    source = {"fileObject": {"@id": "items-file"}, "extract": {"column": name}}
    return {
        "@type": "cr:Field", "@id": f"{ITEMS}/{name}", "name": name, "description": said or name, "dataType": kind, "source": source,
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------- reading


def read_dataset(
    path: Path, *, record_set: str = "", target: str = "", key: str = ""
) -> Mapping[str, str | bytes]:
    """Return the files of a challenge over a described data set.

    Parameters
    ----------
    path : Path
        The description; what it names lies beside it.
    record_set : str
        Which; may be left out where there is one.
    target : str
        The field to be answered; may be left out where one is called target, label or answer.
    key : str
        The field that names items; may be left out: the description's key, a field called id, or a count.

    Returns
    -------
    mapping of str to str or bytes
        As `lumbung.proving.judge.Poses.pose` returns it.

    Raises
    ------
    ChallengeError
        Names the place.
    """
    described = _description(path)
    try:
        with _quietly():
            _check_contexts(path, described)
            # First as the reader itself understands it: addresses have many spellings in JSON-LD.
            understood = mlcroissant.Dataset(path)
            dataset = mlcroissant.Dataset(path, mapping=_beside(path, understood))
            chosen = _record_set(path, dataset, record_set)
            rows = list(_rows(dataset.records(chosen.id)))
    except ChallengeError:
        raise
    except Exception as error:  # a reader of its own, with errors of its own
        said = error.__cause__ or error
        raise ChallengeError(
            str(path),
            f"{type(said).__name__}: {str(said)[:300]}",
            "a Croissant 1.0 description, and the files it names",
        ) from error
    if not rows:
        raise ChallengeError(f"{path}: {chosen.id}", "no records", "at least one")
    names = list(rows[0])
    key = key or next(
        (str(one).rsplit("/", 1)[-1] for one in chosen.key or [] if str(one).rsplit("/", 1)[-1] in names), ""
    )
    key = key or ("id" if "id" in names else "")
    target = target or next((name for name in ("target", "label", "answer") if name in names), "")
    for role, name in (("--target", target), ("--key", key)):
        if (name or role == "--target") and name not in names:
            raise ChallengeError(f"{path}: {role}", repr(name), "one of " + ", ".join(names))
    title = str(described.get("name") or path.stem)
    licence, bases = str(_first(described.get("license")) or ""), _bases(path.parent, described)
    return files_of(_data_set(title, licence, bases, rows, key, target))


def _description(path: Path) -> dict[str, Any]:
    try:
        described = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ChallengeError(
            str(path), error.strerror or str(error), "a Croissant description (JSON-LD)"
        ) from None
    except (ValueError, RecursionError) as error:
        raise ChallengeError(str(path), str(error), "a Croissant description (JSON-LD)") from None
    if not isinstance(described, dict):
        raise ChallengeError(str(path), f"a {type(described).__name__}", "a Croissant description (JSON-LD)")
    return described


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep what the reader recommends besides out of a person's terminal: errors come as errors."""
    log = logging.getLogger("absl")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _check_contexts(path: Path, described: Any) -> None:
    """Refuse contexts that lie elsewhere, at whatever depth: the reader would fetch them."""
    waiting = [described]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            context = part.get("@context")
            addresses = [each for each in _listed(context) if isinstance(each, str)]
            addresses += [str(part["@import"])] if "@import" in part else []
            if addresses:
                raise ChallengeError(
                    f"{path}: @context", addresses[0][:200], "the context itself (nothing is fetched)"
                )
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _beside(path: Path, dataset: Any) -> dict[str, Path]:
    """Return where each file lies that a description has an address of: beside it, for nothing is fetched."""
    found = {}
    for part in dataset.metadata.distribution:
        address = getattr(part, "content_url", None)
        if address is None or part.contained_in:
            continue
        parts = urlparse(str(address))
        local = path.parent / (PurePosixPath(parts.path).name if parts.scheme else str(address))
        if not local.resolve().is_relative_to(path.parent.resolve()) or not local.exists():
            expected = (
                f"the file {local.name} beside {path.name} (nothing is fetched: download it there first)"
            )
            raise ChallengeError(f"{path}: distribution, {part.id}", str(address)[:200], expected)
        found[str(part.id)] = local
    return found


def _record_set(path: Path, dataset: Any, wanted: str) -> Any:
    known = {found.id: found for found in dataset.metadata.record_sets}
    if wanted in known:
        return known[wanted]
    if wanted or len(known) != 1:
        found = repr(wanted) if wanted else f"{len(known)} record sets"
        raise ChallengeError(f"{path}: recordSet", found, "--record-set, one of " + ", ".join(known))
    return next(iter(known.values()))


def _rows(records: Any) -> Iterator[dict[str, Any]]:
    for record in records:
        yield {str(name).rsplit("/", 1)[-1]: _plain(value) for name, value in record.items()}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; pictures as the bytes of a PNG."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if hasattr(value, "save") and hasattr(value, "size"):  # a decoded picture
        written = io.BytesIO()
        value.save(written, "PNG")
        return written.getvalue()
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and value != value else value


def _data_set(
    title: str, licence: str, bases: list[Path], rows: list[dict[str, Any]], key: str, target: str
) -> DataSet:
    """Return what lies in *rows*: files of their own for what is bytes, or a path below one of *bases*."""
    media: dict[str, bytes] = {}
    fields: dict[str, str] = {}
    for name in rows[0]:
        if name in (key, target):
            continue
        values = [row.get(name) for row in rows]
        kind = _kind_of(values)
        paths = [_media_path(bases, value) for value in values] if kind in ("text", "bytes") else [None]
        if all(path is not None for path in paths):
            fields[name] = _KIND_OF_ENDING.get(PurePosixPath(str(values[0])).suffix.lower(), "file")
            for row, path in zip(rows, paths, strict=True):
                assert path is not None
                inside = path.relative_to(bases[0]).as_posix()
                media[inside], row[name] = path.read_bytes(), inside
        elif kind == "bytes":
            fields[name] = "picture" if all(row[name].startswith(b"\x89PNG") for row in rows) else "file"
            for number, row in enumerate(rows):
                inside = f"{name}/{number}{'.png' if fields[name] == 'picture' else ''}"
                media[inside], row[name] = row[name], inside
        else:
            fields[name] = kind
    return DataSet(title, licence, rows, fields, key, target, media)


def _kind_of(values: list[Any]) -> str:
    kinds = {type(value) for value in values}
    named = {
        frozenset({str}): "text", frozenset({int}): "whole", frozenset({float}): "number", frozenset({int, float}): "number",
        frozenset({bool}): "yes_no", frozenset({bytes}): "bytes",
    }  # fmt: skip
    return named.get(frozenset(kinds), "data")


def _bases(folder: Path, described: Mapping[str, Any]) -> list[Path]:
    """Return the folders from which texts may be paths: the description's own, and those that its file sets begin with."""
    parts = [part for part in _listed(described.get("distribution")) if isinstance(part, dict)]
    globs = [glob for part in parts for glob in _listed(part.get("includes")) if isinstance(glob, str)]
    starts = [glob.split("*")[0].rpartition("/")[0] for glob in globs]
    return [folder.resolve(), *((folder / start).resolve() for start in starts if start)]


def _media_path(bases: list[Path], value: Any) -> Path | None:
    """Return the file that a text is the path of."""
    if not isinstance(value, str) or not value or len(value) > 400 or "\0" in value or "\n" in value:
        return None
    for base in bases:
        path = (base / value).resolve()
        if path.is_file() and path.is_relative_to(bases[0]):
            return path
    return None
