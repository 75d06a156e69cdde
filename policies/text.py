"""Text: what a document tells. It decides nothing; with an act it is shown beside that act's answer."""

from typing import Literal

from policies.decisions import Group
from policies.rule import GroupForm, Rule


class Text(Rule):
    kind: Literal["text"]
    act: str | None = None
    who: GroupForm | None = None

    @property
    def asker(self) -> Group | None:
        return self.who

    def terms(self) -> tuple[str, ...]:
        return (*((self.act,) if self.act else ()), *(self.who.terms if self.who else ()))
