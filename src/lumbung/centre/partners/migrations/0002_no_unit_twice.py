"""The second guard of bookings: the database itself refuses a unit booked twice, whoever writes.

SQLite drops triggers when it rebuilds a table: a migration that alters ``HeldUnit`` must run these operations again.
"""

from typing import Any

from django.db import migrations

SQLITE = """
CREATE TRIGGER partners_no_unit_twice BEFORE INSERT ON partners_heldunit
WHEN EXISTS (
    SELECT 1 FROM partners_heldunit AS other
    WHERE other.facility_id = NEW.facility_id AND other.unit = NEW.unit
      AND other.start < NEW."end" AND NEW.start < other."end"
)
BEGIN SELECT RAISE(ABORT, 'this unit is booked at that time'); END
"""
# A facility's number times a million plus the unit's: ranges of one number have a GiST operator of their own, so the
# constraint needs no extension.
POSTGRESQL = """
ALTER TABLE partners_heldunit ADD CONSTRAINT partners_no_unit_twice EXCLUDE USING gist (
    int8range(facility_id * 1000000 + unit, facility_id * 1000000 + unit, '[]') WITH &&,
    tstzrange(start, "end") WITH &&
)
"""


def guard(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(SQLITE)
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)


def unguard(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER partners_no_unit_twice")
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE partners_heldunit DROP CONSTRAINT partners_no_unit_twice")


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
