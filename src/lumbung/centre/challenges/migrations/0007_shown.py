from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("challenges", "0006_discussion"),
    ]

    operations = [
        migrations.AddField(
            model_name="challenge",
            name="baselines",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="challenge",
            name="sample",
            field=models.JSONField(default=dict),
        ),
    ]
