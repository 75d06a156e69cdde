"""What went wrong beneath a GraphQL error, told without the words that came with it.

Messages of exceptions may quote a person's data (a key, a literal, a row); class names, lines of code
and the database's own names of things do not. Only the latter are told to the log.
"""

from collections.abc import Iterator
from traceback import StackSummary, walk_tb

from graphql import FieldNode, GraphQLError, Node, VariableDefinitionNode
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.relay.types import GlobalIDValueError

# By name, because only tenants/ may know the driver.
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
}
_DRIVERS = {"asyncpg", "tortoise"}
# Whatever the server says to somebody who cannot even come in: the database is closed, gone or renamed.
_CONNECTING = "asyncpg.connect_utils"
_TELLING = ("sqlstate", "constraint_name", "table_name", "column_name")


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, outermost first."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = getattr(cause, "original_error", None) or cause.__cause__


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
    """The code of a fault that may pass by itself: the database is away, busy or out of time."""
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
    return " < ".join(_name(cause) for cause in causes(error) if not _only_locates(cause))


def story(error: BaseException) -> str:
    """Every cause with its lines of code, and without its message."""
    return "\n".join(_told(cause) for cause in causes(error) if not _only_locates(cause))


def _only_locates(cause: BaseException) -> bool:
    return type(cause) is GraphQLError and cause.original_error is not None


def _told(cause: BaseException) -> str:
    lines = StackSummary.extract(walk_tb(cause.__traceback__)).format()
    return f"{_name(cause)}\n{''.join(lines)}"


def _name(cause: BaseException) -> str:
    told = [f"{word}={value}" for word in _TELLING if (value := getattr(cause, word, None))]
    return " ".join([f"{type(cause).__module__}.{type(cause).__qualname__}", *told])
