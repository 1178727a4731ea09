"""The centre's answers as a table that calibration reads: without names, and without who cannot be told apart from a code.

One row a finished sitting, one column a question, 1 right, 0 wrong, empty where it was not shown; the person is a keyed
hash that means nothing outside this export and changes with the centre's key. Voided sittings, sittings that ended too
early, and those whose answers came too fast to be read stay out.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
from collections.abc import Iterator

from django.conf import settings

from lumbung.centre.credentials.bank import LEAST, columns
from lumbung.centre.credentials.models import Sitting

COLUMNS = ("person", "language")


class _Line:
    """What csv writes to: it keeps the line for the stream."""

    def write(self, text: str) -> str:
        return text


def pseudonym(number: int) -> str:
    """Return a person's name in the export: sixteen hex digits of an HMAC under the centre's key."""
    key = f"answers for calibration {settings.SECRET_KEY}".encode()
    return hmac.new(key, str(number).encode(), hashlib.sha256).hexdigest()[:16]


def answer_rows() -> Iterator[str]:
    """Yield the table line by line, sittings in the order of a hash, so that the order tells nothing either."""
    names = columns().ids
    place = {name: k for k, name in enumerate(names)}
    writer = csv.writer(_Line())
    yield writer.writerow([*COLUMNS, *names])
    found = (
        Sitting.objects.filter(answered__gte=LEAST, voided=None, finished__isnull=False)
        .exclude(rapid__gt=LEAST // 2)
        .prefetch_related("answers")
    )
    for sitting in sorted(found, key=lambda s: pseudonym(-s.pk)):
        cells = [""] * len(names)
        for answer in sitting.answers.all():
            if answer.item in place:
                cells[place[answer.item]] = str(int(answer.right))
        yield writer.writerow([pseudonym(sitting.user_id), sitting.language, *cells])
