from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kb", "0031_tools"),
    ]

    operations = [
        migrations.AddField(
            model_name="question",
            name="narrowing",
            field=models.JSONField(
                default=dict, help_text="What the search for it is kept to; empty where to nothing."
            ),
        ),
    ]
