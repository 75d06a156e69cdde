"""Who may ask the schema about itself. `__typename` is no such question: everybody may ask it."""

import re
from enum import StrEnum

from graphql import DocumentNode

from schema.costs import called
from schema.measures import measured

PERMISSION = "schema.read"
_IN_THE_TEXT = re.compile(r"\b__(schema|type)\b")


class Introspection(StrEnum):
    EVERYBODY = "everybody"
    PERMITTED = "permitted"
    NOBODY = "nobody"


def introspects(text: str, document: DocumentNode, operation_name: str | None) -> bool:
    """Whether the operation asks about the schema, in whatever fragment. The text is looked at first, for
    hardly any does."""
    if not _IN_THE_TEXT.search(text):
        return False
    operation = called(document, operation_name)
    return any(
        size.introspection_depth for node, size in measured(document, frozenset()) if node is operation
    )
