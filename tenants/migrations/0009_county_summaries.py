from datetime import datetime, timezone
from typing import Any
from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import UUID, uuid4
from tenants.scope import Scope
from tortoise import fields

# As the table is here: what later migrations add to it has no place in these two.
OPEN = """
INSERT INTO county_summaries (tenant_id, id, code, households, population, candidates, registered, exited,
                              relapsed, paired_households, counted_at)
VALUES ($1, $2, $3, 0, 0, 0, 0, 0, 0, 0, $4)
"""
COUNT = """
UPDATE county_summaries s
SET households = h.households, population = h.population, candidates = h.candidates,
    registered = h.registered, exited = h.exited, relapsed = h.relapsed, paired_households = p.households
FROM (SELECT count(*) AS households, coalesce(sum(population), 0) AS population,
             count(*) FILTER (WHERE state = 'candidate') AS candidates,
             count(*) FILTER (WHERE state = 'registered') AS registered,
             count(*) FILTER (WHERE state = 'exited') AS exited,
             count(*) FILTER (WHERE state = 'relapsed') AS relapsed
      FROM households WHERE tenant_id = $1) h,
     (SELECT count(DISTINCT household_id) AS households
      FROM pairings WHERE tenant_id = $1 AND ends_on IS NULL AND household_id IS NOT NULL) p
WHERE s.tenant_id = $1
"""


async def count_every_county(_apps: Any, editor: Any) -> None:
    """A row for each county that there is. The owner stands behind the same walls as everybody: it counts one
    county after the other, in the scope of each."""
    client, now = editor.client, datetime.now(timezone.utc)
    for place in await client.execute_query_dict("SELECT id, code FROM places WHERE kind = 'county'"):
        place_id = UUID(str(place['id']))
        await client.execute_script(Scope((place_id,), place_id).as_settings())
        await client.execute_query(OPEN, [place_id, uuid4(), place['code'], now])
        await client.execute_query(COUNT, [place_id])


class Migration(migrations.Migration):
    dependencies = [('tenants', '0008_register_of_households')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CountySummary',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('tenant_id', fields.UUIDField()),
                ('code', fields.CharField(max_length=12)),
                ('households', fields.IntField()),
                ('population', fields.IntField()),
                ('candidates', fields.IntField()),
                ('registered', fields.IntField()),
                ('exited', fields.IntField()),
                ('relapsed', fields.IntField()),
                ('paired_households', fields.IntField()),
                ('counted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'county_summaries', 'app': 'tenants', 'pk_attr': 'id', 'table_description': "`code`: the county's own, by which those above reach it. A column for each state of a household, so"},
            bases=['PlaceRow'],
        ),
        ops.RunPython(count_every_county),
    ]
