from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kb', '0032_narrowing'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='chunk',
            index=models.Index(fields=['version', 'sensitivity'], name='chunks_by_label'),
        ),
        migrations.AddIndex(
            model_name='chunk',
            index=models.Index(fields=['sensitivity_by'], name='chunks_by_decider'),
        ),
    ]
