"""schema.graphql is the schema as it is: what clients read, and what a change of the interface shows in."""

from graphql import build_schema, find_breaking_changes, parse, print_ast

from api import snapshots
from schema.root import schema


def test_the_snapshot_is_the_schema() -> None:
    assert snapshots.outdated() == [], "run make schema"


def test_the_snapshot_is_a_whole_schema_of_its_own() -> None:
    text = (snapshots.HOUSE / "schema" / "schema.graphql").read_text(encoding="utf-8")

    rebuilt = build_schema(text)

    assert find_breaking_changes(rebuilt, schema._schema) == []
    assert find_breaking_changes(schema._schema, rebuilt) == []
    assert print_ast(parse(text)).count("type Query") == 1


def test_no_place_and_no_person_is_named_in_the_schema() -> None:
    text = (snapshots.HOUSE / "schema" / "schema.graphql").read_text(encoding="utf-8")

    assert not [name for name in ("通渭", "麻章", "航空港", "演示") if name in text]
