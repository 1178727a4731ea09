"""Search over what everybody may see: one index, filled by each app with what it shows, asked in any script.

Words are cut here, not by the database, so that SQLite (FTS5) and PostgreSQL (text search) find the same: letters with
marks are found without them too, and scripts that leave no spaces between words (Chinese, Thai, Lao, Khmer, Burmese)
are cut into overlapping pairs of characters, which needs no dictionary and finds every phrase (Nie and others 2000).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import BooleanField, FloatField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.module_loading import import_string

from lumbung.centre.members.models import SearchEntry

MOST_WORDS = 12  # of a question; more would only slow the database down
_WORD = re.compile(r"[^\W_]+")
_SPACELESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3400-\u9fff\uf900-\ufaff]+")
_MARKS = re.compile(r"[\u0300-\u036f]")


@dataclass(frozen=True)
class Document:
    """Something to be found.

    Attributes
    ----------
    kind : str
        E.g. ``challenge``; what a reader may narrow a search to.
    key : str
        What tells it from others of its kind.
    title : dict
        By language (``en``, ``id``, ``zh``); a name that is one in all of them under ``""``.
    address : str
        Of its page.
    text : str
        What it says; its beginning is shown.
    also : str
        What it can be found by besides, and is not shown.
    """

    kind: str
    key: str
    title: dict[str, str]
    address: str
    text: str
    also: str = ""

    @property
    def digest(self) -> str:
        """Changes with anything that is kept of it."""
        said = "\x00".join(
            (
                self.address,
                self.text,
                self.also,
                *(part for each in sorted(self.title.items()) for part in each),
            )
        )
        return hashlib.sha256(said.encode()).hexdigest()[:32]


_sources: dict[str, str] = {}


def add_source(kind: str, documents: str) -> None:
    """Have a kind of documents indexed; apps add theirs when they are loaded.

    ``documents`` is the address of the function that yields them. It is imported once the index is kept: what pages load
    is not loaded to start an app.
    """
    _sources[kind] = documents


def kinds() -> list[str]:
    """Return the kinds that can be found, in the order in which apps were loaded."""
    return list(_sources)


def words_of(text: str) -> Iterator[str]:
    """Cut a text into the words it is found by.

    Letters are folded to lower case and lose their marks; a run of characters of a script without spaces becomes its
    overlapping pairs, a single one itself.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    for run in _runs(plain):
        if not _SPACELESS.fullmatch(run):
            yield _MARKS.sub("", unicodedata.normalize("NFD", run)).replace("đ", "d")
        elif len(run) == 1:
            yield run
        else:
            yield from (run[place : place + 2] for place in range(len(run) - 1))


def _runs(text: str) -> Iterator[str]:
    """Runs of letters and digits of one sort: a Latin word beside Chinese characters is a word of its own.

    Vowel signs of Thai, Lao, Khmer and Burmese belong to no class of word characters, so that those scripts come first.
    """
    place = 0
    for match in _SPACELESS.finditer(text):
        yield from (found[0] for found in _WORD.finditer(text[place : match.start()]))
        yield match[0]
        place = match.end()
    yield from (found[0] for found in _WORD.finditer(text[place:]))


def _kept(word: str) -> str:
    """A word as both databases keep it unchanged: ASCII as it is, other scripts by their code points."""
    return word if word.isascii() else "x" + word.encode("utf-16-be").hex()


def keep_index(now: datetime) -> int:
    """Bring the index up to date with what apps show; returns how many entries changed."""
    changed = 0
    for kind, documents in _sources.items():
        before = dict(SearchEntry.objects.filter(kind=kind).values_list("key", "digest"))
        seen = set()
        for document in _yielded(documents):
            seen.add(document.key)
            if before.get(document.key) != document.digest:
                _keep(document, now)
                changed += 1
        gone = [key for key in before if key not in seen]
        changed += len(gone)
        if gone:
            _forget(SearchEntry.objects.filter(kind=kind, key__in=gone))
    return changed


def _yielded(address: str) -> Iterable[Document]:
    documents: Callable[[], Iterable[Document]] = import_string(address)
    return documents()


def _keep(document: Document, now: datetime) -> None:
    title = " ".join(document.title.values())
    # A word of the title counts three times.
    words = " ".join(map(_kept, words_of(" ".join((title, title, title, document.text, document.also)))))
    with transaction.atomic():
        entry, _made = SearchEntry.objects.update_or_create(
            kind=document.kind,
            key=document.key,
            defaults={
                "title": document.title,
                "address": document.address,
                "text": document.text[:400],
                "digest": document.digest,
                "words": "" if connection.vendor == "sqlite" else words,
                "changed": now,
            },
        )
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM members_searchwords WHERE rowid = %s", [entry.pk])
                cursor.execute(
                    "INSERT INTO members_searchwords (rowid, words) VALUES (%s, %s)", [entry.pk, words]
                )


def forget(kind: str, key: str) -> None:
    """Take something out of the index at once: it is not for everybody any more."""
    _forget(SearchEntry.objects.filter(kind=kind, key=key))


def _forget(entries: QuerySet[SearchEntry]) -> None:
    with transaction.atomic():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.executemany(
                    "DELETE FROM members_searchwords WHERE rowid = %s",
                    [(key,) for key in entries.values_list("pk", flat=True)],
                )
        entries.delete()


def search(question: str, *kinds: str) -> QuerySet[SearchEntry]:
    """Return what holds every word of a question, the last one as a beginning too, the best first.

    Parameters
    ----------
    question : str
        As somebody typed it, in any language. Nothing of it is read as a language of queries.
    kinds : str
        Narrow the search to these.
    """
    words = list(dict.fromkeys(map(_kept, words_of(question))))[:MOST_WORDS]
    if not words:
        return SearchEntry.objects.none()
    found = SearchEntry.objects.filter(kind__in=kinds) if kinds else SearchEntry.objects.all()
    if connection.vendor == "sqlite":
        asked = " ".join(f'"{word}"' for word in words[:-1]) + f' "{words[-1]}"*'
        matching = RawSQL("SELECT rowid FROM members_searchwords WHERE members_searchwords MATCH %s", [asked])
        rank = RawSQL(
            "(SELECT bm25(members_searchwords) FROM members_searchwords"
            " WHERE members_searchwords MATCH %s AND members_searchwords.rowid = members_searchentry.id)",
            [asked],
        )
        return found.filter(pk__in=matching).annotate(rank=rank).order_by("rank", "kind", "key")
    asked = " & ".join([*words[:-1], f"{words[-1]}:*"])
    matching = RawSQL(
        "to_tsvector('simple', members_searchentry.words) @@ to_tsquery('simple', %s)",
        [asked],
        output_field=BooleanField(),
    )
    rank = RawSQL(
        "ts_rank(to_tsvector('simple', members_searchentry.words), to_tsquery('simple', %s))",
        [asked],
        output_field=FloatField(),
    )
    return found.annotate(holds=matching, rank=rank).filter(holds=True).order_by("-rank", "kind", "key")
