"""Responsibility: who answers for what, with which liability, under whom, and what that lets them do."""

from collections.abc import Iterator
from typing import Literal

from policies.form import Words
from policies.kinds.rule import GroupForm, Rule, words_of


class Responsibility(Rule):
    """`grants` are powers: what is not granted is not granted. `delegable: false`: in person (亲自)."""

    kind: Literal["responsibility"]
    who: GroupForm
    matter: str
    liability: str | None = None
    under: GroupForm | None = None
    supervises: GroupForm | None = None
    grants: Words = ()
    delegable: bool = True

    def subjects(self) -> tuple[str, ...]:
        return (self.matter,)

    def places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield from super().places()
        yield "matter", (self.matter,)
        yield "liability", (self.liability,) if self.liability else ()
        yield "grants", self.grants
        yield "under", words_of(self.under)
        yield "supervises", words_of(self.supervises)
