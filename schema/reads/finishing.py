"""What only Python can compute, put into an answer that the database has built.

The leaf of a row is the field's ordinary resolver, run over the row that the statement brought along; it
passes the same gates, batches by the same loaders and fails in the same way. `computed` counts them.
"""

from asyncio import gather
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

from graphql import get_named_type
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Executor

from schema.reads.declared import Mapped
from schema.reads.statements import ANY_KEY, ROW, Spot

# How often each field was computed in Python for a row that was read by a statement.
computed: Counter[str] = Counter()


@dataclass(slots=True)
class Finishing:
    executor: Executor
    words: dict[tuple[int, str], Any] = field(default_factory=dict)
    waiting: list[Awaitable[None]] = field(default_factory=list)

    async def finish(self, answer: Any, spot: Spot, path: Path) -> Any:
        """The answer, with everything computed that was left."""
        self._visit(answer, spot, path)
        while self.waiting:
            together, self.waiting = self.waiting, []
            # All are settled before one's fault is told: none goes on when the transaction has ended.
            for settled in await gather(*together, return_exceptions=True):
                if isinstance(settled, BaseException):
                    raise settled
        return answer

    def _visit(self, found: Any, spot: Spot, path: Path) -> None:
        if isinstance(found, list):
            for place, item in enumerate(found):
                self._visit(item, spot, path.add_key(place, None))
        elif isinstance(found, dict):
            self._object(found, spot, path)

    def _object(self, found: dict[str, Any], spot: Spot, path: Path) -> None:
        for key, below in spot.below.items():
            for name in list(found) if key == ANY_KEY else [key]:
                found[name] = self._below(found[name], below, path.add_key(name, None))
        for key in spot.words:
            if found[key] is not None:
                found[key] = self._word(found[key], key, spot, path)
        if spot.leaves:
            self._leaves(found, spot, path)

    def _below(self, found: Any, spot: Spot, path: Path) -> Any:
        if not spot.is_switch or found is None:
            self._visit(found, spot, path)
            return found
        [(kind, row)] = found.items()
        self._visit(row, spot.below.get(kind, Spot()), path)
        return row

    def _word(self, word: str, key: str, spot: Spot, path: Path) -> Any:
        """The word with its labels: the same for every row of a list."""
        known = self.words.get((id(spot.words[key]), word))
        if known is None:
            known = self._completed(word, key, spot, path)
            self.words[(id(spot.words[key]), word)] = known
        return known

    def _completed(self, word: str, key: str, spot: Spot, path: Path) -> Any:
        details = spot.words[key]
        assert spot.type is not None, "a word is a column of a row"
        field = spot.type.fields[details[0].node.name.value]
        info = self.executor.build_resolve_info(
            field, [one.node for one in details], spot.type, path.add_key(key, spot.type.name)
        )
        kind = get_named_type(field.type)
        shown: Any = kind.extensions["strawberry-definition"].origin
        return self.executor.complete_value(kind, details, info, info.path, shown.of(word), None)

    def _leaves(self, found: dict[str, Any], spot: Spot, path: Path) -> None:
        assert spot.kind is not None, "a leaf is a field of a row"
        assert spot.type is not None, "a leaf is a field of a row"
        source = spot.kind.of(row_of(spot.kind, found.pop(ROW)))
        for key, details in spot.leaves.items():
            computed[f"{spot.type.name}.{details[0].node.name.value}"] += 1
            at = path.add_key(key, spot.type.name)
            value = self.executor.execute_field(spot.type, source, details, at, None)
            if self.executor.is_awaitable(value):
                self.waiting.append(_put(found, key, value))
            else:
                found[key] = value


async def _put(found: dict[str, Any], key: str, value: Awaitable[Any]) -> None:
    found[key] = await value


def row_of(kind: type[Mapped], told: dict[str, Any]) -> Any:
    """The row of the model, from what the database tells of it as JSON."""
    meta = kind.model._meta
    fields = {meta.fields_db_projection_reverse[column]: value for column, value in told.items()}
    parsed = {name: meta.fields_map[name].to_python_value(value) for name, value in fields.items()}
    return kind.model._init_from_db(**parsed)
