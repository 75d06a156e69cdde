from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('tenants', '0006_attachments')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Session',
            name='opened_in',
            field=fields.UUIDField(null=True),
        ),
        # Of older sessions nobody has kept more than where they stand.
        ops.RunSQL('UPDATE sessions SET opened_in = place_id'),
        ops.RunSQL('DROP INDEX IF EXISTS sessions_by_place'),
        ops.AlterField(
            model_name='Session',
            name='opened_in',
            field=fields.UUIDField(),
        ),
    ]
