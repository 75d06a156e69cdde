"""Ways to read another place's rows that the ORM offers."""

from collections.abc import Iterable

from tortoise.expressions import Q, RawSQL, Subquery
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from tenants.conditions import Compared
from tenants.pages import Listing
from tenants.places import Place
from tenants.units import Unit
from tests.tenants.two_places import County


def seen(rows: Iterable[object], there: County) -> bool:
    return there.spare.id in {getattr(row, "id", row) for row in rows}


async def all_rows(here: County, there: County) -> bool:
    return seen(await Unit.all(), there)


async def filter_by_id(here: County, there: County) -> bool:
    return seen(await Unit.filter(id=there.spare.id), there)


async def filter_by_an_alternative(here: County, there: County) -> bool:
    wanted = Q(Q(id=there.spare.id), Q(tenant_id=there.id), join_type=Q.OR)
    return seen(await Unit.filter(wanted), there)


async def filter_by_its_place(here: County, there: County) -> bool:
    return seen(await Unit.filter(tenant_id=there.id), there)


async def filter_by_a_negation(here: County, there: County) -> bool:
    return seen(await Unit.filter(~Q(name="nobody")), there)


async def exclude(here: County, there: County) -> bool:
    return seen(await Unit.exclude(name="nobody"), there)


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
    return seen(await Unit.in_bulk([there.spare.id], "id"), there)


async def exists(here: County, there: County) -> bool:
    return await Unit.exists(id=there.spare.id)


async def contains(here: County, there: County) -> bool:
    return await Unit.all().contains(there.spare)


async def count(here: County, there: County) -> bool:
    return await Unit.filter(id=there.spare.id).count() == 1


async def values(here: County, there: County) -> bool:
    return bool(await Unit.filter(id=there.spare.id).values("name"))


async def values_list(here: County, there: County) -> bool:
    return seen(await Unit.all().values_list("id", flat=True), there)


async def only(here: County, there: County) -> bool:
    return seen(await Unit.all().only("id"), there)


async def counted_by_group(here: County, there: County) -> bool:
    groups = await Unit.annotate(n=Count("id")).group_by("tenant_id").values("tenant_id", "n")
    return there.id in {group["tenant_id"] for group in groups}


async def a_union(here: County, there: County) -> bool:
    both = Unit.filter(name="nobody").union(Unit.filter(id=there.spare.id))
    return seen(await both, there)


async def a_subquery(here: County, there: County) -> bool:
    ids = Unit.filter(id=there.spare.id).values("id")
    return await Unit.filter(id__in=Subquery(ids)).exists()


async def a_subquery_of_a_global_table(here: County, there: County) -> bool:
    places = Unit.filter(id=there.spare.id).values("tenant_id")
    return await Place.filter(id__in=Subquery(places)).exists()


async def row_by_row(here: County, there: County) -> bool:
    return seen([unit async for unit in Unit.all()], there)


async def locked(here: County, there: County) -> bool:
    return await Unit.locked(there.spare.id) is not None


async def for_update(here: County, there: County) -> bool:
    return seen(await Unit.all().select_for_update(skip_locked=True), there)


async def refreshed(here: County, there: County) -> bool:
    ghost = Unit.construct(id=there.spare.id, tenant_id=here.id, name="", code="", _saved_in_db=True)
    await ghost.refresh_from_db()
    return ghost.name == there.spare.name


async def a_bare_queryset(here: County, there: County) -> bool:
    return seen(await QuerySet(Unit), there)


async def a_union_with_a_bare_queryset(here: County, there: County) -> bool:
    return seen(await Unit.filter(name="nobody").union(QuerySet(Unit)), there)


async def a_counted_union(here: County, there: County) -> bool:
    both = Unit.filter(name="nobody").union(Unit.filter(id=there.spare.id))
    return await both.count() == 1


async def a_count_within(here: County, there: County) -> bool:
    spare = Count("id", _filter=Q(id=there.spare.id))
    return any(await Unit.annotate(n=spare).group_by("tenant_id").values_list("n", flat=True))


async def a_total(here: County, there: County) -> bool:
    return await Listing(Unit, Compared("id", "=", there.spare.id)).count() == 1


async def explained(here: County, there: County) -> bool:
    [line] = await Unit.filter(id=there.spare.id).explain(analyze=True)
    return '"Actual Rows": 1' in line["QUERY PLAN"]


async def for_update_at_once(here: County, there: County) -> bool:
    return seen(await Unit.all().select_for_update(nowait=True, of=("units",)), there)


async def for_update_without_the_key(here: County, there: County) -> bool:
    return seen(await Unit.all().select_for_update(no_key=True), there)


async def an_oracle_by_a_name(here: County, there: County) -> bool:
    """Both have a unit of this name: whether it finds the own one tells of the other's."""
    name = RawSQL(f"(SELECT name FROM units WHERE id = '{there.spare.id}')")
    return await Unit.filter(name__in=name).exists()


async def an_order_by_what_is_there(here: County, there: County) -> bool:
    unit = f"(SELECT 1 FROM units WHERE id = '{there.spare.id}')"
    ordered = Unit.annotate(rank=RawSQL(f"CASE WHEN EXISTS {unit} THEN name ELSE code END")).order_by("rank")
    return (await ordered.values_list("rank", flat=True))[-1] == "同名单位"
