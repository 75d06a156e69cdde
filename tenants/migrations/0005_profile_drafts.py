from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tenants.profile_drafts import DraftState
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('tenants', '0004_acts_as')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ProfileDraft',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('name', fields.CharField(null=True, max_length=64)),
                ('text', fields.TextField(unique=False)),
                ('document_title', fields.CharField(null=True, max_length=200)),
                ('document_number', fields.CharField(null=True, max_length=64)),
                ('document_text', fields.TextField(null=True, unique=False)),
                ('drafted_by', fields.UUIDField()),
                ('edited_by', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('follows', fields.IntField()),
                ('state', fields.CharEnumField(default=DraftState.OPEN, description='OPEN: open\nPUBLISHED: published\nDROPPED: dropped', enum_type=DraftState, max_length=12)),
                ('profile_id', fields.UUIDField(null=True)),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('version', fields.IntField(default=1)),
            ],
            options={'table': 'profile_drafts', 'app': 'tenants', 'pk_attr': 'id', 'table_description': "`name`: the profile's id, where the text can be read. `edited_by`: the persons who have written at it,"},
            bases=['PlaceRow'],
        ),
    ]
