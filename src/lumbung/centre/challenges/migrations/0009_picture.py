"""The picture that a challenge brings of itself."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenges", "0008_guests"),
    ]

    operations = [
        migrations.AddField(
            model_name="challenge",
            name="picture",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="challenges.blob",
            ),
        ),
    ]
