from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('tenants', '0010_nodes_of_counties')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Record',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('kind', fields.CharField(max_length=64)),
                ('person_id', fields.UUIDField()),
                ('post_id', fields.UUIDField()),
                ('unit_id', fields.UUIDField(null=True)),
                ('code', fields.CharField(max_length=12)),
                ('text', fields.TextField(null=True, unique=False)),
                ('contents', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('justification', fields.CharField(null=True, max_length=500)),
                ('occurred_on', fields.DateField()),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'records', 'app': 'tenants', 'pk_attr': 'id', 'table_description': '`kind`: a term of category RECORD. `contents`: terms of category FIELD, what is in it. `justification`:'},
            bases=['PlaceRow'],
        ),
    ]
