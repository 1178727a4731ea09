"""Names that look alike are one name; who founded a team is known."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from lumbung.centre.members.names import skeleton


def compare_names(apps: Any, schema_editor: Any) -> None:
    """Give each its skeleton; of those that look alike the first keeps it, the others are told apart by their number."""
    for name in ("Organisation", "Team"):
        model, taken = apps.get_model("members", name), set()
        for one in model.objects.order_by("pk"):
            looks = skeleton(one.name)
            one.looks = looks if looks not in taken else f"{looks}~{one.pk}"
            taken.add(one.looks)
            one.save(update_fields=["looks"])


class Migration(migrations.Migration):
    dependencies = [("members", "0002_log_heads")]

    operations = [
        migrations.AddField(
            "organisation",
            "looks",
            models.CharField(default="", editable=False, max_length=400),
            preserve_default=False,
        ),
        migrations.AddField(
            "team",
            "looks",
            models.CharField(default="", editable=False, max_length=400),
            preserve_default=False,
        ),
        migrations.AddField(
            "team",
            "founder",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(compare_names, migrations.RunPython.noop),
        migrations.AlterField(
            "organisation", "looks", models.CharField(editable=False, max_length=400, unique=True)
        ),
        migrations.AlterField("team", "looks", models.CharField(editable=False, max_length=400, unique=True)),
    ]
