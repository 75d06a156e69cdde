"""What a selection asks for: how deep, how much, how often. Counted without recursion and in one pass."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
)

Definition = OperationDefinitionNode | FragmentDefinitionNode

_INTROSPECTION = frozenset({"__schema", "__type"})
_SATURATED = 1_000_000


@dataclass(slots=True)
class Measure:
    """What one definition asks for. `fields` counts every selection, so that empty fragments count too.

    `writes` are root fields other than __typename; `repeats` is the most often that one name stands in
    one selection set.
    """

    depth: int = 0
    introspection_depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    repeats: int = 0
    root_fields: int = 0
    writes: int = 0
    sign_ins: int = 0
    spreads: list["Spread"] = field(default_factory=list)

    def reach(self, depth: int, introspects: bool) -> None:
        if introspects:
            self.introspection_depth = max(self.introspection_depth, depth)
        else:
            self.depth = max(self.depth, depth)

    def absorb(self, spread: "Spread", fragment: "Measure") -> None:
        """Adds what the fragment asks for at the place where it is spread."""
        self.reach(spread.depth + fragment.depth, spread.introspects)
        if fragment.introspection_depth:
            self.reach(spread.depth + fragment.introspection_depth, introspects=True)
        self.fields = _sum(self.fields, fragment.fields)
        self.aliases = _sum(self.aliases, fragment.aliases)
        self.directives = _sum(self.directives, fragment.directives)
        self.repeats = max(self.repeats, fragment.repeats)
        if spread.depth == 0:
            self.root_fields = _sum(self.root_fields, fragment.root_fields)
            self.writes = _sum(self.writes, fragment.writes)
            self.sign_ins = _sum(self.sign_ins, fragment.sign_ins)


def _sum(one: int, other: int) -> int:
    """Saturates: thirty nested fragments can ask for 2**30 fields, and nobody needs to know how many."""
    return min(one + other, _SATURATED)


@dataclass(frozen=True, slots=True)
class Spread:
    fragment: str
    depth: int
    introspects: bool


@dataclass(frozen=True, slots=True)
class _Level:
    """One selection set: its fields stand at `depth + 1`."""

    selections: tuple[SelectionNode, ...]
    depth: int = 0
    introspects: bool = False

    def below(self, selection: SelectionNode) -> "_Level | None":
        inner = getattr(selection, "selection_set", None)
        if inner is None:
            return None
        if isinstance(selection, FieldNode):
            introspects = self.introspects or selection.name.value in _INTROSPECTION
            return _Level(inner.selections, self.depth + 1, introspects)
        return _Level(inner.selections, self.depth, self.introspects)

    def repeats(self) -> int:
        return max(Counter(map(_name, self.selections)).values(), default=0)


def _name(selection: SelectionNode) -> str:
    """The name under which selections of one set are merged."""
    if isinstance(selection, FieldNode):
        return (selection.alias or selection.name).value
    if isinstance(selection, FragmentSpreadNode):
        return f"...{selection.name.value}"
    condition = selection.type_condition if isinstance(selection, InlineFragmentNode) else None
    return f"... on {condition.name.value if condition else ''}"


def measured(document: DocumentNode, sign_in_fields: frozenset[str]) -> list[tuple[Definition, Measure]]:
    """The measure of every operation and fragment, with the fragments that it spreads.

    Fragment names must be unique; fragments that spread each other raise graphlib.CycleError.
    """
    found = [
        (node, _own(node, sign_in_fields))
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    fragments = {node.name.value: own for node, own in found if isinstance(node, FragmentDefinitionNode)}
    for name in inner_first({name: {one.fragment for one in own.spreads} for name, own in fragments.items()}):
        _expand(fragments[name], fragments)
    for node, own in found:
        if isinstance(node, OperationDefinitionNode):
            _expand(own, fragments)
    return found


def inner_first(spreads: Mapping[str, Collection[str]]) -> list[str]:
    """The fragments in such an order that each comes after those that it spreads."""
    return [name for name in TopologicalSorter(spreads).static_order() if name in spreads]


def _expand(whole: Measure, fragments: Mapping[str, Measure]) -> None:
    for spread in whole.spreads:
        if fragment := fragments.get(spread.fragment):
            whole.absorb(spread, fragment)


def _own(definition: Definition, sign_in_fields: frozenset[str]) -> Measure:
    """What stands in the definition itself."""
    own = Measure(directives=len(definition.directives or ()))
    levels = [_Level(definition.selection_set.selections)]
    while levels:
        level = levels.pop()
        own.repeats = max(own.repeats, level.repeats())
        for selection in level.selections:
            _count(selection, level, own, sign_in_fields)
            if below := level.below(selection):
                levels.append(below)
    return own


def _count(selection: SelectionNode, level: _Level, own: Measure, sign_in_fields: frozenset[str]) -> None:
    own.fields += 1
    own.directives += len(selection.directives or ())
    if isinstance(selection, FragmentSpreadNode):
        own.spreads.append(Spread(selection.name.value, level.depth, level.introspects))
    elif isinstance(selection, FieldNode):
        name = selection.name.value
        own.aliases += selection.alias is not None
        own.reach(level.depth + 1, level.introspects or name in _INTROSPECTION)
        if level.depth == 0:
            own.root_fields += 1
            own.writes += name != "__typename"
            own.sign_ins += name in sign_in_fields
