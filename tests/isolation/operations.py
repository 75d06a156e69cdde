"""Operations made at random from the schema itself, aimed with real ids of both counties.

A new field, argument or type is asked from the day it stands in the schema; nothing is listed here but the
names whose values mean something.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from tests.isolation.world import Side

DEEPEST = 5
MOST_FIELDS = 60
OPTIONAL = 0.3  # of the arguments that may be left out
# Whose id an argument carries, in hundredths: one's own, the other county's, or nobody's.
OWN, THEIRS, FORGED, SWAPPED = 62, 26, 5, 4
PLAIN_IDS = {"post"}


@dataclass(frozen=True, slots=True)
class Operation:
    """`sent`: the ids of the other county that it carries; an answer may say so, but not show their rows."""

    root: str
    text: str
    variables: dict[str, Any] = field(default_factory=dict)
    sent: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Draft:
    definitions: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    kind: str | None = None  # of the last id that was passed: what an object asked for by id will be


class Operations:
    """`here` asks; `there` is the other county. Ids that were shown to somebody are asked for again, by
    others, as often as those that never were."""

    def __init__(self, schema: GraphQLSchema, random: Random, here: Side, there: Side) -> None:
        self._schema, self._random = schema, random
        self._here, self._there = here, there
        node = schema.type_map["Node"]
        assert isinstance(node, GraphQLInterfaceType)
        self._nodes = {kind.name for kind in schema.get_possible_types(node)}

    def one(self, kind: str, name: str) -> Operation:
        """An operation with this root field; `kind` is Query or Mutation."""
        root = self._schema.type_map[kind]
        assert isinstance(root, GraphQLObjectType)
        draft = _Draft()
        selected = self._field(root, name, root.fields[name], DEEPEST, draft)
        head = f"{kind.lower()} ({', '.join(draft.definitions)})" if draft.definitions else kind.lower()
        return Operation(
            name,
            f"{head} {{ {selected} }}",
            draft.variables,
            frozenset(draft.sent),
            frozenset(draft.fields),
        )

    def roots(self, kind: str) -> list[str]:
        root = self._schema.type_map[kind]
        assert isinstance(root, GraphQLObjectType)
        return sorted(root.fields)

    def _field(
        self, owner: GraphQLObjectType, name: str, found: GraphQLField, depth: int, draft: _Draft
    ) -> str:
        draft.fields.add(f"{owner.name}.{name}")
        arguments = "".join(self._arguments(found, draft))
        passed = f"({arguments})" if arguments else ""
        return f"{name}{passed} {self._selection(get_named_type(found.type), depth, draft)}"

    def _arguments(self, found: GraphQLField, draft: _Draft) -> Iterator[str]:
        for name, argument in found.args.items():
            if is_required_argument(argument) or self._random.random() < OPTIONAL:
                variable = f"v{len(draft.variables)}"
                draft.definitions.append(f"${variable}: {argument.type}")
                draft.variables[variable] = self._value(argument.type, name, draft)
                yield f"{name}: ${variable} "

    def _selection(self, shown: GraphQLNamedType, depth: int, draft: _Draft) -> str:
        if is_leaf_type(shown):
            return ""
        if isinstance(shown, GraphQLInterfaceType):
            kinds = {kind.name: kind for kind in self._schema.get_possible_types(shown)}
            kind = kinds.get(draft.kind or "") or self._random.choice(list(kinds.values()))
            return f"{{ __typename id ... on {kind.name} {self._selection(kind, depth, draft)} }}"
        assert isinstance(shown, GraphQLObjectType)
        chosen = list(self._chosen(shown, depth, draft))
        return f"{{ __typename {' '.join(chosen)} }}"

    def _chosen(self, shown: GraphQLObjectType, depth: int, draft: _Draft) -> Iterator[str]:
        """All leaves, and some of what lies deeper: the deeper, the fewer."""
        for name, found in shown.fields.items():
            if is_leaf_type(get_named_type(found.type)):
                if self._random.random() < 0.8:
                    yield self._field(shown, name, found, depth, draft)
            elif depth > 1 and len(draft.fields) < MOST_FIELDS:
                follows = name in ("nodes", "edges", "node") or self._random.random() < depth / (DEEPEST + 2)
                if follows:
                    yield self._field(shown, name, found, depth - 1, draft)

    def _value(self, wanted: GraphQLType, name: str, draft: _Draft) -> Any:
        if isinstance(wanted, GraphQLNonNull):
            return self._value(wanted.of_type, name, draft)
        if isinstance(wanted, GraphQLList):
            return [self._value(wanted.of_type, name, draft) for _ in range(self._random.randint(1, 4))]
        if isinstance(wanted, GraphQLEnumType):
            return self._random.choice(sorted(wanted.values))
        if isinstance(wanted, GraphQLInputObjectType):
            return {
                key: self._value(inner.type, key, draft)
                for key, inner in wanted.fields.items()
                if is_required_input_field(inner) or self._random.random() < OPTIONAL
            }
        assert isinstance(wanted, GraphQLNamedType)
        return self._scalar(wanted.name, name, draft)

    def _scalar(self, kind: str, name: str, draft: _Draft) -> Any:
        match kind:
            case "ID":
                return self._id(name, draft)
            case "Int":
                return self._random.choice([1, 2, 5, 20])
            case "Float":
                return self._random.random()
            case "Boolean":
                return self._random.random() < 0.5
            case "Date":
                return f"2018-06-{self._random.randint(10, 30)}"
            case "DateTime":
                return f"2018-06-{self._random.randint(10, 30)}T08:00:00+08:00"
            case "JSON":
                return {"who": ["first_secretary"], "leave_days": self._random.randint(1, 9), "written": True}
            case _:
                return self._text(name)

    def _text(self, name: str) -> str:
        if "code" in name.lower() or name in ("below", "parent", "exclude"):
            own = self._here.codes
            return self._random.choice([own[0], own[0], *own[:4], *self._there.codes[:4]])
        if name == "after":
            return self._cursor()
        if name == "purpose":
            return "coordination_meeting"
        if name == "organ":
            return self._random.choice(["organisation_personnel_bureau", "organs_working_committee"])
        if name == "role":
            return self._random.choice(["village_cadre", "village_team_member", "unit_head"])
        if name == "about":
            return self._random.choice(["leave", "outing", "responsibility_group>village", "residence_days"])
        return self._random.choice(["事由", self._there.canary, "x", "' OR true --"])

    def _cursor(self) -> str:
        """One's own mostly; now and then one that the other county was given."""
        side = self._here if self._random.random() < 0.8 else self._there
        return self._random.choice(side.cursors) if side.cursors else "x"

    def _id(self, name: str, draft: _Draft) -> str:
        """A plain id where the schema wants one, a global id elsewhere."""
        chance = self._random.randrange(100)
        side = self._here if chance < OWN else self._there
        kinds = [kind for kind, ids in side.ids.items() if ids and kind in self._nodes]
        kind = "Post" if name in PLAIN_IDS else self._random.choice(kinds)
        row = self._random.choice(side.ids[kind])
        if name not in PLAIN_IDS and side.shown and self._random.random() < 0.7:
            kind, row = self._random.choice(side.shown)
        if side is self._there:
            draft.sent.add(row)
        if chance >= OWN + THEIRS:
            if chance >= OWN + THEIRS + FORGED + SWAPPED:
                return self._random.choice(["", "x", "TGVhdmU6", row])
            if chance < OWN + THEIRS + FORGED:
                row = str(UUID(int=self._random.getrandbits(128), version=4))
            else:
                kind = self._random.choice(kinds)
        draft.kind = kind
        return row if name in PLAIN_IDS else b64encode(f"{kind}:{row}".encode()).decode()
