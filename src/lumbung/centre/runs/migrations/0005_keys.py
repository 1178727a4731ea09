"""Keys of nodes have lives of their own, and evidence can fall with one."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def tell_lives(apps: Any, schema_editor: Any) -> None:
    """The nodes there are began with their keys, which run out on no day; what they signed names its key."""
    nodes, keys = apps.get_model("runs", "Node"), apps.get_model("runs", "NodeKey")
    for node in nodes.objects.all():
        keys.objects.create(node=node, key_id=node.key_id, public_key=node.public_key, since=node.joined)
        records = apps.get_model("runs", "EvidenceRecord").objects.filter(run__node=node)
        records.update(key_id=node.key_id)


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0004_holds"),
    ]

    operations = [
        migrations.AddField(
            model_name="evidencerecord",
            name="fallen",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="evidencerecord",
            name="key_id",
            field=models.CharField(db_index=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="run",
            name="replaced_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="replaces", to="runs.run"
            ),
        ),
        migrations.CreateModel(
            name="NodeKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_id", models.CharField(max_length=64, unique=True)),
                ("public_key", models.TextField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("revoked_from", models.DateTimeField(null=True)),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="keys", to="runs.node"
                    ),
                ),
            ],
            options={
                "ordering": ["-since", "-pk"],
            },
        ),
        migrations.RunPython(tell_lives, migrations.RunPython.noop),
    ]
