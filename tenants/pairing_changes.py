"""Pairings as they come, change hands and end: judged by the document, with the role that they bring along.

How many households one may help, how many helpers a household needs and who may help at all is the
document's business; here it is asked with what stands in the record, and what it says is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from policies.access import Access
from policies.circumstances import FactValue
from policies.decisions import Decision, Question
from policies.kinds.assignment import Assignment
from policies.outcomes import Ask
from policies.reach import Target, Viewer
from tenants import (
    audit,
    candidates,
    clock,
    county_summaries,
    decisions,
    divisions,
    households,
    idempotency,
    localities,
    pairings,
    people,
    units,
)
from tenants.conditions import Compared
from tenants.decisions import insist
from tenants.households import Household, HouseholdState
from tenants.pages import Listing, Order
from tenants.pairings import Pairing, PairingKind
from tenants.people import Person, Post
from tenants.profiles import LawInForce
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.units import Unit

# What the documents call those who help in each kind of pairing.
HELPERS = {
    PairingKind.CADRE_HOUSEHOLD: "household_helper",
    PairingKind.UNIT_VILLAGE: "helping_unit",
    PairingKind.LEADER_TOWNSHIP: "county_leader",
}


def basis_of(pairing_id: UUID) -> str:
    """The basis of the posts that a pairing has opened."""
    return f"pairing:{pairing_id}"


@dataclass(frozen=True, slots=True)
class Draft:
    """Who helps whom from a day on, which may lie in the past. A cadre's pairing names a household, the
    others a division. `entered`: facts about the helper that the record does not know."""

    kind: PairingKind
    begins_on: date
    household_id: UUID | None = None
    code: str | None = None
    person_id: UUID | None = None
    unit_id: UUID | None = None
    entered: Mapping[str, Any] = field(default_factory=dict)
    justification: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    pairing: Pairing
    decision: Decision


@dataclass(frozen=True, slots=True)
class _Helped:
    """Where the help goes; locked until the transaction ends, as is the helper: of two pairings that are
    entered at once, the second is judged with the first."""

    code: str
    words: tuple[str, ...]
    household_id: UUID | None = None


async def open_pairing(viewer: Viewer, law: LawInForce, draft: Draft, *, key: str | None = None) -> Changed:
    """Let somebody help. Refuses with NOT_FOUND, FORBIDDEN, and with what the law has against it: DENIED,
    INCOMPLETE, or REASON_REQUIRED for an 原则上 rule."""
    earlier = await idempotency.claim(viewer, "pairing.create", key, idempotency.payload_of(draft))
    if earlier is not None:
        pairing = await Pairing.get(id=earlier)
        return Changed(pairing, _asked(viewer, law, f"{HELPERS[pairing.kind]}>household", {}))
    await _require_seen(viewer, law.access, draft)
    helped = await _helped(viewer, law.access, draft)
    decision = await _judged(viewer, law, draft, helped)
    pairing = await _write(viewer, law, draft, helped, decision)
    await idempotency.settle(viewer, "pairing.create", key, pairing.id)
    return Changed(pairing, decision)


async def end_pairing(
    viewer: Viewer,
    law: LawInForce,
    pairing_id: UUID,
    on: date,
    *,
    justification: str | None = None,
) -> Changed:
    """End a pairing: `on` is the first day that no longer counts. Refuses with NOT_FOUND, FORBIDDEN,
    WRONG_STATE for one that has ended, and where the household may not lose its helper yet: DENIED (GD
    三（三）: 不脱贫、不脱钩)."""
    pairing = await _still_open(viewer, law.access, pairing_id, on)
    decision = await _may_end(viewer, law, pairing, justification, replaced=False)
    await _end(viewer, pairing, on, decision)
    return Changed(await Pairing.get(id=pairing.id), decision)


async def replace_helper(
    viewer: Viewer,
    law: LawInForce,
    pairing_id: UUID,
    person_id: UUID,
    on: date,
    *,
    entered: Mapping[str, Any],
    justification: str | None = None,
) -> Changed:
    """Let another take over in one act: the one pairing ends on the day on which the other begins. Both are
    judged; the household is never without."""
    pairing = await _still_open(viewer, law.access, pairing_id, on)
    decision = await _may_end(viewer, law, pairing, justification, replaced=True)
    await _end(viewer, pairing, on, decision)
    draft = Draft(
        kind=pairing.kind,
        begins_on=on,
        household_id=pairing.household_id,
        code=None if pairing.household_id else pairing.code,
        person_id=person_id,
        entered=entered,
        justification=justification,
    )
    return await open_pairing(viewer, law, draft)


async def _require_seen(viewer: Viewer, access: Access, draft: Draft) -> None:
    """Raise NOT_FOUND for whatever is named and the viewer may not see."""
    homes = Listing(Household, households.visible(viewer, access))
    helpers = Listing(Unit, units.visible(viewer, access), Order(("id",)))
    if draft.household_id and not await homes.also(Compared("id", "=", draft.household_id)).rows(1):
        raise Refusal(RefusalCode.NOT_FOUND, path=("household",))
    if draft.person_id and not await people.visible_among([draft.person_id], viewer, access):
        raise Refusal(RefusalCode.NOT_FOUND, path=("person",))
    if draft.unit_id and not await helpers.also(Compared("id", "=", draft.unit_id)).rows(1):
        raise Refusal(RefusalCode.NOT_FOUND, path=("unit",))


async def _helped(viewer: Viewer, access: Access, draft: Draft) -> _Helped:
    """The household or division, if the viewer may enter a pairing there."""
    if draft.kind is PairingKind.CADRE_HOUSEHOLD:
        found = await Household.locked(draft.household_id) if draft.household_id else None
        if found is None:
            raise invalid(Flaw.BLANK, "household")
        helped = _Helped(found.code, ("household",), found.id)
    else:
        node = await divisions.held(draft.code or "")
        if node is None or node.ends_on is not None:
            raise Refusal(RefusalCode.NOT_FOUND, path=("division",), given=(draft.code or "")[:20])
        helped = _Helped(node.code, tuple(localities.words_of(node)))
    if not access.can(viewer, Target(viewer.place_id, helped.code), "pairing.create"):
        raise Refusal(RefusalCode.FORBIDDEN)
    return helped


async def _judged(viewer: Viewer, law: LawInForce, draft: Draft, helped: _Helped) -> Decision:
    facts = {**draft.entered, **await _facts_of_helper(viewer, draft)}
    standing = Pairing.filter(kind=draft.kind, ends_on__isnull=True)
    of_helper = standing.filter(person_id=draft.person_id, unit_id=draft.unit_id)
    of_helped = standing.filter(code=helped.code, household_id=helped.household_id)
    counts = {"has": await of_helper.count() + 1, "needs": await of_helped.count() + 1}
    asked = [
        _asked(viewer, law, f"{HELPERS[draft.kind]}>{word}", {**facts, **counts})
        for word in helped.words
        if law.law is None or law.law.about(f"{HELPERS[draft.kind]}>{word}", Assignment)
    ]
    for decision in asked:
        insist(decision, draft.justification, ("person" if draft.person_id else "unit",))
    return asked[0] if asked else _asked(viewer, law, f"{HELPERS[draft.kind]}>{helped.words[0]}", {})


def _asked(viewer: Viewer, law: LawInForce, pair: str, facts: Mapping[str, FactValue]) -> Decision:
    return decisions.ask(viewer, law, Question(Ask.ASSIGN, pair), facts, viewer.day)


async def _facts_of_helper(viewer: Viewer, draft: Draft) -> Mapping[str, FactValue]:
    """What the record knows of who is to help. Raises INVALID where nobody is named who could."""
    if draft.person_id is not None:
        person = await Person.locked(draft.person_id)
        assert person is not None, "the viewer sees him"
        return (await candidates.facts_of([person], viewer.day))[person.id]
    if draft.unit_id is None or draft.kind is not PairingKind.UNIT_VILLAGE:
        raise invalid(Flaw.BLANK, "person")
    unit = await Unit.locked(draft.unit_id)
    assert unit is not None, "the viewer sees it"
    return {"candidate_unit": unit.organ} if unit.organ else {}


async def _write(
    viewer: Viewer, law: LawInForce, draft: Draft, helped: _Helped, decision: Decision
) -> Pairing:
    async with county_summaries.recounted():
        pairing = await Pairing.create(
            kind=draft.kind,
            code=helped.code,
            household_id=helped.household_id,
            person_id=draft.person_id,
            unit_id=draft.unit_id,
            begins_on=draft.begins_on,
            recorded_at=clock.now(),
        )
    for role in _borne(law, decision) if draft.person_id else ():
        assert draft.person_id is not None, "who bears a role is a person"
        basis = basis_of(pairing.id)
        await people.open_post(draft.person_id, role, helped.code, draft.begins_on, basis=basis)
    told: dict[str, Any] = {"kind": draft.kind.value, "code": helped.code, **audit.law_of(decision)}
    await audit.record(viewer, "pairing.create", ("pairing", pairing.id), **told)
    return pairing


def _borne(law: LawInForce, decision: Decision) -> list[str]:
    """The roles that come with the pairing by the rules that were heard."""
    rules = law.law.of_kind(Assignment) if law.law else ()
    cited = {cite.rule for cite in decision.cites}
    return [rule.bears for rule in rules if rule.id in cited and rule.bears]


async def _still_open(viewer: Viewer, access: Access, pairing_id: UUID, on: date) -> Pairing:
    pairing = await Pairing.locked(pairing_id)
    seen = Listing(Pairing, pairings.visible(viewer, access)).also(Compared("id", "=", pairing_id))
    if pairing is None or not await seen.rows(1):
        raise Refusal(RefusalCode.NOT_FOUND, path=("id",))
    if not access.can(viewer, Target(viewer.place_id, pairing.code), "pairing.end"):
        raise Refusal(RefusalCode.FORBIDDEN)
    if pairing.ends_on is not None:
        raise Refusal(RefusalCode.WRONG_STATE, path=("id",))
    if on <= pairing.begins_on:
        raise invalid(Flaw.ENDS_BEFORE_IT_BEGINS, "on")
    return pairing


async def _may_end(
    viewer: Viewer, law: LawInForce, pairing: Pairing, justification: str | None, *, replaced: bool
) -> Decision:
    """What the document says of letting go; of a household it is asked whether it has left the register."""
    facts: dict[str, FactValue] = {"replaced_in_same_act": replaced}
    if pairing.household_id is not None:
        household = await Household.get(id=pairing.household_id)
        facts["household_exited"] = household.state is HouseholdState.EXITED
    decision = decisions.ask(viewer, law, Question(Ask.ACT, "unpairing"), facts, viewer.day)
    return insist(decision, justification, ("id",)) if pairing.household_id is not None else decision


async def _end(viewer: Viewer, pairing: Pairing, on: date, decision: Decision) -> None:
    async with county_summaries.recounted():
        await Pairing.filter(id=pairing.id).update(ends_on=on)
    for post in await Post.filter(basis=basis_of(pairing.id), ends_on__isnull=True):
        await people.end_post(post.id, on)
    told = {"on": on.isoformat(), **audit.law_of(decision)}
    await audit.record(viewer, "pairing.end", ("pairing", pairing.id), **told)
