"""Months and days as the database itself tells them from a time: quickly, over tens of thousands of rows.

Django's own truncation calls back into Python for each row of SQLite's; both databases keep times in UTC, whose text
begins with the day.
"""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Func


class _Begins(Func):
    output_field = CharField()
    template = "substr(%(expressions)s, 1, %(length)d)"

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="to_char(%(expressions)s, '%(pattern)s')", **more
        )


class MonthOf(_Begins):
    """The month of a time or a day, as ``2026-11``."""

    extra = {"length": 7, "pattern": "YYYY-MM"}  # noqa: RUF012 - Django's own way to say it


class DayOf(_Begins):
    """The day of a time, as ``2026-11-30``."""

    extra = {"length": 10, "pattern": "YYYY-MM-DD"}  # noqa: RUF012
