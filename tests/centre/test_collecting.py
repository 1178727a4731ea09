"""Blobs that nothing names go after a day; what anybody names, or has just offered again, stays."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import close_old_connections

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.models import Blob
from lumbung.centre.runs.models import EvidenceRecord
from lumbung.centre.standings.collecting import GRACE, collect_blobs

NOW = datetime.now(UTC)


def folder_of(settings) -> Path:
    return Path(str(settings.BLOBS_URL).removeprefix("file://"))


def files(settings) -> set[str]:
    return {path.name for path in folder_of(settings).iterdir()}


def age(settings, days: float) -> None:
    """Everything there is was offered so long ago."""
    then = NOW - timedelta(days=days)
    Blob.objects.update(created=then)
    for path in folder_of(settings).iterdir():
        os.utime(path, (then.timestamp(), then.timestamp()))


def own_blobs(settings, tmp_path):
    settings.BLOBS_URL = f"file://{tmp_path / 'blobs'}"


def test_what_nothing_names_goes_and_all_else_stays(request, settings, tmp_path):
    own_blobs(settings, tmp_path)
    league = request.getfixturevalue("league")
    node = league.node()
    league.submit()
    job = node.lease()
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    shown = node.api("POST", "/node/pictures", svg).json()["digest"]
    assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]})).status_code == 200
    EvidenceRecord.objects.update(pictures=[shown])
    named = files(settings)
    lost = blobs.put([b"nobody's"], limit=99, now=NOW)
    (folder_of(settings) / ".draft-0123").write_bytes(b"half")
    age(settings, 0.5)
    assert collect_blobs(NOW) == 0, "somebody may be about to name it"
    age(settings, 3)
    assert collect_blobs(NOW) == 2 and files(settings) == named
    assert not Blob.objects.filter(pk=lost.pk).exists()
    assert collect_blobs(NOW) == 0


def test_offered_again_it_has_its_day_again(db, settings, tmp_path):
    own_blobs(settings, tmp_path)
    blobs.put([b"twice"], limit=99, now=NOW - 3 * GRACE)
    again = blobs.put([b"twice"], limit=99, now=NOW)
    assert collect_blobs(NOW) == 0 and again.size == 5
    assert b"".join(blobs.read(again.pk)) == b"twice"


def test_uploads_race_with_the_collector_and_no_row_is_left_without_its_file(
    transactional_db, settings, tmp_path
):
    own_blobs(settings, tmp_path)

    def upload() -> None:
        for turn in range(15):
            kept = blobs.put([b"%d" % (turn % 3)], limit=99, now=datetime.now(UTC))
            Blob.objects.filter(pk=kept.pk).update(created=NOW - 3 * GRACE)  # as if a day had passed unnamed
        close_old_connections()

    threads = [threading.Thread(target=upload) for _ in range(2)]
    for thread in threads:
        thread.start()
    gone = 0
    while any(thread.is_alive() for thread in threads):
        gone += collect_blobs(NOW)
    for thread in threads:
        thread.join()
    assert gone > 0
    assert {path.name for path in folder_of(settings).iterdir()} == {
        row.pk.removeprefix("sha256:") for row in Blob.objects.all()
    }
