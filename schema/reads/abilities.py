"""What the viewer may do with a row, as far as the database can tell: whether, not why not.

`viewerCan { withdraw { allowed } }` is a condition on the row and stands in the statement. Where anything
beside `allowed` is asked, the whole of it is left to Python, which knows the law behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, cast

from graphql import GraphQLObjectType, get_named_type
from graphql.execution.collect_fields import FieldDetailsList

from schema.reads.declared import Abilities
from schema.reads.sources import Source
from schema.reads.texts import Entry, as_object, literal
from tenants.reach import Visible

KIND, ALLOWED = "__typename", "allowed"
# What is asked of one act: by its key, the name of the field.
Asked = dict[str, str]


class RowCompiler(Protocol):
    def selected(
        self, kind: GraphQLObjectType, details: FieldDetailsList
    ) -> Iterator[tuple[str, FieldDetailsList]]: ...
    def masked(self, when: Visible | None, source: Source, text: str, hidden: str) -> str: ...


@dataclass(frozen=True, slots=True)
class AbilitiesWriting:
    """Writes the object of one row. `kind`: its type, a field for each act."""

    compiler: RowCompiler
    source: Source
    way: Abilities
    kind: GraphQLObjectType
    details: FieldDetailsList

    @property
    def is_all_of_it(self) -> bool:
        """Whether the database can tell everything that is asked."""
        names = {name for _, _, asked in self._acts() for name in asked.values()}
        return names <= {KIND, ALLOWED}

    def written(self) -> str:
        return as_object(self._entry(key, act, asked) for key, act, asked in self._acts())

    def _entry(self, key: str, act: str, asked: Asked) -> Entry:
        if act == KIND:
            return key, [literal(f'"{self.kind.name}"')]
        return key, [self._ability(self.way.acts[act], self._kind_of(act), asked)]

    def _ability(self, which: Visible, kind: GraphQLObjectType, asked: Asked) -> str:
        allowed = self.compiler.masked(which, self.source, "'true'", "false")
        told = {ALLOWED: allowed, KIND: literal(f'"{kind.name}"')}
        return as_object((key, [told[name]]) for key, name in asked.items())

    def _acts(self) -> Iterator[tuple[str, str, Asked]]:
        """Key, act, and what is asked of it; nothing is asked of the name of the type."""
        for key, selected in self.compiler.selected(self.kind, self.details):
            act = selected[0].node.name.value
            yield key, act, self._asked(act, selected) if act != KIND else {}

    def _asked(self, act: str, details: FieldDetailsList) -> Asked:
        chosen = self.compiler.selected(self._kind_of(act), details)
        return {key: selected[0].node.name.value for key, selected in chosen}

    def _kind_of(self, act: str) -> GraphQLObjectType:
        return cast(GraphQLObjectType, get_named_type(self.kind.fields[act].type))
