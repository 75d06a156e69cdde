"""Text: what a document tells. It decides nothing; with an act it is shown beside that act's answer."""

from collections.abc import Iterator
from typing import Literal

from policies.kinds.rule import Rule
from policies.outcomes import Group


class Text(Rule):
    kind: Literal["text"]
    act: str | None = None

    @property
    def asker(self) -> Group | None:
        return self.who

    def subjects(self) -> tuple[str, ...]:
        return (self.act,) if self.act else ()

    def places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield "act", (self.act,) if self.act else ()
        yield from super().places()
