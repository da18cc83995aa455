from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kb', '0005_golden'),
    ]

    operations = [
        migrations.AddField(
            model_name='chunk',
            name='personal',
            field=models.JSONField(help_text='Personal data in the text: [start, end, kind] each; none when nobody has looked.', null=True),
        ),
    ]
