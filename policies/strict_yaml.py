"""Reads YAML as a clerk means it: `on` is a word, a day is a string, a key stands once, 0.1 is 0.1.

What is read costs no more than its length: no aliases, and nothing nested deeper than a document needs."""

import re
from collections.abc import Hashable
from decimal import Decimal
from typing import Any

import yaml

_TRUTH, _WHOLE, _BROKEN = (f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "float"))
# The profiles nest some ten levels; validating a level costs several frames of Python's stack.
MOST_LEVELS = 32
_TAKEN_AWAY = {_TRUTH, _WHOLE, _BROKEN, "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge"}


class NotStrict(yaml.constructor.ConstructorError):
    """Well-formed YAML that says something other than it seems to say."""


class _Loader(yaml.SafeLoader):
    levels = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            # An alias lets a few lines grow without bound, and hides a rule from its reader.
            raise NotStrict(None, None, "alias", self.peek_event().start_mark)  # type: ignore[no-untyped-call]  # PyYAML has no types
        if self.levels == MOST_LEVELS:
            raise NotStrict(None, None, "nested too deeply", self.peek_event().start_mark)  # type: ignore[no-untyped-call]  # the same
        self.levels += 1
        node = super().compose_node(parent, index)
        self.levels -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise NotStrict(None, None, "a key is one word", key.start_mark)
            if key.value in seen:
                raise NotStrict(None, None, f"repeated key {key.value}", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _decimal(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(node.value)


# YAML 1.1 reads on, off, yes and no as truth values, 12:30 as 750, 010 as 8, and days as objects. What has
# more digits than any number of a document stays a word.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _TAKEN_AWAY]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_TRUTH, re.compile("^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(_WHOLE, re.compile("^-?(?:0|[1-9][0-9]{0,17})$"), list("-0123456789"))
_Loader.add_implicit_resolver(_BROKEN, re.compile(r"^-?[0-9]{1,18}\.[0-9]{1,18}$"), list("-0123456789"))
_Loader.add_constructor(_BROKEN, _decimal)


def load(text: str) -> Any:
    """The plain data of one document. Raises yaml.YAMLError with the line of the fault."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - _Loader is a SafeLoader
