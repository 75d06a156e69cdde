"""How much one document may ask for, judged before validation.

Every fragment is measured once and its measure is added wherever it is spread, so the work is linear in
the length of the text, however often the fragments multiply. Validation is not linear: it comes after.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
)

from schema.errors import ErrorCode, PublicError, of_library
from schema.measures import Definition, Measure, measured


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one document may ask for, with its fragments expanded.

    `depth` counts fields from the root; what hangs below __schema and __type has a depth of its own.
    `repeats` is how often one name may stand in one selection set, because merging them is quadratic.
    `sign_in_fields` are root fields that try a secret; a document may hold one of them. `cost` is judged
    last, with the variables known.
    """

    tokens: int = 1000
    depth: int = 12
    introspection_depth: int = 20
    fields: int = 500
    root_fields: int = 20
    aliases: int = 30
    directives: int = 50
    repeats: int = 10
    cost: int = 5000
    sign_in_fields: frozenset[str] = frozenset()


_EVERYWHERE = {
    "fields": ErrorCode.TOO_MANY_FIELDS,
    "aliases": ErrorCode.TOO_MANY_ALIASES,
    "directives": ErrorCode.TOO_MANY_DIRECTIVES,
    "repeats": ErrorCode.TOO_MANY_REPEATS,
}
_FROM_THE_ROOT = {
    "depth": ErrorCode.QUERY_TOO_DEEP,
    "introspection_depth": ErrorCode.INTROSPECTION_TOO_DEEP,
    "root_fields": ErrorCode.TOO_MANY_ROOT_FIELDS,
}


def check(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """Every limit that the document breaks, each once; with none broken it is cheap to validate."""
    if twice := _named_twice(document):
        return [_invalid(document, f"There can be only one fragment named '{twice}'.")]
    try:
        measures = measured(document, limits.sign_in_fields)
    except CycleError as error:
        return [_invalid(document, f"Cannot spread fragment '{error.args[1][0]}' within itself.")]
    found = {error.code: error for node, size in measures for error in _exceeded(node, size, limits)}
    if sum(size.sign_ins for node, size in measures if isinstance(node, OperationDefinitionNode)) > 1:
        found[ErrorCode.SIGN_IN_REPEATED] = PublicError(ErrorCode.SIGN_IN_REPEATED)
    return list(found.values())


def _exceeded(node: Definition, size: Measure, limits: Limits) -> Iterator[PublicError]:
    """A fragment is judged too, for validation reads it even where no operation spreads it."""
    bounds = _EVERYWHERE
    if isinstance(node, OperationDefinitionNode):
        bounds = _EVERYWHERE | _FROM_THE_ROOT
        if node.operation is OperationType.MUTATION and size.writes > 1:
            yield PublicError(ErrorCode.MUTATION_NOT_SINGLE, at=node)
    for name, code in bounds.items():
        if getattr(size, name) > (limit := getattr(limits, name)):
            yield PublicError(code, at=node, limit=limit)


def _named_twice(document: DocumentNode) -> str | None:
    """Validation refuses this too, but by then another fragment of that name has been measured."""
    fragments = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
    names = Counter(node.name.value for node in fragments)
    return next((name for name, times in names.items() if times > 1), None)


def _invalid(document: DocumentNode, detail: str) -> PublicError:
    place = document.definitions[0]
    return PublicError(ErrorCode.GRAPHQL_VALIDATION_FAILED, at=place, detail=of_library(detail))
