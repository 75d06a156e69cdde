"""One operation, one transaction, one scope: opened after validation, closed before the answer leaves."""

from contextlib import AbstractAsyncContextManager

from strawberry.types.graphql import OperationType

from schema.context import Context
from schema.errors import ErrorCode, PublicError
from schema.execution import Run, Running
from tenants import callers, scope

# Root fields that try a secret, each for the price of a password hash.
SIGN_IN_FIELDS = frozenset({"sessionOpen", "sessionRefresh", "invitationAccept"})


class _Undo(Exception):
    """Rolls back what a refused or failed mutation had begun."""


async def one_transaction(running: Running, run: Run) -> None:
    """The whole operation as one transaction, in the scope of its caller's place; one that was refused or
    failed is undone."""
    context: Context = running.context
    context.operation_type = running.operation.kind
    if context.sign_ins is not None and running.operation.secret is not None:
        # Checking a password takes long: it waits for its turn here, where it holds no connection.
        async with context.sign_ins:
            await _in_scope(running, run)
    else:
        await _in_scope(running, run)


async def _in_scope(running: Running, run: Run) -> None:
    context: Context = running.context
    try:
        async with scope_of(context, writes=running.operation.kind is OperationType.MUTATION):
            _insist_on_introspection(running)
            await run()
            if not context.kept and (context.refused or running.has_errors):
                # A query too: a statement may have failed, and PostgreSQL commits nothing more.
                raise _Undo
    except _Undo:
        pass


def _insist_on_introspection(running: Running) -> None:
    """Only here is it known who asks: a right that was taken away before the operation began is gone."""
    if running.operation.introspects and not running.context.may_introspect:
        raise PublicError(ErrorCode.INTROSPECTION_DISABLED)


def scope_of(context: Context, *, writes: bool) -> AbstractAsyncContextManager[object]:
    """The scope of the place where the caller's session stands. Without a caller only global tables are
    in reach. What is not a mutation writes nothing, wherever it stands.

    Who the caller is, is known inside the transaction: what was revoked before it began is revoked here."""
    if context.claims is None:
        return scope.open(read_only=not writes)
    return callers.standing(context.claims, writes=writes, met=context.meet)
