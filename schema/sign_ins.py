"""Which root field of an operation tries a secret, and under which name."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)

from schema.costs import defaults


def secret_tried(
    document: DocumentNode, operation: OperationDefinitionNode, sign_in_fields: frozenset[str]
) -> FieldNode | None:
    """The root field by which the operation tries a secret; the limits let a document have one at most."""
    fragments = {
        node.name.value: node.selection_set
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    levels = [operation.selection_set]
    while levels:
        for selection in levels.pop().selections:
            if isinstance(selection, FieldNode) and selection.name.value in sign_in_fields:
                return selection
            if isinstance(selection, InlineFragmentNode):
                levels.append(selection.selection_set)
            if isinstance(selection, FragmentSpreadNode):
                # Taken out: a fragment that is spread a thousand times is looked at once.
                levels += filter(None, [fragments.pop(selection.name.value, None)])
    return None


def login_of(secret: FieldNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> str:
    """The name under which the operation tries the secret; empty where there is none."""
    given = {one.name.value: one.value for one in secret.arguments or ()}
    value: ValueNode | None = given.get("login")
    if isinstance(value, VariableNode):
        name = value.name.value
        if name in variables:
            return variables[name] if isinstance(variables[name], str) else ""
        value = defaults(operation).get(name)
    return value.value if isinstance(value, StringValueNode) else ""
