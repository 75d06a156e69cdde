"""Ways to write another place's rows, or to hold on to them, that the ORM offers."""

from datetime import date
from uuid import uuid4

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from tenants import clock, places
from tenants.documents import SourceDocument
from tenants.people import Post
from tenants.places import Place, PlaceKind
from tenants.profiles import Profile
from tenants.units import Unit
from tests.tenants.two_places import County


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


async def a_bare_queryset_that_updates(here: County, there: County) -> None:
    await QuerySet(Unit).filter(id=there.spare.id).update(name="changed")


async def a_place_renamed(here: County, there: County) -> None:
    await Place.filter(id=there.id).update(name="renamed")


async def a_document_published(here: County, there: County) -> bool:
    document = {"title": "x", "text": "x", "digest": "x", "registered_at": "2018-01-01T00:00:00+00:00"}
    await SourceDocument.create(owner_id=there.id, **document)
    return True


async def saved_there_with_force(here: County, there: County) -> None:
    await Unit(name="planted", code=there.code, tenant_id=there.id).save(force_create=True)


async def bulk_created_there_ignoring_conflicts(here: County, there: County) -> None:
    row = Unit(name="planted", code=there.code, tenant_id=there.id)
    await Unit.bulk_create([row], ignore_conflicts=True)


async def updated_by_a_subquery(here: County, there: County) -> None:
    ids = Unit.filter(tenant_id=there.id).values("id")
    await Unit.filter(id__in=Subquery(ids)).update(organ=None, code=here.code[:-1] + "8")


async def deleted_by_a_subquery(here: County, there: County) -> None:
    ids = Unit.filter(name=there.spare.name).values("id")
    await Unit.filter(id__in=Subquery(ids)).delete()


async def a_place_founded_below(here: County, there: County) -> bool:
    below = {"code": "990103000000", "name": "下", "kind": PlaceKind.COUNTY}
    await Place.create(parent_id=there.id, created_at=clock.now(), **below)
    return True


async def a_place_taken_over(here: County, there: County) -> None:
    await places.Place.filter(id=there.id).update(parent_id=here.id)


async def a_profile_published(here: County, there: County) -> bool:
    said = {"name": "x", "version": 1, "digest": "x", "text": "x", "effective_from": date(2018, 1, 1)}
    by = {"drafted_by": here.person.id, "published_by": uuid4(), "published_at": clock.now()}
    await Profile.create(owner_id=there.id, **said, **by)
    return True
