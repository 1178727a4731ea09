"""Blobs that nothing names are removed: what an upload left that was then refused, and drafts of connections that broke.

Safe against uploads of the same bytes: storing a blob (`blobs.put`) renews its row and moves its file in one transaction,
and so does removing it, so that one waits for the other; and what was offered within the last day is left alone, since
whoever stored it may be about to name it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.models import Blob, Challenge
from lumbung.centre.runs.models import EvidenceRecord, Submission, Weights
from lumbung.centre.runs.weights import forget_uploads
from lumbung.centre.standings.models import Adoption

log = logging.getLogger(__name__)
GRACE = timedelta(days=1)


def collect_blobs(now: datetime) -> int:
    """Remove the blobs that nothing names, and the files that are no blob's; returns how many."""
    before = now - GRACE
    pictures = EvidenceRecord.objects.exclude(pictures=[]).values_list("pictures", flat=True).iterator()
    shown = set(chain.from_iterable(pictures))
    gone = 0
    for digest in list(_unnamed(before).values_list("pk", flat=True)):
        if digest not in shown:
            gone += _remove(digest, before)
    gone += blobs.sweep(before)
    gone += forget_uploads(before)
    if gone:
        log.info("removed %d blobs that nothing names", gone)
    return gone


def _unnamed(before: datetime) -> QuerySet[Blob]:
    return Blob.objects.filter(
        ~Exists(Challenge.objects.filter(blob=OuterRef("pk"))),
        ~Exists(Challenge.objects.filter(picture=OuterRef("pk"))),
        ~Exists(Submission.objects.filter(blob=OuterRef("pk"))),
        ~Exists(Weights.objects.filter(blob=OuterRef("pk"))),
        ~Exists(Adoption.objects.filter(deliverable=OuterRef("pk"))),
        created__lt=before,
    )


def _remove(digest: str, before: datetime) -> bool:
    with transaction.atomic():
        # Looked at again under the row's lock: it may have been offered or named since.
        locked = Blob.objects.select_for_update().filter(pk=digest).first()
        if locked is None or not _unnamed(before).filter(pk=digest).exists():
            return False
        locked.delete()
        blobs.remove(digest)
    return True
