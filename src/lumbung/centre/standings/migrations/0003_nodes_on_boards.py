"""Boards name the nodes that judged: what was kept before is forgotten, and computed anew when it is asked for."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def forget(apps: Any, schema_editor: Any) -> None:
    apps.get_model("standings", "KeptStanding").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("standings", "0002_board"),
    ]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop)]
