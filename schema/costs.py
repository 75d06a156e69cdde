"""What an operation costs, before it begins: points, counted from its selection with the variables known.

A value is free, an object is one point, a list is as many as it can be long: the `first` or the `ids` that it
is given, or the length that its field declares. Whatever stands below a list is asked for as often. Each
fragment is summed once and added wherever it is spread, so the work is linear in the length of the text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from schema.measures import Definition, inner_first

# What is longer, the operation refuses.
LONGEST_LIST = 1000
SATURATED = 1_000_000
_REMEMBERED = 16
_DIGITS = 20  # a number of more is beyond every cost, and Python reads none of thousands
# Measured: the whole schema takes 20 ms to tell. What stands below has limits of its own, and is not counted.
_INTROSPECTION = {"__schema": 500, "__type": 10, "__typename": 0}
_PAGED = frozenset({"nodes", "edges"})
_ABSENT = "absent"
# Measured: a history of 4,000 entries with their days and objects takes 50 ms to read and judge.
VALUES_PER_POINT = 10


@dataclass(frozen=True, slots=True)
class Cost:
    """What a field declares under `metadata["cost"]`.

    `points`: what asking it takes, apart from the objects that it answers with. `items`: how long its list
    usually is, where neither `first` nor `ids` says. `grows_with`: an argument that brings data of any size;
    each ten values in it are one point more."""

    points: int = 0
    items: int = 5
    grows_with: str = ""


_USUAL = Cost()
# Telling how many there are.
COUNTING = Cost(points=10)


class Price:
    """What the operations of one document cost; the document must be valid."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema, self._document = schema, document
        # Which variables the cost hangs on is known from the first sum on.
        self._names: list[str] | None = None
        self._remembered: dict[tuple[object, ...], int] = {}

    def of(self, operation_name: str | None, variables: Mapping[str, Any] | None) -> int:
        """The points of an operation, one at least and `SATURATED` at most; without a name, of the only
        one."""
        given = variables or {}
        if self._names is not None and (key := self._key(operation_name, given)) in self._remembered:
            return self._remembered[key]
        operation = called(self._document, operation_name)
        values = _Values(given, defaults(operation))
        sums = _Sums(self._schema, values).of(self._document)
        found = max(1, next(own.once for node, own in sums if node is operation))
        self._remember(values.asked, operation_name, given, found)
        return found

    def _key(self, operation_name: str | None, given: Mapping[str, Any]) -> tuple[object, ...]:
        names = self._names or ()
        return (operation_name, *(_told(given[name]) if name in given else _ABSENT for name in names))

    def _remember(
        self, names: set[str], operation_name: str | None, given: Mapping[str, Any], found: int
    ) -> None:
        self._names = sorted(names)
        if len(self._remembered) == _REMEMBERED:
            self._remembered.clear()
        self._remembered[self._key(operation_name, given)] = found


