"""What went wrong, told without the words that came with it.

Messages of exceptions may quote a person's data (a key, a literal, a row); class names, lines of code
and the database's own names of things do not. Only the latter are told to the log.
"""

from collections.abc import Iterator
from traceback import StackSummary, walk_tb

_TELLING = ("sqlstate", "constraint_name", "table_name", "column_name")


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, outermost first. A GraphQL error keeps it as its original."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = getattr(cause, "original_error", None) or cause.__cause__


def name(cause: BaseException) -> str:
    told = [f"{word}={value}" for word in _TELLING if (value := getattr(cause, word, None))]
    return " ".join([f"{type(cause).__module__}.{type(cause).__qualname__}", *told])


def told(cause: BaseException) -> str:
    """One cause with its lines of code, and without its message."""
    lines = StackSummary.extract(walk_tb(cause.__traceback__)).format()
    return f"{name(cause)}\n{''.join(lines)}"


def story(error: BaseException) -> str:
    return "\n".join(told(cause) for cause in causes(error))
