import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kb', '0007_aliases'),
    ]

    operations = [
        migrations.AddField(
            model_name='modelcall',
            name='destination',
            field=models.CharField(default='', help_text='The host that it is sent to, or “this process”.', max_length=260),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='modelcall',
            name='rule',
            field=models.CharField(default='', help_text='The rule that decided.', max_length=200),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='modelcall',
            name='pseudonyms',
            field=models.JSONField(default=dict, help_text='How many entities of each kind were replaced.'),
        ),
        migrations.AddField(
            model_name='modelcall',
            name='salt',
            field=models.CharField(default='', max_length=32),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='modelcall',
            name='details_digest',
            field=models.CharField(default='', max_length=64),
            preserve_default=False,
        ),
        # The rows that are there already were sealed as version 1.
        migrations.AddField(
            model_name='modelcall',
            name='seal_version',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name='modelcall',
            name='seal_version',
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AddField(
            model_name='modelcall',
            name='pruned_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='modelcall',
            name='pruned_digest',
            field=models.CharField(blank=True, default='', max_length=64),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='modelcall',
            name='subject',
            field=models.UUIDField(db_index=True, help_text='The answer or version that the call is for.', null=True),
        ),
        migrations.AlterField(
            model_name='event',
            name='verb',
            field=models.CharField(choices=[('upload', 'Upload'), ('delete', 'Delete'), ('retry', 'Retry'), ('label', 'Label'), ('tag', 'Tag'), ('payload', 'Payload')], max_length=20),
        ),
        migrations.AlterField(
            model_name='event',
            name='subject',
            field=models.UUIDField(help_text='The id of the document or the payload; it may be gone.'),
        ),
        migrations.CreateModel(
            name='LedgerPayload',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('encrypted', models.BinaryField()),
                ('call', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='payload', to='kb.modelcall')),
            ],
        ),
    ]
