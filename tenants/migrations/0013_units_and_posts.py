from typing import Any
from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import UUID
from tenants.scope import Scope
from tortoise import fields

FIRST = "UPDATE {} SET version = 1 WHERE tenant_id = $1"


async def begin_to_count(_apps: Any, editor: Any) -> None:
    """The owner stands behind the same walls as everybody: it writes one place after the other, in the scope
    of each."""
    client = editor.client
    for place in await client.execute_query_dict("SELECT id FROM places"):
        place_id = UUID(str(place['id']))
        await client.execute_script(Scope((place_id,), place_id).as_settings())
        for table in ('persons', 'units'):
            await client.execute_query(FIRST.format(table), [place_id])


class Migration(migrations.Migration):
    dependencies = [('tenants', '0012_teams')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Post',
            name='end_justification',
            field=fields.CharField(null=True, max_length=500),
        ),
        ops.AddField(
            model_name='Post',
            name='justification',
            field=fields.CharField(null=True, max_length=500),
        ),
        ops.AddField(
            model_name='Unit',
            name='deputy_id',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Unit',
            name='office_id',
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name='Unit',
            name='origin',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Unit',
            name='tier',
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(
            model_name='Person',
            name='version',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Unit',
            name='version',
            field=fields.IntField(null=True),
        ),
        ops.RunPython(begin_to_count),
        ops.AlterField(
            model_name='Person',
            name='version',
            field=fields.IntField(default=1),
        ),
        ops.AlterField(
            model_name='Unit',
            name='version',
            field=fields.IntField(default=1),
        ),
    ]
