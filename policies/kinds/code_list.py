"""Code list: which words are allowed here."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from policies.form import Words
from policies.kinds.rule import Rule


class CodeList(Rule):
    """`list` names what is listed. An open list (等) gives examples: another word is let through with a
    warning. Of words that are not `combinable`, one at a time."""

    kind: Literal["code_list"]
    list: str
    codes: Words = Field(min_length=1)
    closed: bool = True
    combinable: bool = True

    @property
    def weight(self) -> int:
        return super().weight + len(self.codes)

    def subjects(self) -> tuple[str, ...]:
        return (self.list,)

    def places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield from super().places()
        yield "list", (self.list,)
        yield "codes", self.codes
