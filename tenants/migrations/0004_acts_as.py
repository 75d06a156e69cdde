from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('tenants', '0003_jobs')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ActAs',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('place_id', fields.UUIDField()),
                ('place_name', fields.CharField(max_length=64)),
                ('person_id', fields.UUIDField()),
                ('person_name', fields.CharField(max_length=64)),
                ('act', fields.CharField(max_length=64)),
                ('reason', fields.CharField(null=True, max_length=500)),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'acts_as', 'app': 'tenants', 'pk_attr': 'id', 'table_description': '`place_id`, `person_id`: whose person acted, a row of the place above; the name is the one he had then.'},
            bases=['PlaceRow'],
        ),
    ]