def called(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    """The operation of that name; without a name, the only one."""
    operations = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return next(one for one in operations if operation_name in (None, one.name and one.name.value))


def defaults(operation: OperationDefinitionNode) -> dict[str, ValueNode]:
    """The values of the variables that may be left out."""
    declared = operation.variable_definitions or ()
    return {one.variable.name.value: one.default_value for one in declared if one.default_value}


def _told(value: object) -> object:
    """As much of a value as a cost can hang on: whether it is true, which number, how long, how much."""
    if isinstance(value, list):
        return ("items", len(value), _weight(value))
    if isinstance(value, dict):
        return ("values", _weight(value))
    return (type(value), value) if isinstance(value, bool | int | float) else None


def _weight(value: object) -> int:
    """How many values there are in one, at every depth."""
    count, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        count += 1
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return count


@dataclass(slots=True)
class _Values:
    """The values of arguments; `asked` are the variables that any of them named."""

    given: Mapping[str, Any]
    defaults: Mapping[str, ValueNode]
    asked: set[str] = field(default_factory=set)

    def of(self, node: ValueNode | None) -> object:
        """A number, a truth or a list of so many, as far as a cost can hang on it; else None."""
        if isinstance(node, VariableNode):
            name = node.name.value
            self.asked.add(name)
            return self.given[name] if name in self.given else self.of(self.defaults.get(name))
        if isinstance(node, IntValueNode):
            return int(node.value[:_DIGITS])
        if isinstance(node, ListValueNode):
            return [None] * len(node.values)
        return node.value if isinstance(node, BooleanValueNode) else None

    def weight(self, node: ValueNode | None) -> int:
        """How many values an argument brings, those of its variables among them."""
        count, waiting = 0, [node]
        while waiting:
            one = waiting.pop()
            if isinstance(one, VariableNode):
                self.asked.add(name := one.name.value)
                if name in self.given:
                    count += _weight(self.given[name])
                else:
                    waiting.append(self.defaults.get(name))
            elif isinstance(one, ListValueNode):
                waiting.extend(one.values)
            elif isinstance(one, ObjectValueNode):
                waiting.extend(field.value for field in one.fields)
            count += 1
        return count


@dataclass(frozen=True, slots=True)
class _Times:
    """How often a selection set is asked for. `per_item`: so often for each item of the page that the
    fragment, a connection's, will be spread in. `page`: the size of the page, directly below a connection."""

    number: int = 1
    per_item: bool = False
    page: int | None = None


@dataclass(frozen=True, slots=True)
class _Spread:
    fragment: str
    times: _Times


@dataclass(slots=True)
class _Sum:
    """What one definition costs, and what of it is paid again for every item of an unknown page."""

    once: int = 0
    each: int = 0
    spreads: list[_Spread] = field(default_factory=list)

    def add(self, points: int, times: _Times) -> None:
        if times.per_item:
            self.each = min(self.each + points * times.number, SATURATED)
        else:
            self.once = min(self.once + points * times.number, SATURATED)

    def absorb(self, times: _Times, fragment: "_Sum") -> None:
        """Adds what the fragment costs at the place where it is spread."""
        self.add(fragment.once + fragment.each * (times.page or 0), times)
        if times.page is None:
            self.add(fragment.each, replace(times, per_item=True))


@dataclass(frozen=True, slots=True)
class _Sums:
    schema: GraphQLSchema
    values: _Values

    def of(self, document: DocumentNode) -> list[tuple[Definition, _Sum]]:
        """The sum of every operation and fragment, with the fragments that it spreads."""
        found = [
            (node, self._own(node))
            for node in document.definitions
            if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
        ]
        fragments = {node.name.value: own for node, own in found if isinstance(node, FragmentDefinitionNode)}
        inner = inner_first({name: {one.fragment for one in own.spreads} for name, own in fragments.items()})
        operations = (own for node, own in found if isinstance(node, OperationDefinitionNode))
        for own in (*map(fragments.__getitem__, inner), *operations):
            for spread in own.spreads:
                own.absorb(spread.times, fragments[spread.fragment])
        return found

    def _own(self, definition: Definition) -> _Sum:
        own = _Sum()
        levels = [(definition.selection_set.selections, self._root(definition), _Times())]
        while levels:
            selections, parent, times = levels.pop()
            for selection in selections:
                levels.extend(self._count(selection, parent, self._wanted(selection, times), own))
        return own

    def _root(self, definition: Definition) -> GraphQLNamedType | None:
        if isinstance(definition, FragmentDefinitionNode):
            return self.schema.get_type(definition.type_condition.name.value)
        return self.schema.get_root_type(definition.operation)

    def _wanted(self, selection: SelectionNode, times: _Times) -> _Times:
        """No times, where @skip or @include leave the selection out."""
        for directive in selection.directives or ():
            wants = {"include": True, "skip": False}.get(directive.name.value)
            for argument in directive.arguments or ():
                if wants is not None and self.values.of(argument.value) is (not wants):
                    return replace(times, number=0)
        return times

    def _count(
        self, selection: SelectionNode, parent: GraphQLNamedType | None, times: _Times, own: _Sum
    ) -> Iterator[tuple[tuple[SelectionNode, ...], GraphQLNamedType | None, _Times]]:
        """Adds one selection, and yields what stands below it."""
        if isinstance(selection, FragmentSpreadNode):
            own.spreads.append(_Spread(selection.name.value, times))
        elif isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            inner = self.schema.get_type(condition.name.value) if condition else parent
            yield selection.selection_set.selections, inner, times
        elif isinstance(selection, FieldNode):
            yield from self._count_field(selection, parent, times, own)

    def _count_field(
        self, node: FieldNode, parent: GraphQLNamedType | None, times: _Times, own: _Sum
    ) -> Iterator[tuple[tuple[SelectionNode, ...], GraphQLNamedType | None, _Times]]:
        name = node.name.value
        fields = parent.fields if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else {}
        if name not in fields:
            own.add(_INTROSPECTION.get(name, 0), times)
            return
        definition, kind = fields[name], get_named_type(fields[name].type)
        own.add(self._asking(node, _declared(definition)), times)
        if node.selection_set is not None:
            below = self._below(node, definition, parent, times)
            own.add(1, below)
            yield node.selection_set.selections, kind, below

    def _asking(self, node: FieldNode, cost: Cost) -> int:
        """What asking the field takes, with what its argument brings."""
        if not cost.grows_with:
            return cost.points
        given = next((one.value for one in node.arguments or () if one.name.value == cost.grows_with), None)
        return cost.points + min(self.values.weight(given) // VALUES_PER_POINT, SATURATED)

    def _below(
        self, node: FieldNode, definition: GraphQLField, parent: GraphQLNamedType | None, times: _Times
    ) -> _Times:
        """How often the field's objects are asked for."""
        if not is_list_type(get_nullable_type(definition.type)):
            page = self._length(node, definition) if _is_connection(definition.type) else None
            return replace(times, page=page)
        if node.name.value in _PAGED and parent is not None and _is_connection(parent):
            if times.page is None:
                return replace(times, per_item=True)
            return _Times(min(times.number * times.page, SATURATED), times.per_item)
        return _Times(min(times.number * self._length(node, definition), SATURATED), times.per_item)

    def _length(self, node: FieldNode, definition: GraphQLField) -> int:
        given = {one.name.value: one.value for one in node.arguments or ()}
        for name in ("first", "ids"):
            if name in definition.args:
                value = self.values.of(given.get(name))
                return _bounded(definition.args[name].default_value if value is None else value)
        return _declared(definition).items


def _is_connection(kind: GraphQLType) -> bool:
    return get_named_type(kind).name.endswith("Connection")


def _bounded(value: object) -> int:
    """A length as it is told. What is none, or too long, the operation refuses anyway."""
    if isinstance(value, list):
        return min(len(value), LONGEST_LIST)
    if isinstance(value, int | float) and value <= LONGEST_LIST:
        return int(max(0, value))
    return LONGEST_LIST


def _declared(definition: GraphQLField) -> Cost:
    shown = definition.extensions.get("strawberry-definition")
    cost = shown.metadata.get("cost", _USUAL) if shown is not None else _USUAL
    assert isinstance(cost, Cost), f"metadata['cost'] is a Cost, not {cost!r}"
    return cost
