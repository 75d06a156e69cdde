from typing import Any
from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import UUID
from tenants.scope import Scope
from tortoise import fields

# As the tables are here: what later migrations add to them has no place in this one.
COUNT = """
UPDATE county_summaries SET nodes = (
  SELECT count(*) FROM divisions WHERE tenant_id = $1 AND parent_code IS NOT NULL AND ends_on IS NULL)
WHERE tenant_id = $1
"""


async def count_the_nodes_of_every_county(_apps: Any, editor: Any) -> None:
    """The owner stands behind the same walls as everybody: it counts one county after the other, in the scope
    of each."""
    client = editor.client
    for place in await client.execute_query_dict("SELECT id FROM places WHERE kind = 'county'"):
        place_id = UUID(str(place['id']))
        await client.execute_script(Scope((place_id,), place_id).as_settings())
        await client.execute_query(COUNT, [place_id])


class Migration(migrations.Migration):
    dependencies = [('tenants', '0009_county_summaries')]

    initial = False

    operations = [
        ops.AddField(
            model_name='CountySummary',
            name='nodes',
            field=fields.IntField(null=True),
        ),
        ops.RunPython(count_the_nodes_of_every_county),
        ops.AlterField(
            model_name='CountySummary',
            name='nodes',
            field=fields.IntField(),
        ),
    ]
