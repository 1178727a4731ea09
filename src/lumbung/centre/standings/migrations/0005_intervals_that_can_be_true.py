"""Kept standings hold intervals as they were computed before: they are computed anew when next asked for."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def forget(apps: Any, schema_editor: Any) -> None:
    apps.get_model("standings", "KeptStanding").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("standings", "0004_standings_as_text")]

    operations = [migrations.RunPython(forget, forget)]
