from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kb", "0015_partial")]

    operations = [
        migrations.AddField(
            model_name="answer",
            name="missing",
            field=models.JSONField(
                default=dict,
                help_text="What an answer would have needed, where the sources did not answer.",
            ),
        ),
        migrations.AddField(
            model_name="answer",
            name="conflicts",
            field=models.JSONField(default=list, help_text="Where its sources give different values."),
        ),
    ]
