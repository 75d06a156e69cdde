"""One operation, one transaction, one scope: opened after validation, closed before the answer leaves."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from strawberry.types.graphql import OperationType

from schema.context import Context
from schema.errors import ErrorCode, PublicError
from schema.execution import Running
from schema.introspection import introspects
from schema.sign_ins import secret_tried
from tenants import callers, profiles, scope

# Root fields that try a secret, each for the price of a password hash.
SIGN_IN_FIELDS = frozenset({"sessionOpen", "sessionRefresh", "invitationAccept"})


class _Undo(Exception):
    """Rolls back what a refused or failed mutation had begun."""


@asynccontextmanager
async def one_transaction(running: Running) -> AsyncIterator[None]:
    """The whole operation as one transaction, in the scope of its caller's place; one that was refused or
    failed is undone."""
    context: Context = running.context
    context.operation_type = running.kind
    writes = running.kind is OperationType.MUTATION
    try:
        async with _turn(running), scope_of(context, writes=writes):
            _insist_on_introspection(running)
            yield
            if not context.kept and (context.refused or running.has_errors):
                # A query too: a statement may have failed, and PostgreSQL commits nothing more.
                raise _Undo
    except _Undo:
        pass


def _turn(running: Running) -> AbstractAsyncContextManager[None]:
    """Checking a password takes long: sign-ins wait for their turn here, where they hold no connection."""
    context: Context = running.context
    tries_a_secret = secret_tried(running.document, running.operation, SIGN_IN_FIELDS)
    return context.sign_ins if context.sign_ins and tries_a_secret else nullcontext()


def _insist_on_introspection(running: Running) -> None:
    """Only here is it known who asks: a right that was taken away before the operation began is gone."""
    if running.context.may_introspect:
        return
    if introspects(running.text, running.document, running.operation_name):
        raise PublicError(ErrorCode.INTROSPECTION_DISABLED)


@asynccontextmanager
async def scope_of(context: Context, *, writes: bool) -> AsyncIterator[None]:
    """The scope of the place where the caller's session stands. Without a caller only global tables are
    in reach. What is not a mutation writes nothing, wherever it stands.

    Who the caller is, is known inside the transaction: what was revoked before it began is revoked here."""
    if context.claims is None:
        async with scope.open(read_only=not writes):
            yield
        return
    async with callers.standing(context.claims, writes=writes) as caller:
        context.caller, context.session_ended = caller, caller is None
        if caller is not None:
            context.in_force = await profiles.law_in_force(caller.profile_id)
        yield
