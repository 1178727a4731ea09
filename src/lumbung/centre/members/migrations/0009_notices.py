"""Notices, and whether their reader wants a digest of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0008_suspensions"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="wants_digest",
            field=models.BooleanField(default=True),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                ("said", models.JSONField(default=dict)),
                ("address", models.CharField(max_length=200)),
                ("created", models.DateTimeField()),
                ("read", models.DateTimeField(null=True)),
                ("lettered", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(condition=models.Q(("read", None)), fields=["person"], name="unread"),
                    models.Index(
                        condition=models.Q(("lettered", None), ("read", None)),
                        fields=["created"],
                        name="for_a_digest",
                    ),
                ],
            },
        ),
    ]
