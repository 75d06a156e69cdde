"""What a place writes down of its persons, and how one of them comes to sign in."""

from typing import Annotated

import strawberry
from strawberry import relay

from schema.fields import Info, command
from schema.nodes import row_id
from schema.onboarding import Invitation
from schema.people import Person
from schema.texts import LONGEST_KEY, LONGEST_LOGIN, filled, kept, named
from schema.user_errors import Payload
from tenants import accounts, person_changes
from tenants.person_changes import Description


@strawberry.input(
    description="人员的全部登记内容 / All that is said of a person; what is left out is not said."
)
class PersonInput:
    name: str = strawberry.field(description="The name, at most 64 characters; several may have it.")
    rank: str | None = strawberry.field(default=None, description="职级 / A term of RANK.")

    def said(self) -> Description:
        return Description(name=named(self.name, "name"), rank=self.rank)


@strawberry.type(description="登记人员的结果 / What registering a person answers with.")
class PersonPayload(Payload):
    person: Person | None = strawberry.field(default=None, description="The person, as he is now.")


@strawberry.type(description="邀请人员的结果 / What inviting a person answers with.")
class PersonInvitePayload(Payload):
    person: Person | None = strawberry.field(default=None, description="The person.")
    invitation: Invitation | None = strawberry.field(default=None, description="The one-time invitation.")


Said = Annotated[PersonInput, strawberry.argument(description="All that is said of him.")]
WhichPerson = Annotated[relay.GlobalID, strawberry.argument(description="The person.")]
Key = Annotated[
    str | None, strawberry.argument(description="Sent again with the same key, the command has one effect.")
]


@strawberry.type
class PersonMutation:
    @command(
        permission="person.create",
        payload=PersonPayload,
        description="登记人员 / Register a person; his posts come by `postOpen`.",
    )
    async def person_create(self, info: Info, input: Said, idempotency_key: Key = None) -> PersonPayload:
        context, key = info.context, kept(idempotency_key, "idempotencyKey", LONGEST_KEY)
        row = await person_changes.create(context.viewer, context.law, input.said(), key=key)
        return PersonPayload(person=Person.of(row))

    @command(
        permission="person.update",
        payload=PersonPayload,
        description="修改人员的登记，整项重写 / Say everything of a person anew.",
    )
    async def person_update(
        self,
        info: Info,
        id: WhichPerson,
        input: Said,
        expected_version: Annotated[
            int | None, strawberry.argument(description="The version the client has seen.")
        ] = None,
        idempotency_key: Key = None,
    ) -> PersonPayload:
        context = info.context
        row = await person_changes.update(
            context.viewer,
            context.law,
            row_id(id, "Person"),
            input.said(),
            expected_version=expected_version,
            key=kept(idempotency_key, "idempotencyKey", LONGEST_KEY),
        )
        return PersonPayload(person=Person.of(row))

    @command(
        permission="account.create",
        payload=PersonInvitePayload,
        description="邀请人员登录，遗失可重发 / Invite a person to sign in, anew until he has accepted.",
    )
    async def person_invite(
        self,
        info: Info,
        id: WhichPerson,
        login: Annotated[
            str, strawberry.argument(description="The name to sign in with; nobody else may have it.")
        ],
    ) -> PersonInvitePayload:
        given = filled(login.strip().casefold(), "login", LONGEST_LOGIN)
        done = await person_changes.invite(
            info.context.viewer,
            info.context.law,
            row_id(id, "Person"),
            accounts.plain(given, ("login",)),
        )
        return PersonInvitePayload(
            person=Person.of(done.person), invitation=Invitation.maybe(done.invitation)
        )
