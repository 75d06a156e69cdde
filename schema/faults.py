"""What went wrong beneath a GraphQL error: whose fault it is, whether it passes, what the log is told."""

from collections.abc import Iterator
from traceback import walk_tb

from graphql import FieldNode, GraphQLError, Node, VariableDefinitionNode
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.relay.types import GlobalIDValueError

from tenants.faults import causes, name, told

# By name: only tenants/ may know the driver.
_PASSING = {
    "TimeoutError": "TIMEOUT",
    "QueryCanceledError": "TIMEOUT",
    "LockNotAvailableError": "TIMEOUT",
    "IdleInTransactionSessionTimeoutError": "TIMEOUT",
    "TransactionRollbackError": "TRANSACTION_CONFLICT",
    "PostgresConnectionError": "DATABASE_UNAVAILABLE",
    "CannotConnectNowError": "DATABASE_UNAVAILABLE",
    "AdminShutdownError": "DATABASE_UNAVAILABLE",
    "CrashShutdownError": "DATABASE_UNAVAILABLE",
    "TooManyConnectionsError": "DATABASE_UNAVAILABLE",
    "DBConnectionError": "DATABASE_UNAVAILABLE",
    "TooManyReviews": "TOO_MANY_REVIEWS",
}
_DRIVERS = {"asyncpg", "tortoise"}
# Whatever the server says to somebody who cannot even come in: the database is closed, gone or renamed.
_CONNECTING = "asyncpg.connect_utils"


def is_bad_input(error: GraphQLError) -> bool:
    """Whether the client's values, not our code, are at fault."""
    if any(isinstance(cause, StrawberryInputCoercionError | GlobalIDValueError) for cause in causes(error)):
        return True
    if any(_raised_in(cause, "graphql.execution.values") for cause in causes(error)):
        return True
    return error.path is None and (
        error.original_error is None or isinstance(_node(error), VariableDefinitionNode)
    )


def _node(error: GraphQLError) -> Node | None:
    return error.nodes[0] if error.nodes else None


def passing(error: BaseException) -> str | None:
    """The code of a fault that may pass by itself: something is away, busy or out of time."""
    return next((code for cause in causes(error) if (code := _passing(cause))), None)


def _passing(cause: BaseException) -> str | None:
    for ancestor in type(cause).__mro__:
        if code := _PASSING.get(ancestor.__name__):
            return code
    if _raised_in(cause, _CONNECTING) or (isinstance(cause, OSError) and _raised_in(cause, *_DRIVERS)):
        return "DATABASE_UNAVAILABLE"
    # The driver has one class for misuse and for a connection that is gone.
    gone = type(cause).__name__ == "InterfaceError" and "clos" in str(cause)
    return "DATABASE_UNAVAILABLE" if gone else None


def _raised_in(cause: BaseException, *modules: str) -> bool:
    names = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(cause.__traceback__))
    return any(name == module or name.startswith(f"{module}.") for name in names for module in modules)


def field(error: GraphQLError) -> str:
    """The schema's name of the field that failed; an alias is the client's word and stays unlogged."""
    node = _node(error)
    return node.name.value if isinstance(node, FieldNode) else "-"


def names(error: BaseException) -> str:
    return " < ".join(name(cause) for cause in _that_tell(error))


def story(error: BaseException) -> str:
    """Every cause with its lines of code, and without its message."""
    return "\n".join(told(cause) for cause in _that_tell(error))


def _that_tell(error: BaseException) -> Iterator[BaseException]:
    """The causes, without those GraphQL errors that only say where another came up."""
    for cause in causes(error):
        if type(cause) is not GraphQLError or cause.original_error is None:
            yield cause
