"""Access tokens become API keys. Those that there are go on for a year, with every scope of their person."""

from datetime import timedelta

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

LABELS = [(10, 'Public'), (20, 'Internal'), (30, 'Confidential'), (40, 'Restricted')]
YEAR = timedelta(days=365)
EVERYDAY = ['ask', 'read', 'write']


def give_terms(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    for key in apps.get_model('kb', 'ApiKey').objects.select_related('person'):
        # Their text holds no public id, so that they are known by the beginning of their digest.
        key.public_id = key.digest[:12]
        key.scopes = sorted([*EVERYDAY, 'administer', 'audit'] if key.person.is_staff else EVERYDAY)
        key.expires_at = timezone.now() + YEAR
        key.save(update_fields=['public_id', 'scopes', 'expires_at'])


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('kb', '0026_choices'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='kind',
            field=models.CharField(choices=[('person', 'person'), ('service', 'service')], default='person', editable=False, max_length=10),
        ),
        migrations.RenameModel('AccessToken', 'ApiKey'),
        migrations.AlterModelOptions(
            name='apikey',
            options={'ordering': ['-created_at', '-pk'], 'verbose_name': 'API key'},
        ),
        migrations.AlterField(
            model_name='apikey',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='keys', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='apikey',
            name='public_id',
            field=models.CharField(editable=False, max_length=12, null=True),
        ),
        migrations.AddField(
            model_name='apikey',
            name='scopes',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='apikey',
            name='everywhere',
            field=models.BooleanField(default=True, help_text='Whether it reads all collections of its person, or only those named.'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='collections',
            field=models.ManyToManyField(blank=True, related_name='+', to='kb.collection'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='ceiling',
            field=models.IntegerField(blank=True, choices=LABELS, help_text="The strictest sensitivity that it reads; empty leaves it to its person's clearance.", null=True),
        ),
        migrations.AddField(
            model_name='apikey',
            name='made_by',
            field=models.ForeignKey(help_text='Empty where a command made it.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='apikey',
            name='replaces',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='successor', to='kb.apikey'),
        ),
        migrations.AddField(
            model_name='apikey',
            name='expires_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='apikey',
            name='used_from',
            field=models.GenericIPAddressField(editable=False, null=True),
        ),
        migrations.RunPython(give_terms, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='apikey',
            name='public_id',
            field=models.CharField(editable=False, max_length=12, unique=True),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='expires_at',
            field=models.DateTimeField(),
        ),
        migrations.AddField(
            model_name='question',
            name='key',
            field=models.ForeignKey(help_text='The key that it was asked with: its answer never draws on more than that reaches.', null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='kb.apikey'),
        ),
        migrations.AlterField(
            model_name='event',
            name='verb',
            field=models.CharField(choices=[('upload', 'Upload'), ('delete', 'Delete'), ('retry', 'Retry'), ('label', 'Label'), ('tag', 'Tag'), ('payload', 'Payload'), ('reveal', 'Reveal'), ('route', 'Route'), ('share', 'Share'), ('unshare', 'Unshare'), ('clear', 'Clear'), ('collection', 'Collection'), ('access', 'Access'), ('move', 'Move'), ('hand-over', 'Hand Over'), ('person', 'Person'), ('group', 'Group'), ('category', 'Category'), ('mend', 'Mend'), ('join', 'Join'), ('part', 'Part'), ('pause', 'Pause'), ('resume', 'Resume'), ('prioritise', 'Prioritise'), ('set aside', 'Set Aside'), ('read again', 'Read Again'), ('key', 'Key'), ('allowance', 'Allowance')], max_length=20),
        ),
        migrations.CreateModel(
            name='Spending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('tokens', models.PositiveBigIntegerField()),
                ('usd', models.FloatField()),
                ('call', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='spending', to='kb.modelcall')),
                ('key', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='kb.apikey')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('requests_a_minute', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='requests a minute')),
                ('questions_a_minute', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='questions a minute')),
                ('tokens_a_day', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='tokens a day')),
                ('tokens_a_month', models.PositiveBigIntegerField(blank=True, null=True, verbose_name='tokens a month')),
                ('usd_a_day', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.0)], verbose_name='US dollars a day')),
                ('usd_a_month', models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0.0)], verbose_name='US dollars a month')),
                ('group', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='allowance', to='auth.group')),
                ('key', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='allowance', to='kb.apikey')),
                ('person', models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='allowance', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('group', None), ('key__isnull', False), ('person', None)), models.Q(('group', None), ('key', None), ('person__isnull', False)), models.Q(('group__isnull', False), ('key', None), ('person', None)), _connector='OR'), name='allowance_is_of_one')],
            },
        ),
    ]
