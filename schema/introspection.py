"""Who may ask the schema about itself. `__typename` is no such question: everybody may ask it."""

from enum import StrEnum

from graphql import DocumentNode, OperationDefinitionNode

from schema.measures import measured

PERMISSION = "schema.read"


class Introspection(StrEnum):
    EVERYBODY = "everybody"
    PERMITTED = "permitted"
    NOBODY = "nobody"


def introspects(document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    """Whether the operation asks about the schema, in whatever fragment."""
    return any(
        size.introspection_depth for node, size in measured(document, frozenset()) if node is operation
    )
