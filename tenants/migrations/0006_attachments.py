from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('tenants', '0005_profile_drafts')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Attachment',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('owner_id', fields.UUIDField()),
                ('code', fields.CharField(max_length=12)),
                ('unit_id', fields.UUIDField(null=True)),
                ('permission', fields.CharField(max_length=64)),
                ('name', fields.CharField(max_length=200)),
                ('media_type', fields.CharField(max_length=100)),
                ('size', fields.BigIntField()),
                ('digest', fields.CharField(max_length=64)),
                ('storage_key', fields.CharField(max_length=100)),
                ('subject_kind', fields.CharField(null=True, max_length=32)),
                ('subject_id', fields.UUIDField(null=True)),
                ('recorded_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'attachments', 'app': 'tenants', 'pk_attr': 'id', 'table_description': '`subject_kind`, `subject_id`: what it belongs to, once it belongs to something.'},
            bases=['PlaceRow'],
        ),
    ]
