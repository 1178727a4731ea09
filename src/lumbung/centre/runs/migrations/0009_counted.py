from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0008_counted_with"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="evidencerecord",
            index=models.Index(
                condition=models.Q(("complete", True), ("fallen", None)),
                fields=["-received", "-id"],
                name="counted",
            ),
        ),
    ]
