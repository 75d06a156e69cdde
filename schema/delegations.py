"""Delegation: the holder of a post lets another stand in for it."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry import relay

from schema.appointments import PostPayload
from schema.fields import Info, command
from schema.nodes import plain_row_id, row_id
from schema.people import Person, Post
from schema.texts import LONGEST_KEY, few, kept
from tenants import delegations
from tenants.people import Post as PostRow

MOST_PERMISSIONS = 100


@strawberry.input(description="代理 / Who stands in for a post, for what, and how long.")
class PostDelegateInput:
    post: strawberry.ID = strawberry.field(description="The post's id; it is one's own.")
    person: relay.GlobalID = strawberry.field(description="Who is to stand in.")
    permissions: list[str] = strawberry.field(
        description="What for, such as authority:township_party_committee.act_for: permissions that the post"
        " has beyond what is one's own, and none about posts."
    )
    begins_on: date = strawberry.field(description="The first day; not before today.")
    ends_on: date = strawberry.field(description="The first day that no longer counts.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again with the same key, the command has one effect."
    )

    def draft(self) -> delegations.Draft:
        return delegations.Draft(
            post_id=plain_row_id(self.post, "post"),
            person_id=row_id(self.person, "Person", "person"),
            permissions=tuple(few(self.permissions, "permissions", MOST_PERMISSIONS)),
            begins_on=self.begins_on,
            ends_on=self.ends_on,
        )


@strawberry.type
class DelegationMutation:
    @command(
        permission="post.delegate",
        payload=PostPayload,
        description="委托他人代理本人的任职：限所列权限和期间，不得再委托 / Let another stand in for one's"
        " own post, for what is named and no longer.",
    )
    async def post_delegate(
        self,
        info: Info,
        input: Annotated[PostDelegateInput, strawberry.argument(description="Who, for what, how long.")],
    ) -> PostPayload:
        context, key = info.context, kept(input.idempotency_key, "idempotencyKey", LONGEST_KEY)
        return await _answer(
            info, await delegations.give(context.viewer, context.law, input.draft(), key=key)
        )

    @command(
        permission="post.delegate",
        payload=PostPayload,
        description="收回委托，即刻生效 / Let somebody stand in no longer, from this moment on.",
    )
    async def post_revoke(
        self,
        info: Info,
        post: Annotated[strawberry.ID, strawberry.argument(description="The acting post's id.")],
    ) -> PostPayload:
        context = info.context
        return await _answer(
            info, await delegations.revoke(context.viewer, context.law, plain_row_id(post, "post"))
        )


async def _answer(info: Info, row: PostRow) -> PostPayload:
    return PostPayload(post=Post.of(row), person=await Person.load(info, row.person_id))
