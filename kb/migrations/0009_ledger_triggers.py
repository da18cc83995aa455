from django.db import migrations

from kb.migrations import _ledger_triggers


class Migration(migrations.Migration):

    dependencies = [
        ('kb', '0008_ledger'),
    ]

    operations = [
        migrations.RunPython(_ledger_triggers.create, _ledger_triggers.drop),
    ]
