"""What a place writes down of its organs and departments, and of those from outside that help in it."""

from dataclasses import dataclass
from uuid import UUID

from tortoise.exceptions import IntegrityError

from policies.reach import Target, Viewer
from policies.vocabulary import Category
from tenants import audit, divisions, idempotency, people, requests, units
from tenants.people import Person
from tenants.profiles import LawInForce
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.units import Unit

TIERS = "level"


@dataclass(frozen=True, slots=True)
class Description:
    """All that is said of a unit; what each means stands at `Unit`."""

    name: str
    code: str
    organ: str | None = None
    tier: str | None = None
    origin: str | None = None
    deputy_id: UUID | None = None
    office_id: UUID | None = None

    @property
    def words(self) -> dict[str, str | None]:
        """What an audit entry tells of it."""
        return {"code": self.code, "organ": self.organ, "tier": self.tier, "origin": self.origin}


async def create(viewer: Viewer, law: LawInForce, said: Description, *, key: str | None = None) -> Unit:
    """Register a unit. Raises ALREADY_REGISTERED where the place has one of that name, or the same organ for
    the same division."""
    payload = idempotency.payload_of(said)
    earlier = await idempotency.claim(viewer, "unit.create", key, payload)
    if earlier is not None:
        return await Unit.get(id=earlier)
    unit = Unit()
    await _write(viewer, law, unit, said, "unit.create")
    await idempotency.settle(viewer, "unit.create", key, unit.id)
    return unit


async def update(
    viewer: Viewer,
    law: LawInForce,
    unit_id: UUID,
    said: Description,
    *,
    expected_version: int | None = None,
    key: str | None = None,
) -> Unit:
    """Say everything of a unit anew: what is left out, is no longer said of it."""
    payload = {"unit": unit_id, **idempotency.payload_of(said)}
    earlier = await idempotency.claim(viewer, "unit.update", key, payload)
    if earlier is not None:
        return await Unit.get(id=earlier)
    seen = Unit.filter(units.visible(viewer, law.access).as_filter(), id=unit_id)
    unit = await seen.select_for_update(no_key=True).get_or_none()
    if unit is None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("id",))
    _require_right(viewer, law, "unit.update", unit.code, unit.id)
    requests.require_version(unit.version, expected_version)
    unit.version += 1
    await _write(viewer, law, unit, said, "unit.update")
    await idempotency.settle(viewer, "unit.update", key, unit.id)
    return unit


async def _write(viewer: Viewer, law: LawInForce, unit: Unit, said: Description, act: str) -> None:
    _require_right(viewer, law, act, said.code, unit.id if act == "unit.update" else None)
    _require_words(law, said)
    await _require_known(viewer, law, unit, said)
    await divisions.require_held(said.code, None, viewer.place_code)
    await _require_free(unit, said)
    unit.update_from_dict(idempotency.payload_of(said))
    try:
        await unit.save()
    except IntegrityError as error:  # somebody else was quicker
        raise Refusal(RefusalCode.ALREADY_REGISTERED, path=("name",)) from error
    await audit.record(viewer, act, ("unit", unit.id), **said.words)


def _require_right(viewer: Viewer, law: LawInForce, permission: str, code: str, unit_id: UUID | None) -> None:
    if not law.access.can(viewer, Target(viewer.place_id, code, unit_id), permission):
        raise Refusal(RefusalCode.FORBIDDEN)


def _require_words(law: LawInForce, said: Description) -> None:
    law.require_word(said.organ, Category.ORGAN, "organ")
    law.require_word(said.origin, Category.ORGAN, "origin")
    tiers = law.words.scales[TIERS]
    if said.tier is not None and said.tier not in tiers:
        named = [(law.words.label(tier), law.words.label(tier, "en")) for tier in tiers]
        raise invalid(Flaw.UNKNOWN_TIER, "tier", word=said.tier[:64], tiers=named)


async def _require_known(viewer: Viewer, law: LawInForce, unit: Unit, said: Description) -> None:
    """Raise NOT_FOUND for a deputy or an office that the viewer may not read; nothing is its own office."""
    persons = Person.filter(people.visible(viewer, law.access).as_filter(), id=said.deputy_id)
    if said.deputy_id is not None and not await persons.exists():
        raise Refusal(RefusalCode.NOT_FOUND, path=("deputy",))
    others = Unit.filter(units.visible(viewer, law.access).as_filter(), id=said.office_id).exclude(id=unit.id)
    if said.office_id is not None and not await others.exists():
        raise Refusal(RefusalCode.NOT_FOUND, path=("office",))


async def _require_free(unit: Unit, said: Description) -> None:
    others = Unit.exclude(id=unit.id)
    if await others.filter(name=said.name).exists():
        raise Refusal(RefusalCode.ALREADY_REGISTERED, path=("name",))
    if said.organ is not None and await others.filter(organ=said.organ, code=said.code).exists():
        raise Refusal(RefusalCode.ALREADY_REGISTERED, path=("organ",))
