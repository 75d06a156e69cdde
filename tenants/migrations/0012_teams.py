from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tenants.teams import TeamState
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('tenants', '0011_records')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Seat',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('team_id', fields.UUIDField()),
                ('role', fields.CharField(max_length=64)),
                ('person_id', fields.UUIDField()),
                ('entered', fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ('post_id', fields.UUIDField(null=True)),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'seats', 'app': 'tenants', 'pk_attr': 'id', 'table_description': '`role`: a term of category ROLE. `entered`: what was said of the person that the record did not know.'},
            bases=['PlaceRow'],
        ),
        ops.CreateModel(
            name='Team',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('kind', fields.CharField(max_length=64)),
                ('name', fields.CharField(max_length=100)),
                ('code', fields.CharField(max_length=12)),
                ('state', fields.CharEnumField(description='PENDING: pending\nIN_PLACE: in_place\nREJECTED: rejected\nWITHDRAWN: withdrawn\nDISSOLVED: dissolved', enum_type=TeamState, max_length=12)),
                ('begins_on', fields.DateField()),
                ('ends_on', fields.DateField(null=True)),
                ('justification', fields.CharField(null=True, max_length=500)),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('version', fields.IntField(default=1)),
            ],
            options={'table': 'teams', 'app': 'tenants', 'pk_attr': 'id', 'table_description': '`kind`: a term of category TEAM. `code`: the division it is for. `begins_on`: the day from which it is'},
            bases=['PlaceRow'],
        ),
    ]
