"""Root fields that say who may use them. What hangs below comes with the object that the viewer may read; the
few fields that ask more (a person's posts) ask it themselves.

read_field           a root field of a query: without the permission it is null, or empty
command              a mutation: without the permission it answers FORBIDDEN as data, and nothing is written
subscription_field   what can be watched: without the permission it ends with FORBIDDEN
node_type            a type whose fields all come with the permission that let the object be read
"""

from collections.abc import Callable
from typing import Any, Protocol

import strawberry
from strawberry import types
from strawberry.extensions.field_extension import AsyncExtensionResolver, FieldExtension

from schema.context import Context
from schema.costs import Cost
from schema.errors import ErrorCode, Language, PublicError
from schema.texts import insist_kept, not_kept
from tenants import places
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid

# Open to everybody, signed in or not.
ANYBODY = "anybody"
# Open to everybody who has signed in; what he sees is his own.
SIGNED_IN = "signed_in"
# Open to those who act for the organ that a request's step names; the operation asks, step by step.
ACTS_FOR_ORGAN = "authority:<organ>.act_for"
_ASKED_ELSEWHERE = (SIGNED_IN, ACTS_FOR_ORGAN)

# What asking costs apart from the objects that are answered (schema/costs.py).
READING = Cost()
WRITING = Cost(points=20)
TRYING_A_SECRET = Cost(points=100)
# A county with all its villages, or a job that makes many.
ONBOARDING = Cost(points=300)

Info = types.Info[Context, None]


class Refusable(Protocol):
    """A payload that can carry a refusal."""

    @classmethod
    def refused(cls, refusal: Refusal, language: Language) -> Any: ...


def described(text: str, permission: str) -> str:
    return f"{text} （权限 permission: {permission}）"


class Gate(FieldExtension):
    """Asks once, before the resolver runs, whether the viewer could have any such row."""

    def __init__(self, permission: str, closed: Callable[[], Any] = lambda: None) -> None:
        self.permission = permission
        self.closed = closed

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: Any, **kwargs: Any
    ) -> Any:
        if self.permission == ANYBODY:
            self.read(kwargs)
            return await next_(source, info, **kwargs)
        context: Context = info.context
        context.signed_in  # noqa: B018 - raises UNAUTHENTICATED
        if self.permission not in _ASKED_ELSEWHERE and not context.may_ever(self.permission):
            return self.refused(info)
        self.read(kwargs)
        return await self.answer(next_, source, info, **kwargs)

    def refused(self, info: Any) -> Any:
        return self.closed()

    def read(self, given: dict[str, Any]) -> None:
        """Raises BAD_USER_INPUT for a text that no row can hold."""
        insist_kept(given)

    async def answer(self, next_: AsyncExtensionResolver, source: Any, info: Any, **kwargs: Any) -> Any:
        return await next_(source, info, **kwargs)


class CommandGate(Gate):
    """Turns a refusal into the payload's userErrors and marks the operation for rollback."""

    def __init__(self, permission: str, payload: type[Refusable], *, even_suspended: bool) -> None:
        super().__init__(permission)
        self.payload = payload
        self.even_suspended = even_suspended

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: Any, **kwargs: Any
    ) -> Any:
        try:
            return await super().resolve_async(next_, source, info, **kwargs)
        except Refusal as refusal:
            return self._told(refusal, info)

    def refused(self, info: Any) -> Any:
        return self._told(Refusal(RefusalCode.FORBIDDEN), info)

    def read(self, given: dict[str, Any]) -> None:
        # An argument named `input` is left out of the path, as it is everywhere.
        if (path := not_kept(given)) is not None:
            raise invalid(Flaw.NOT_KEPT, *(path[1:] if path[:1] == ("input",) else path))

    async def answer(self, next_: AsyncExtensionResolver, source: Any, info: Any, **kwargs: Any) -> Any:
        if not self.even_suspended:
            places.require_active(info.context.signed_in.place)
        return await next_(source, info, **kwargs)

    def _told(self, refusal: Refusal, info: Any) -> Any:
        info.context.refused = True
        return self.payload.refused(refusal, info.context.language)


class SubscriptionGate(Gate):
    """Ends the subscription where the viewer has not, or no longer, the permission."""

    def refused(self, info: Any) -> Any:
        raise PublicError(ErrorCode.FORBIDDEN)


def read_field(
    *, permission: str, description: str, closed: Callable[[], Any] = lambda: None, cost: Cost = READING
) -> Any:
    """A field that answers `closed()` to a viewer without the permission."""
    return strawberry.field(
        description=described(description, permission),
        extensions=[Gate(permission, closed)],
        metadata={"permission": permission, "cost": cost},
    )


def command(
    *,
    permission: str,
    description: str,
    payload: type[Refusable],
    cost: Cost = WRITING,
    even_suspended: bool = False,
) -> Any:
    """A mutation whose refusals are data in `payload`. `even_suspended`: it goes on where the place is
    suspended, for all it writes there is about sessions, or about jobs: an export, or that one is stopped."""
    return strawberry.mutation(
        description=described(description, permission),
        extensions=[CommandGate(permission, payload, even_suspended=even_suspended)],
        metadata={"permission": permission, "cost": cost, "even_suspended": even_suspended},
    )


def subscription_field(*, permission: str, description: str, cost: Cost = READING) -> Any:
    """A subscription, written like a query: a resolver that answers what stands now.

        @subscription_field(permission="job.read", description="…")
        async def job_progress(self, info: Info, id: relay.GlobalID) -> Job: ...

    It is asked at once and then again and again; what has changed is sent. Each time is an operation of its
    own: its own context, transaction and deadline; session, posts, place and law are read anew, and the
    permission is asked anew. So a resolver waits for nothing and yields nothing. It ends the subscription by
    raising a PublicError, or after this item by `info.context.is_last = True`. Answers are compared as the
    client selected them; keep them small and cheap to ask: each time costs the points of the operation."""
    return strawberry.field(
        description=described(description, permission),
        extensions=[SubscriptionGate(permission)],
        metadata={"permission": permission, "cost": cost},
    )
