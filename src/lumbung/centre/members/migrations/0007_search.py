"""What search finds. The words lie where each database looks for words fastest: FTS5 in SQLite, an index in PostgreSQL."""

from typing import Any

from django.db import migrations, models


def index(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(
            "CREATE VIRTUAL TABLE members_searchwords USING fts5(words, tokenize = 'ascii')"
        )
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE INDEX members_searchwords ON members_searchentry USING gin (to_tsvector('simple', words))"
        )


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE members_searchwords")
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX members_searchwords")


class Migration(migrations.Migration):
    dependencies = [("members", "0006_mergers")]
    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                ("key", models.CharField(max_length=80)),
                ("title", models.JSONField()),
                ("address", models.CharField(max_length=200)),
                ("text", models.CharField(blank=True, max_length=400)),
                ("digest", models.CharField(max_length=32)),
                ("words", models.TextField(blank=True)),
                ("changed", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "key"), name="one_entry_once")],
            },
        ),
        migrations.RunPython(index, drop),
    ]
