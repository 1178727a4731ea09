"""Kept standings become text: the API hands a leaderboard on as it lies. They are computed anew when next asked for."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def forget(apps: Any, schema_editor: Any) -> None:
    apps.get_model("standings", "KeptStanding").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("standings", "0003_nodes_on_boards")]

    operations = [
        migrations.RunPython(forget, forget),
        migrations.AlterField("KeptStanding", "content", models.TextField()),
        migrations.AlterField("KeptStanding", "board", models.TextField(default="{}")),
    ]
