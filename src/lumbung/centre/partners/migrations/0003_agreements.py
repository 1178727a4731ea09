"""Agreements between organisations, with what they promise by which day."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0007_search"),
        ("partners", "0002_no_unit_twice"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=40, unique=True)),
                ("title", models.JSONField()),
                ("signed", models.DateField()),
                ("until", models.DateField(null=True)),
                ("address", models.URLField(blank=True, max_length=300)),
                ("parties", models.ManyToManyField(related_name="agreements", to="members.organisation")),
            ],
            options={
                "ordering": ["-signed", "slug"],
            },
        ),
        migrations.CreateModel(
            name="AgreementMilestone",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.JSONField()),
                ("due", models.DateField()),
                ("done", models.DateField(null=True)),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="milestones",
                        to="partners.agreement",
                    ),
                ),
            ],
            options={
                "ordering": ["due", "pk"],
            },
        ),
    ]
