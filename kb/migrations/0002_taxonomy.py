from django.db import migrations

from kb.migrations import _categories


class Migration(migrations.Migration):
    dependencies = [("kb", "0001_initial")]
    operations = [migrations.RunPython(_categories.ship, migrations.RunPython.noop)]
