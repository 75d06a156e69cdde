"""Pairings as they come, change hands and end."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from schema.connections import PAGE, After, Connection, First
from schema.decisions import Decision, facts_given, mistakes_told
from schema.fields import Info, command, read_field
from schema.nodes import row_id
from schema.pairings import Pairing, PairingFilter
from schema.reads.asked import page
from schema.texts import LONGEST_KEY, division_code, kept
from schema.user_errors import Payload
from tenants import pairing_changes, pairings
from tenants.pairings import PairingKind

Reason = Annotated[
    str | None, strawberry.argument(description="Why, where the answer warns: against an 原则上 rule.")
]
WhichOne = Annotated[relay.GlobalID, strawberry.argument(description="The pairing, that has no end yet.")]
FirstDayWithout = Annotated[date, strawberry.argument(description="The first day that no longer counts.")]


@strawberry.input(description="结对 / Who is to help whom: a cadre a household, the others a division.")
class PairingOpenInput:
    kind: PairingKind = strawberry.field(description="Who helps whom.")
    begins_on: date = strawberry.field(description="From which day; a past one, where it is entered late.")
    household: relay.GlobalID | None = strawberry.field(default=None, description="The household.")
    division: str | None = strawberry.field(
        default=None,
        description="The 12-digit code of the village or township, where it is no household.",
    )
    person: relay.GlobalID | None = strawberry.field(default=None, description="Who helps.")
    unit: relay.GlobalID | None = strawberry.field(default=None, description="The unit that helps a village.")
    facts: JSON | None = strawberry.field(
        default=None, description="Facts about the helper that the record does not know, by name."
    )
    justification: str | None = strawberry.field(
        default=None, description="Why, where the answer warns: for going against an 原则上 rule."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again with the same key, the command has one effect."
    )

    def draft(self) -> pairing_changes.Draft:
        return pairing_changes.Draft(
            kind=PairingKind(self.kind),
            begins_on=self.begins_on,
            household_id=row_id(self.household, "Household", "household") if self.household else None,
            code=division_code(self.division) if self.division is not None else None,
            person_id=row_id(self.person, "Person", "person") if self.person else None,
            unit_id=row_id(self.unit, "Unit", "unit") if self.unit else None,
            entered=facts_given(self.facts),
            justification=kept(self.justification, "justification"),
        )


@strawberry.type(description="结对命令的结果 / What a command over a pairing answers with.")
class PairingPayload(Payload):
    pairing: Pairing | None = strawberry.field(default=None, description="The pairing, as it is now.")


def _payload(info: Info, done: pairing_changes.Changed) -> PairingPayload:
    decision = Decision.of(done.decision, info.context.words)
    return PairingPayload(pairing=Pairing.of(done.pairing), decision=decision)


@strawberry.type
class PairingQuery:
    @read_field(
        permission="pairing.read",
        description="可见的结对，新的在前 / The pairings that the viewer may read, newest first.",
        closed=Connection.empty,
    )
    async def pairings(
        self,
        info: Info,
        filter: Annotated[PairingFilter | None, strawberry.argument(description="Which of them.")] = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[Pairing]:
        wanted = filter or PairingFilter()
        which = pairings.wanted(in_force_on=wanted.in_force_on, kind=wanted.kind)
        found: Connection[Pairing] = page(
            pairings.listed(info.context.viewer, info.context.access, which), first, after
        )
        return found


@strawberry.type
class PairingMutation:
    @command(
        permission="pairing.create",
        payload=PairingPayload,
        description="结对：按文件核对人选和户数 / Let somebody help, as the document lets him.",
    )
    async def pairing_open(
        self,
        info: Info,
        input: Annotated[PairingOpenInput, strawberry.argument(description="Who is to help whom.")],
    ) -> PairingPayload:
        context = info.context
        key = kept(input.idempotency_key, "idempotencyKey", LONGEST_KEY)
        with mistakes_told():
            done = await pairing_changes.open_pairing(context.viewer, context.law, input.draft(), key=key)
        return _payload(info, done)

    @command(
        permission="pairing.end",
        payload=PairingPayload,
        description="解除结对；文件不许的写明条款 / End a pairing, unless the document wants it to last.",
    )
    async def pairing_end(
        self, info: Info, id: WhichOne, on: FirstDayWithout, justification: Reason = None
    ) -> PairingPayload:
        done = await pairing_changes.end_pairing(
            info.context.viewer,
            info.context.law,
            row_id(id, "Pairing"),
            on,
            justification=kept(justification, "justification"),
        )
        return _payload(info, done)

    @command(
        permission="pairing.end",
        payload=PairingPayload,
        description="换人：同日交接 / Let another take over, on the day on which the first ends.",
    )
    async def pairing_replace(
        self,
        info: Info,
        id: WhichOne,
        person: Annotated[relay.GlobalID, strawberry.argument(description="Who takes over.")],
        on: FirstDayWithout,
        facts: Annotated[
            JSON | None, strawberry.argument(description="Facts about him that the record does not know.")
        ] = None,
        justification: Reason = None,
    ) -> PairingPayload:
        with mistakes_told():
            done = await pairing_changes.replace_helper(
                info.context.viewer,
                info.context.law,
                row_id(id, "Pairing"),
                row_id(person, "Person", "person"),
                on,
                entered=facts_given(facts),
                justification=kept(justification, "justification"),
            )
        return _payload(info, done)
