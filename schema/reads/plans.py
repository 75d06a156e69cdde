"""Statements that are kept: with the document they belong to, one for each shape of the question.

The key holds everything that changes the text: where in the operation the field stands, in which form it is
read, the variables that the selection names, how the listing's condition looks, and how each condition on
what the viewer may see looks. Whoever has posts of the same kind shares a statement; the values are his own.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import FragmentDefinitionNode, FragmentSpreadNode, SelectionSetNode, VariableNode, Visitor, visit

from policies.access import Access
from policies.reach import Viewer
from policies.remembered import OfViewer
from schema.reads.statements import Statement
from tenants.conditions import Shape
from tenants.reach import Visible

# Of one field of a document: choices of variables that change its statement, and kinds of viewers for each.
# Beyond them statements are made anew: one takes some kilobytes, and there may be thousands of documents.
MOST_PLANS, MOST_STATEMENTS = 8, 32


_SHAPES = OfViewer[Shape]()


def _seen_by(viewer: Viewer, access: Access, visible: Visible) -> Shape:
    """What the viewer may see, worked out once; nobody writes into it."""
    return _SHAPES.of(viewer, (access, visible), lambda: Shape.of(visible(viewer, access)))


# The field's place in the operation, its form, and the variables that its selection names.
Key = tuple[Hashable, Hashable, Hashable]


@dataclass(slots=True)
class Plan:
    """The statements of one field for one choice of variables. `visible`: the conditions that they hold."""

    visible: tuple[Visible, ...]
    statements: dict[tuple[str, ...], Statement] = field(default_factory=dict)


@dataclass(slots=True)
class Plans:
    """The plans of one document."""

    variables: dict[Hashable, tuple[str, ...]] = field(default_factory=dict)
    plans: dict[Key, Plan] = field(default_factory=dict)
    compiled: int = 0

    def statement(
        self,
        key: Key,
        asked: Shape,
        who: tuple[Viewer, Access],
        compiled: Callable[[], Statement],
    ) -> tuple[Statement, list[Any]]:
        """The statement for the question, compiled where there is none yet, and its values."""
        plan = self.plans.get(key)
        if plan is None:
            return self._keep(key, asked, who, compiled())
        shapes = [_seen_by(*who, visible) for visible in plan.visible]
        statement = plan.statements.get((asked.text, *(shape.text for shape in shapes)))
        if statement is None:
            return self._keep(key, asked, who, compiled())
        return statement, statement.values(asked.values, [shape.values for shape in shapes])

    def _keep(
        self, key: Key, asked: Shape, who: tuple[Viewer, Access], statement: Statement
    ) -> tuple[Statement, list[Any]]:
        self.compiled += 1
        shapes = [_seen_by(*who, visible) for visible in statement.visible]
        of_this_field = [known for known in self.plans if known[0] == key[0]]
        if key not in self.plans and len(of_this_field) >= MOST_PLANS:
            for known in of_this_field:
                del self.plans[known]
        plan = self.plans.setdefault(key, Plan(statement.visible))
        if len(plan.statements) >= MOST_STATEMENTS:
            plan.statements.clear()
        plan.statements[(asked.text, *(shape.text for shape in shapes))] = statement
        return statement, statement.values(asked.values, [shape.values for shape in shapes])


def variables_in(
    selections: Sequence[SelectionSetNode | None], fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """The names of the variables that a selection hangs on, with the fragments that it spreads."""
    found, seen, waiting = set[str](), set[str](), [one for one in selections if one is not None]
    while waiting:
        names, spreads = _named(waiting.pop())
        found |= names
        waiting += [fragments[name].selection_set for name in spreads - seen]
        seen |= spreads
    return tuple(sorted(found))


class _Names(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.variables: set[str] = set()
        self.spreads: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.variables.add(node.name.value)

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.spreads.add(node.name.value)


def _named(selection: SelectionSetNode) -> tuple[set[str], set[str]]:
    names = _Names()
    visit(selection, names)
    return names.variables, names.spreads
