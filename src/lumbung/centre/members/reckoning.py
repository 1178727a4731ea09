"""Months and days as the database itself tells them from a time: quickly, over tens of thousands of rows.

Django's own truncation calls back into Python for each row of SQLite's; both databases keep times in UTC.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import DateField, Func


class _Begins(Func):
    """The first day of the stretch that a time lies in, as a date."""

    output_field: ClassVar[DateField[Any, Any]] = DateField()
    on_sqlite: str
    on_postgresql: str

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template=self.on_sqlite, **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(compiler, connection, template=self.on_postgresql, **more)


class MonthOf(_Begins):
    """The first day of the month of a time or a day."""

    on_sqlite, on_postgresql = (
        "substr(%(expressions)s, 1, 7) || '-01'", "date_trunc('month', %(expressions)s)::date"
    )  # fmt: skip


class DayOf(_Begins):
    """The day of a time."""

    on_sqlite, on_postgresql = "substr(%(expressions)s, 1, 10)", "(%(expressions)s)::date"
