"""What the centre writes into its log, and what it must not."""

from __future__ import annotations

import json
import logging
import sys

from lumbung.centre.members.logs import formatter


def test_a_fault_is_logged_with_its_place_and_without_the_values_at_hand() -> None:
    def sign_in(password: str) -> None:
        raise RuntimeError("the database is gone")

    try:
        sign_in("rice barn 2026")
    except RuntimeError:
        record = logging.LogRecord(
            "django.request", logging.ERROR, __file__, 1, "failed", None, sys.exc_info()
        )
    line = formatter().format(record)
    (fault,) = json.loads(line)["exception"]
    assert fault["exc_value"] == "the database is gone" and fault["frames"][-1]["name"] == "sign_in"
    assert "rice barn 2026" not in line
