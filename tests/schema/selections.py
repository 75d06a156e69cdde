"""Made-up documents turned into ones that find something: what they name exists, and pages are small."""

from collections.abc import Sequence
from random import Random
from typing import Any

from graphql import (
    ArgumentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectFieldNode,
    StringValueNode,
    ValueNode,
    Visitor,
    parse,
    print_ast,
    visit,
)


class _Answerable(Visitor):
    def __init__(self, chance: Random, ids: Sequence[str], codes: Sequence[str]) -> None:
        super().__init__()
        self.chance, self.ids, self.codes = chance, ids, codes

    def leave_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:
        value = self._value(node.name.value, node.value)
        return ArgumentNode(name=node.name, value=value) if value is not None else None

    def leave_object_field(self, node: ObjectFieldNode, *_: Any) -> ObjectFieldNode | None:
        value = self._value(node.name.value, node.value)
        return ObjectFieldNode(name=node.name, value=value) if value is not None else None

    def _value(self, name: str, value: ValueNode) -> ValueNode | None:
        match name:
            case "first":
                return IntValueNode(value=str(self.chance.randint(1, 4)))
            case "after":
                return NullValueNode()
            case "id":
                return self._text(self.chance.choice(self.ids))
            case "ids":
                some = self.chance.sample(self.ids, min(4, len(self.ids)))
                return ListValueNode(values=tuple(map(self._text, some)))
            case "division" | "below":
                return self._text(self.chance.choice(self.codes))
            case "mainCause":
                return self._text("poverty_cause")
        return value

    def _text(self, text: str) -> StringValueNode:
        return StringValueNode(value=text)


def answerable(text: str, choice: int, ids: Sequence[str], codes: Sequence[str]) -> str:
    """The document with arguments that mean something; the same for the same choice."""
    chance = Random(choice)  # noqa: S311 - the same each time
    return print_ast(visit(parse(text), _Answerable(chance, ids, codes)))
