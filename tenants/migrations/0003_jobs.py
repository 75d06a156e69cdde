from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tenants.jobs import JobState
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('tenants', '0002_drop_register_entries')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Job',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('kind', fields.CharField(max_length=64)),
                ('asked_by', fields.UUIDField()),
                ('account_id', fields.UUIDField()),
                ('post_ids', fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('arguments', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('state', fields.CharEnumField(default=JobState.QUEUED, description='QUEUED: queued\nRUNNING: running\nDONE: done\nFAILED: failed\nCANCELLED: cancelled', enum_type=JobState, max_length=12)),
                ('is_cancelling', fields.BooleanField(default=False)),
                ('done', fields.IntField(default=0)),
                ('total', fields.IntField(null=True)),
                ('stage', fields.CharField(default='', max_length=64)),
                ('cursor', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('outcome', fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('attachment_id', fields.UUIDField(null=True)),
                ('failure', fields.CharField(null=True, max_length=64)),
                ('failure_params', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('started_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('lease_id', fields.UUIDField(null=True)),
                ('lease_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('runs', fields.IntField(default=0)),
            ],
            options={'table': 'jobs', 'app': 'tenants', 'pk_attr': 'id', 'table_description': '`post_ids`: the posts it was asked in; the work is done with those of them that still stand.'},
            bases=['PlaceRow'],
        ),
    ]
