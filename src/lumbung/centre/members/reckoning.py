"""Months and days as the database itself tells them from a time: quickly, over tens of thousands of rows.

Django's own truncation calls back into Python for each row of SQLite's; both databases keep times in UTC, whose text
begins with the day.
"""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Func


class _Begins(Func):
    """The first letters of a time's text."""

    output_field = CharField()
    length: int
    pattern: str

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(
            compiler, connection, template=f"substr(%(expressions)s, 1, {self.length})", **more
        )

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(
            compiler, connection, template=f"to_char(%(expressions)s, '{self.pattern}')", **more
        )


class MonthOf(_Begins):
    """The month of a time or a day, as ``2026-11``."""

    length, pattern = 7, "YYYY-MM"


class DayOf(_Begins):
    """The day of a time, as ``2026-11-30``."""

    length, pattern = 10, "YYYY-MM-DD"
