"""One operation, one transaction, one scope: opened after validation, closed before the answer leaves."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from schema.context import Context
from schema.costs import called
from schema.errors import ErrorCode, PublicError
from schema.introspection import introspects
from schema.sign_ins import secret_tried
from tenants import people, profiles, scope

# Root fields that try a secret, each for the price of a password hash.
SIGN_IN_FIELDS = frozenset({"sessionOpen", "sessionRefresh", "invitationAccept"})


class _Undo(Exception):
    """Rolls back what a refused or failed mutation had begun."""


class OneTransaction(SchemaExtension):
    async def on_execute(self) -> AsyncIterator[None]:
        context: Context = self.execution_context.context
        context.operation_type = self.execution_context.operation_type
        writes = context.operation_type is OperationType.MUTATION
        try:
            async with self._turn(context), scope_of(context, writes=writes):
                self._insist_on_introspection(context)
                yield
                if writes and not context.kept and (context.refused or self._has_errors()):
                    raise _Undo
        except _Undo:
            pass

    def _turn(self, context: Context) -> AbstractAsyncContextManager[None]:
        """Checking a password takes long: sign-ins wait for their turn here, where they hold no
        connection."""
        asked = self.execution_context
        assert asked.graphql_document is not None, "what is run has been parsed"
        operation = called(asked.graphql_document, asked.operation_name)
        tries_a_secret = secret_tried(asked.graphql_document, operation, SIGN_IN_FIELDS)
        return context.sign_ins if context.sign_ins and tries_a_secret else nullcontext()

    def _insist_on_introspection(self, context: Context) -> None:
        """Only here is it known who asks: a right that was taken away before the operation began is gone."""
        asked = self.execution_context
        assert asked.graphql_document is not None, "what is run has been parsed"
        if context.may_introspect:
            return
        if introspects(asked.query or "", asked.graphql_document, asked.operation_name):
            raise PublicError(ErrorCode.INTROSPECTION_DISABLED)

    def _has_errors(self) -> bool:
        result = self.execution_context.result
        return bool(result and result.errors)


@asynccontextmanager
async def scope_of(context: Context, *, writes: bool) -> AsyncIterator[None]:
    """The scope of the place where the caller's session stands. Without a caller only global tables are
    in reach. What is not a mutation writes nothing, wherever it stands.

    Who the caller is, is read inside the transaction: what was revoked before it began is revoked here."""
    place = context.claims.place_id if context.claims else None
    reads = [place] if place else []
    async with scope.open(reads=reads, writes=place if writes else None, read_only=not writes):
        if context.claims is not None:
            context.caller = await people.sign_in_of(context.claims)
            context.session_ended = context.caller is None
        if context.caller is not None:
            context.in_force = await profiles.law_in_force(context.caller.profile_id)
        yield
