"""Appointments: posts that are opened and ended by themselves."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry import relay

from schema.decisions import Decision
from schema.fields import Info, command
from schema.nodes import plain_row_id, row_id
from schema.people import Person, Post
from schema.texts import LONGEST_KEY, kept
from schema.user_errors import Payload
from tenants import appointments
from tenants.appointments import Appointed

LONGEST_SOURCE = 200


@strawberry.input(description="任职 / A post as it is to be.")
class PostOpenInput:
    person: relay.GlobalID = strawberry.field(description="Who is to hold it; never oneself.")
    role: str = strawberry.field(description="A term of ROLE.")
    code: str = strawberry.field(description="The 12-digit code of the division it is held for.")
    begins_on: date = strawberry.field(description="Its first day; it may lie before today.")
    ends_on: date | None = strawberry.field(
        default=None, description="The first day that no longer counts; left out while it has no end."
    )
    unit: relay.GlobalID | None = strawberry.field(
        default=None, description="The unit that he heads or that sends him."
    )
    source_document: str | None = strawberry.field(
        default=None, description="The paper it rests on, at most 200 characters."
    )
    justification: str | None = strawberry.field(
        default=None, description="Why, where it goes against an 原则上 rule."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again with the same key, the command has one effect."
    )

    def draft(self) -> appointments.Draft:
        return appointments.Draft(
            person_id=row_id(self.person, "Person", "person"),
            role=self.role,
            code=self.code,
            begins_on=self.begins_on,
            ends_on=self.ends_on,
            unit_id=row_id(self.unit, "Unit", "unit") if self.unit is not None else None,
            source_document=kept(self.source_document, "sourceDocument", LONGEST_SOURCE),
            justification=kept(self.justification, "justification"),
        )


@strawberry.type(description="任免的结果 / What opening or ending a post answers with.")
class PostPayload(Payload):
    post: Post | None = strawberry.field(default=None, description="The post, as it is now.")
    person: Person | None = strawberry.field(default=None, description="Who holds it, or held it.")


@strawberry.type
class AppointmentMutation:
    @command(
        permission="post.create",
        payload=PostPayload,
        description="登记任职：只在本人任免的范围内，且不能给自己 / Put a person in a post, within what one"
        " appoints oneself; never oneself.",
    )
    async def post_open(
        self,
        info: Info,
        input: Annotated[PostOpenInput, strawberry.argument(description="The post as it is to be.")],
    ) -> PostPayload:
        context, key = info.context, kept(input.idempotency_key, "idempotencyKey", LONGEST_KEY)
        return await _answer(
            info, await appointments.open_post(context.viewer, context.law, input.draft(), key=key)
        )

    @command(
        permission="post.end",
        payload=PostPayload,
        description="结束任职 / End a post that stands by itself; one of a seat or a pairing ends with it.",
    )
    async def post_end(
        self,
        info: Info,
        post: Annotated[strawberry.ID, strawberry.argument(description="The post's id.")],
        on: Annotated[date, strawberry.argument(description="The first day that no longer counts.")],
        justification: Annotated[
            str | None, strawberry.argument(description="Why, where it goes against an 原则上 rule.")
        ] = None,
        idempotency_key: Annotated[
            str | None,
            strawberry.argument(description="Sent again with the same key, the command has one effect."),
        ] = None,
    ) -> PostPayload:
        context, key = info.context, kept(idempotency_key, "idempotencyKey", LONGEST_KEY)
        ended = await appointments.end_post(
            context.viewer,
            context.law,
            plain_row_id(post, "post"),
            on,
            justification=kept(justification, "justification"),
            key=key,
        )
        return await _answer(info, ended)


async def _answer(info: Info, done: Appointed) -> PostPayload:
    return PostPayload(
        post=Post.of(done.post),
        person=await Person.load(info, done.post.person_id),
        decision=Decision.of(done.decision, info.context.words),
    )
