"""Every way to another place's rows that the ORM and SQL offer, as a table.

A probe stands in `here` and reaches for a row of `there`. It answers whether it saw the row; what it wrote
shows in the rows themselves. Called with the same place twice it is its own positive twin.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID, uuid4

from tortoise.connection import get_connection
from tortoise.expressions import Q, RawSQL, Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from tenants import scope
from tenants.documents import SourceDocument
from tenants.people import Post
from tenants.places import Place
from tenants.units import Unit
from tests.tenants.two_places import County

Probe = Callable[[County, County], Awaitable[object]]


async def seen(rows: object, there: County) -> bool:
    return there.spare.id in {getattr(row, "id", row) for row in rows}  # type: ignore[attr-defined]


async def all_rows(here: County, there: County) -> bool:
    return await seen(await Unit.all(), there)


async def filter_by_id(here: County, there: County) -> bool:
    return await seen(await Unit.filter(id=there.spare.id), there)


async def filter_by_an_alternative(here: County, there: County) -> bool:
    wanted = Q(Q(id=there.spare.id), Q(tenant_id=there.id), join_type=Q.OR)
    return await seen(await Unit.filter(wanted), there)


async def filter_by_its_place(here: County, there: County) -> bool:
    return await seen(await Unit.filter(tenant_id=there.id), there)


async def filter_by_a_negation(here: County, there: County) -> bool:
    return await seen(await Unit.filter(~Q(name="nobody")), there)


async def exclude(here: County, there: County) -> bool:
    return await seen(await Unit.exclude(name="nobody"), there)


async def get(here: County, there: County) -> bool:
    return (await Unit.get(id=there.spare.id)).id == there.spare.id


async def get_or_none(here: County, there: County) -> bool:
    return await Unit.get_or_none(id=there.spare.id) is not None


async def by_index(here: County, there: County) -> bool:
    return (await Unit[there.spare.id]).id == there.spare.id  # type: ignore[misc]


async def first(here: County, there: County) -> bool:
    return await Unit.filter(id=there.spare.id).first() is not None


async def last(here: County, there: County) -> bool:
    return await Unit.filter(id=there.spare.id).last() is not None


async def latest(here: County, there: County) -> bool:
    return await Unit.filter(id=there.spare.id).latest("name") is not None


async def earliest(here: County, there: County) -> bool:
    return await Unit.filter(id=there.spare.id).earliest("name") is not None


async def in_bulk(here: County, there: County) -> bool:
    return await seen(await Unit.in_bulk([there.spare.id], "id"), there)


async def exists(here: County, there: County) -> bool:
    return await Unit.exists(id=there.spare.id)


async def contains(here: County, there: County) -> bool:
    return await Unit.all().contains(there.spare)


async def count(here: County, there: County) -> bool:
    return await Unit.filter(id=there.spare.id).count() == 1


async def values(here: County, there: County) -> bool:
    return bool(await Unit.filter(id=there.spare.id).values("name"))


async def values_list(here: County, there: County) -> bool:
    return await seen(await Unit.all().values_list("id", flat=True), there)


async def only(here: County, there: County) -> bool:
    return await seen(await Unit.all().only("id"), there)


async def counted_by_group(here: County, there: County) -> bool:
    groups = await Unit.annotate(n=Count("id")).group_by("tenant_id").values("tenant_id", "n")
    return there.id in {group["tenant_id"] for group in groups}


async def a_union(here: County, there: County) -> bool:
    both = Unit.filter(name="nobody").union(Unit.filter(id=there.spare.id))
    return await seen(await both, there)


async def a_subquery(here: County, there: County) -> bool:
    ids = Unit.filter(id=there.spare.id).values("id")
    return await Unit.filter(id__in=Subquery(ids)).exists()


async def a_subquery_of_a_global_table(here: County, there: County) -> bool:
    places = Unit.filter(id=there.spare.id).values("tenant_id")
    return await Place.filter(id__in=Subquery(places)).exists()


async def row_by_row(here: County, there: County) -> bool:
    return await seen([unit async for unit in Unit.all()], there)


async def locked(here: County, there: County) -> bool:
    return await Unit.locked(there.spare.id) is not None


async def for_update(here: County, there: County) -> bool:
    return await seen(await Unit.all().select_for_update(skip_locked=True), there)


async def refreshed(here: County, there: County) -> bool:
    ghost = Unit.construct(id=there.spare.id, tenant_id=here.id, name="", code="", _saved_in_db=True)
    await ghost.refresh_from_db()
    return ghost.name == there.spare.name


async def got_or_created(here: County, there: County) -> bool:
    new = {"code": here.code, "tenant_id": here.id}
    found, _ = await Unit.get_or_create(name=there.unit.name, defaults=new)
    return found.id == there.unit.id


async def updated_or_created(here: County, there: County) -> bool:
    new = {"code": here.code, "tenant_id": here.id}
    found, _ = await Unit.update_or_create(name=there.unit.name, defaults=new)
    return found.id == there.unit.id


async def created_there(here: County, there: County) -> None:
    await Unit.create(name="planted", code=there.code, tenant_id=there.id)


async def saved_there(here: County, there: County) -> None:
    await Unit(name="planted", code=there.code, tenant_id=there.id).save()


async def bulk_created_there(here: County, there: County) -> None:
    await Unit.bulk_create([Unit(name="planted", code=there.code, tenant_id=there.id)])


async def linked_to_a_person_there(here: County, there: County) -> bool:
    post = {"role": "unit_head", "code": here.code, "begins_on": date(2018, 1, 1), "tenant_id": here.id}
    await Post.create(person_id=there.person.id, **post)
    return True


async def relinked_to_a_unit_there(here: County, there: County) -> bool:
    return await Post.filter(id=here.post.id).update(unit_id=there.spare.id) == 1


def stolen(here: County, there: County) -> Unit:
    return Unit.construct(
        id=there.spare.id, tenant_id=here.id, name="stolen", code=here.code, _saved_in_db=True
    )


async def saved(here: County, there: County) -> None:
    await stolen(here, there).save()


async def saved_in_part(here: County, there: County) -> None:
    await stolen(here, there).save(update_fields=["name"])


async def saved_with_force(here: County, there: County) -> None:
    await Unit(id=there.spare.id, tenant_id=here.id, name="stolen", code=here.code).save(force_update=True)


async def deleted(here: County, there: County) -> None:
    await stolen(here, there).delete()


async def given_away_by_attribute(here: County, there: County) -> None:
    mine = await Unit.get(id=here.spare.id)
    mine.name, mine.tenant_id = "given", there.id
    await mine.save()


async def given_away_from_a_dict(here: County, there: County) -> None:
    mine = await Unit.get(id=here.spare.id)
    mine.update_from_dict({"name": "given", "tenant_id": there.id})
    await mine.save(update_fields=["name", "tenant_id"])


async def given_away_by_update(here: County, there: County) -> None:
    await Unit.filter(id=here.spare.id).update(name="given", tenant_id=there.id)


async def updated(here: County, there: County) -> None:
    await Unit.filter(id=there.spare.id).update(name="changed")


async def updated_by_an_alternative(here: County, there: County) -> None:
    await Unit.filter(Q(id=there.spare.id) | Q(tenant_id=there.id)).update(code=here.code[:-1] + "9")


async def deleted_by_query(here: County, there: County) -> None:
    await Unit.filter(id=there.spare.id).delete()


async def upserted(here: County, there: County) -> None:
    row = Unit(id=there.spare.id, tenant_id=there.id, name="upserted", code=there.code)
    await Unit.bulk_create([row], update_fields=["name"], on_conflict=["tenant_id", "id"])


async def upserted_by_position(here: County, there: County) -> None:
    row = Unit(id=there.spare.id, tenant_id=there.id, name="upserted", code=there.code)
    await Unit.all().bulk_create([row], None, False, ["name"], ["tenant_id", "id"])


async def bulk_updated(here: County, there: County) -> None:
    there.spare.name, kept = "changed", there.spare.name
    try:
        await Unit.bulk_update([there.spare], fields=["name"])
    finally:
        there.spare.name = kept


async def raw(here: County, there: County) -> bool:
    return await seen(await Unit.raw(f"SELECT * FROM units WHERE id = '{there.spare.id}'"), there)


async def a_raw_subselect(here: County, there: County) -> bool:
    other = RawSQL(f"(SELECT name FROM units WHERE id = '{there.spare.id}')")
    names = await Unit.annotate(other=other).values_list("other", flat=True)
    return there.spare.name in names


async def a_bare_queryset(here: County, there: County) -> bool:
    return await seen(await QuerySet(Unit), there)


async def a_bare_queryset_that_updates(here: County, there: County) -> None:
    await QuerySet(Unit).filter(id=there.spare.id).update(name="changed")


async def sql_that_reads(here: County, there: County) -> bool:
    return bool(await scope.fetch("SELECT name FROM units WHERE id = $1", there.spare.id))


async def sql_that_updates(here: County, there: County) -> None:
    await scope.execute("UPDATE units SET name = 'changed' WHERE id = $1", there.spare.id)


async def sql_that_deletes(here: County, there: County) -> None:
    await scope.execute("DELETE FROM units WHERE id = $1", there.spare.id)


async def sql_that_inserts(here: County, there: County) -> None:
    insert = "INSERT INTO units (id, tenant_id, name, code) VALUES ($1, $2, 'planted', $3)"
    await scope.execute(insert, uuid4(), there.id, there.code)


async def the_connection_itself(here: County, there: County) -> bool:
    query = "SELECT name FROM units WHERE id = $1"
    return bool((await get_connection(scope.CONNECTION).execute_query(query, [there.spare.id]))[1])


async def a_place_renamed(here: County, there: County) -> None:
    await Place.filter(id=there.id).update(name="renamed")


async def a_document_published(here: County, there: County) -> bool:
    document = {"title": "x", "text": "x", "digest": "x", "registered_at": "2018-01-01T00:00:00+00:00"}
    await SourceDocument.create(owner_id=there.id, **document)
    return True


PROBES: dict[str, Probe] = {
    probe.__name__: probe
    for probe in (
        all_rows,
        filter_by_id,
        filter_by_an_alternative,
        filter_by_its_place,
        filter_by_a_negation,
        exclude,
        get,
        get_or_none,
        by_index,
        first,
        last,
        latest,
        earliest,
        in_bulk,
        exists,
        contains,
        count,
        values,
        values_list,
        only,
        counted_by_group,
        a_union,
        a_subquery,
        a_subquery_of_a_global_table,
        row_by_row,
        locked,
        for_update,
        refreshed,
        got_or_created,
        updated_or_created,
        created_there,
        saved_there,
        bulk_created_there,
        linked_to_a_person_there,
        relinked_to_a_unit_there,
        saved,
        saved_in_part,
        saved_with_force,
        deleted,
        given_away_by_attribute,
        given_away_from_a_dict,
        given_away_by_update,
        updated,
        updated_by_an_alternative,
        deleted_by_query,
        upserted,
        upserted_by_position,
        bulk_updated,
        raw,
        a_raw_subselect,
        a_bare_queryset,
        a_bare_queryset_that_updates,
        sql_that_reads,
        sql_that_updates,
        sql_that_deletes,
        sql_that_inserts,
        the_connection_itself,
        a_place_renamed,
        a_document_published,
    )
}


async def everything_of(place: UUID) -> list[object]:
    """All that the place holds, as the database would give it to a scope over it."""
    [row] = await scope.fetch(_EVERYTHING, place)
    return [row["units"], row["posts"], row["persons"], row["places"]]


_EVERYTHING = """
SELECT (SELECT jsonb_agg(to_jsonb(t) ORDER BY id)::text FROM units t WHERE tenant_id = $1) AS units,
       (SELECT jsonb_agg(to_jsonb(t) ORDER BY id)::text FROM posts t WHERE tenant_id = $1) AS posts,
       (SELECT jsonb_agg(to_jsonb(t) ORDER BY id)::text FROM persons t WHERE tenant_id = $1) AS persons,
       (SELECT to_jsonb(t)::text FROM places t WHERE id = $1) AS places
"""
